"""The event of an order, as an outside consumer reads it from the topic."""
import json
import re

from engines import needs_dev_broker
from waiting import poll

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def event_of(product, order_id):
    """Waits for it."""
    def find():
        return [event for event in product.events() if event["key"] == order_id]
    return poll(find, "the event")[0]


def processing(client, order_id):
    return client.get(order_id).json["data"]["data"]["status"] == "processing"


def test_event_says_what_the_contract_says(start_product):
    product = start_product()
    client = product.new_client()
    order_id = client.order(399.99, headers={"traceparent": TRACEPARENT}).json["orderId"]
    event = event_of(product, order_id)
    order = client.get(order_id).json["data"]["data"]

    assert json.loads(event["value"]) == {
        "orderId": order_id, "userId": client.user["_id"], "price": 399.99, "status": "new",
        "date": order["date"]}
    trace = event["headers"].pop("traceparent")
    assert re.fullmatch("00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01", trace)
    assert event["headers"] == {
        "ce_specversion": "1.0",
        "ce_id": f"{order_id}.created",
        "ce_type": "homework.arch.order.created.v1",
        "ce_source": "/order-svc",
        "ce_time": order["date"],
        "ce_subject": order_id,
        "content-type": "application/json"}


def test_event_of_a_request_without_a_trace_has_none(start_product):
    product = start_product()
    event = event_of(product, product.new_client().order(1).json["orderId"])
    assert "traceparent" not in event["headers"]


def test_a_copy_makes_no_second_event(start_product):
    product = start_product()
    client = product.new_client()
    first = client.order(400, "the-same")
    copy = client.order(400, "the-same")
    last = client.order(500).json["orderId"]
    event_of(product, last)
    poll(lambda: processing(client, first.json["orderId"]), "the order to be processing")

    assert (copy.status, copy.body) == (201, first.body)
    assert sorted(event["key"] for event in product.events()) == sorted(
        [first.json["orderId"], last])


def test_order_stays_new_until_a_scheduler_publishes_it(start_product):
    product = start_product(order={"SCHEDULER_ENABLED": "false"})
    client = product.new_client()
    order_id = client.order(400).json["orderId"]
    poll(lambda: product.order_svc.metrics()["orders_pending"] == 1, "the order to be pending")
    assert [order["status"] for order in client.orders()] == ["new"]
    assert product.events() == []

    product.order_settings = {}
    product.add(product.make_order_svc("order-svc-with-scheduler"))
    poll(lambda: processing(client, order_id), "the order to be processing")
    assert [event["key"] for event in product.events()] == [order_id]


@needs_dev_broker
def test_events_wait_for_a_broker_that_is_down(start_product):
    product = start_product()
    client = product.new_client()
    product.broker.command("down")
    order_id = client.order(400).json["orderId"]
    poll(lambda: product.order_svc.metrics()["orders_pending"] == 1, "the order to be pending")
    assert not processing(client, order_id)

    product.broker.command("up")
    poll(lambda: processing(client, order_id), "the order to be processing", seconds=90)
    assert order_id in [event["key"] for event in product.events()]
