"""Store and broker fail under a running service: honest answers, `degraded`, and recovery without a
restart."""
import resource

import client
from outage import assert_backlog_waits_and_drains, backlog, degraded, processing
from waiting import poll


def limit_files(service, limited):
    """No write to any file of the process succeeds, as on a full disk; it works for root too."""
    size = 0 if limited else resource.RLIM_INFINITY
    resource.prlimit(service.child.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def test_full_disk(start_product):
    product = start_product()
    somebody = product.new_client()
    before = somebody.order(400, "before")
    poll(lambda: processing(somebody, before.json["orderId"]), "the first order to be processing")

    limit_files(product.order_svc, True)
    refused = somebody.order(500, "meanwhile")
    assert refused.status == 503
    assert refused.json["type"] in ("/problems/not-accepted", "/problems/outcome-unknown")
    assert refused.json["retryable"] and refused.headers["Retry-After"]
    assert degraded(product.order_svc) == ["store"]
    assert somebody.get(before.json["orderId"]).status == 200  # reading goes on

    limit_files(product.order_svc, False)
    again = somebody.order(500, "meanwhile")
    assert again.status == 201
    copy = somebody.order(400, "before")
    assert (copy.body, copy.headers["Idempotent-Replayed"]) == (before.body, "true")
    poll(lambda: degraded(product.order_svc) == [], "order-svc to be whole again")
    poll(lambda: processing(somebody, again.json["orderId"]), "the order to be processing")
    assert [order["price"] for order in somebody.orders()] == [400, 500]


def test_full_disk_recovers_though_nobody_asks(start_product):
    product = start_product()
    somebody = product.new_client()
    limit_files(product.order_svc, True)
    assert somebody.order(500).status == 503
    limit_files(product.order_svc, False)
    poll(lambda: degraded(product.order_svc) == [], "order-svc to be whole again")


def test_accounts_on_a_full_disk(start_product):
    product = start_product()
    limit_files(product.user_svc, True)
    refused = client.request(product.url, "POST", "/signup", client.new_user())
    assert (refused.status, degraded(product.user_svc)) == (503, ["store"])
    limit_files(product.user_svc, False)
    poll(lambda: degraded(product.user_svc) == [], "user-svc to be whole again")
    product.new_client()


def test_broker_down(start_product):
    product = start_product(order={"PUBLISH_TIMEOUT_MS": "1000"})
    product.broker.command("down")
    assert_backlog_waits_and_drains(product, lambda: product.broker.command("up"))


def test_topic_missing(start_product):
    product = start_product(order={"PUBLISH_TIMEOUT_MS": "1000"})
    product.order_svc.terminate()
    product.broker.command("topic-error 3")  # unknown topic or partition
    product.order_svc.start()
    product.order_svc.await_ready()
    assert_backlog_waits_and_drains(product, lambda: product.broker.command("topic-error 0"))


def test_an_event_that_is_refused_alone_is_parked(start_product):
    """A refusal in a batch blames nobody: they are sent one by one, and only one is refused then."""
    # One batch to one partition is one request.
    product = start_product(order={"SCHEDULER_LINGER_MS": "3000"}, partitions=1)
    somebody = product.new_client()
    product.broker.command("fail 2 87")  # invalid record: the batch, then the first one alone
    for price in range(5):
        assert somebody.order(price + 1).status == 201
    poll(lambda: product.order_svc.metrics()["orders_parked"] == 1, "one to be parked")
    poll(lambda: backlog(product.order_svc, 0), "the others to be done")
    statuses = [order["status"] for order in somebody.orders()]
    assert sorted(statuses) == ["new"] + ["processing"] * 4
    assert len({event["key"] for event in product.events()}) == 4


def test_a_broken_producer_is_made_anew(start_product):
    """And what may be in the topic twice for it is counted."""
    product = start_product()
    somebody = product.new_client()
    product.broker.command("fail 1 45")  # out of order sequence number: fatal for a producer
    order_id = somebody.order(400).json["orderId"]
    poll(lambda: processing(somebody, order_id), "the order to be processing")
    metrics = product.order_svc.metrics()
    assert metrics['relay_repeats_possible_total{cause="producer rebuilt"}'] == 1
    assert metrics["orders_parked"] == 0
    assert {event["key"] for event in product.events()} == {order_id}
    poll(lambda: degraded(product.order_svc) == [], "order-svc to be whole again")
