"""What an outage looks like from outside, and that it ends."""
import client
from waiting import poll

ORDERS = 20
DRAIN_S = 90  # the longest backoff is 30


def degraded(service):
    answer = client.request(service.admin_url, "GET", "/readyz")
    assert answer.status == 200  # an outage does not turn it red
    return answer.json["degraded"]


def processing(somebody, order_id):
    return somebody.get(order_id).json["data"]["data"]["status"] == "processing"


def backlog(service, count):
    """-> all metrics, once so many orders wait."""
    metrics = service.metrics()
    return metrics["orders_pending"] == count and metrics


def old_backlog(service, count):
    metrics = backlog(service, count)
    return metrics and metrics["orders_oldest_pending_seconds"] >= 1 and metrics


def assert_backlog_waits(product):
    """Orders are taken without the broker, and nothing is parked. -> somebody, their ids"""
    somebody = product.new_client()
    answers = [somebody.order(price + 1) for price in range(ORDERS)]
    assert {answer.status for answer in answers} == {201}
    poll(lambda: degraded(product.order_svc) == ["broker"], "the outage to be seen")
    metrics = poll(lambda: old_backlog(product.order_svc, ORDERS), "the backlog to be seen")
    assert metrics["orders_parked"] == 0
    assert {order["status"] for order in somebody.orders()} == {"new"}
    return somebody, [answer.json["orderId"] for answer in answers]


def assert_drained(product, somebody, ids):
    poll(lambda: all(processing(somebody, i) for i in ids), "the backlog to drain", seconds=DRAIN_S)
    poll(lambda: degraded(product.order_svc) == [], "order-svc to be whole again")
    metrics = poll(lambda: backlog(product.order_svc, 0), "the backlog to be gone")
    assert (metrics["orders_parked"], metrics["orders_oldest_pending_seconds"]) == (0, 0)
    assert sorted({event["key"] for event in product.events()}) == sorted(ids)


def assert_backlog_waits_and_drains(product, mend):
    somebody, ids = assert_backlog_waits(product)
    mend()
    assert_drained(product, somebody, ids)
