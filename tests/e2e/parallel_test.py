"""A thousand requests at one time: one key makes one order, a thousand keys a thousand."""
import collections

from at_once import post_request, send_at_once
from engines import turned_clock
from tokens import mint_token
from waiting import poll

COUNT = 1000
DAY_MS = 24 * 3600 * 1000


def post(token, request_id, price):
    return post_request("/api/v1/order/", {"price": price},
                        {"Authorization": f"Bearer {token}", "X-Request-Id": request_id})


def order_ids(answers):
    assert collections.Counter(status for status, _, _ in answers) == {201: len(answers)}
    return [body["orderId"] for _, _, body in answers]


def all_orders(client):
    orders, cursor = [], ""
    while cursor is not None:
        page = client.request("GET", f"/api/v1/order/?limit=300{cursor}").json
        orders += page["data"]["data"]
        cursor = f"&cursor={page['next']}" if "next" in page else None
    return orders


def await_processing(client, count):
    def done():
        orders = all_orders(client)
        return len(orders) == count and all(o["status"] == "processing" for o in orders) and orders
    return poll(done, f"{count} orders to be processing")


def test_one_key_a_thousand_times_at_once(start_product):
    product = start_product()
    client = product.new_client()
    answers = send_at_once(product.order_svc.url, [post(client.token, "one", 400)] * COUNT)

    ids = order_ids(answers)
    assert len(set(ids)) == 1
    first = [headers for _, headers, _ in answers if "idempotent-replayed" not in headers]
    assert len(first) == 1  # one made the order, the others were told
    await_processing(client, 1)
    assert [event["key"] for event in product.events()] == [ids[0]]


def test_a_thousand_keys_at_once_purged_and_sent_again(start_product):
    product = start_product()
    client = product.new_client()
    requests = [post(client.token, f"key-{n}", n + 0.25) for n in range(COUNT)]
    ids = order_ids(send_at_once(product.order_svc.url, requests))
    assert len(set(ids)) == COUNT
    orders = await_processing(client, COUNT)
    events = product.events()
    assert sorted(event["key"] for event in events) == sorted(ids)

    # Two days on the purge itself takes every record.
    product.order_svc.terminate()
    product.order_svc.environment |= turned_clock(2 * DAY_MS)
    product.order_svc.environment["JWT_TTL"] = str(7 * DAY_MS // 1000)
    product.order_svc.start()
    product.order_svc.await_ready()
    poll(lambda: product.order_svc.metrics()["records_purged_total"] == COUNT, "the purge")
    token = mint_token(product.shared["JWT_SECRET"], client.user["_id"], life_s=6 * DAY_MS // 1000)

    requests = [post(token, f"key-{n}", n + 0.25) for n in range(COUNT)]
    again = send_at_once(product.order_svc.url, requests)
    assert order_ids(again) == ids
    assert all(headers["idempotent-replayed"] == "true" for _, headers, _ in again)
    client.token = token
    poll(lambda: product.order_svc.metrics()["orders_pending"] == 0, "the records to be closed")
    assert all_orders(client) == orders
    assert len(product.events()) == COUNT
