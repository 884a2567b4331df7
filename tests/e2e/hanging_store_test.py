"""A store that hangs: connections are taken, nothing is answered. Real engines only."""
import concurrent.futures

import pytest

import client
from engines import needs_stack, stack
from outage import degraded
from waiting import poll

# A call waits 6 s at most and requests do not wait for each other; the HTTP layer would end them
# after 30 s.
ANSWERED_WITHIN_S = 20
AT_ONCE = 40


@pytest.fixture
def pause_store():
    """pause_store(): it hangs until it is resumed, in the end at the latest."""
    yield lambda: stack("pause", "store")
    stack("resume", "store")


def requests_of(somebody, order_id):
    """-> [(a request, whether it writes)]"""
    signed_up = somebody.signed_up_as
    login = {"username": signed_up["username"], "password": signed_up["password"]}
    return [
        (lambda: somebody.order(500, "meanwhile"), True),
        (lambda: somebody.order(500), True),
        (lambda: somebody.request("GET", "/api/v1/order/"), False),
        (lambda: somebody.get(order_id), False),
        (lambda: somebody.request("GET", "/me"), False),
        (lambda: client.request(somebody.url, "POST", "/login", login), True),
        (lambda: client.request(somebody.url, "POST", "/signup", client.new_user()), True),
    ]


def assert_honest(answer, writes):
    assert answer.status == 503, answer
    assert answer.json["retryable"] and answer.headers["Retry-After"]
    kinds = {"/problems/not-accepted"} | ({"/problems/outcome-unknown"} if writes else set())
    assert answer.json["type"] in kinds


@needs_stack
def test_a_hanging_store_is_told_in_time_and_passes(start_product, pause_store, monkeypatch):
    product = start_product()
    somebody = product.new_client()
    before = somebody.order(400, "before")
    requests = requests_of(somebody, before.json["orderId"])

    pause_store()
    monkeypatch.setattr(client, "TIMEOUT_S", ANSWERED_WITHIN_S)
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        sent = [(pool.submit(request), writes) for request, writes in requests * 6]
        for answer, writes in sent:
            assert_honest(answer.result(), writes)
    for service in (product.order_svc, product.user_svc):
        assert degraded(service) == ["store"]

    stack("resume", "store")
    poll(lambda: degraded(product.order_svc) == degraded(product.user_svc) == [], "recovery")
    again = poll(lambda: (a := somebody.order(500, "meanwhile")).status == 201 and a, "an order")
    assert somebody.order(500, "meanwhile").json["orderId"] == again.json["orderId"]
    for request, _ in requests:
        assert poll(lambda: request().status < 300, "each request to be taken again")
    assert somebody.order(400, "before").body == before.body
