"""Replicas of both services whose first start on one empty store coincides."""
import client
from engines import new_store_uri

ROUNDS, REPLICAS = 3, 3


def start_at_once(product, database):
    """-> (user-svc replicas, order-svc replicas), ready, on a store of that name that is empty"""
    product.user_settings["STORE_URI"] = new_store_uri(product.folder, f"user-{database}")
    product.order_settings["STORE_URI"] = new_store_uri(product.folder, f"order-{database}")
    users = [product.make_user_svc(f"user-{database}-{n}") for n in range(REPLICAS)]
    orders = [product.make_order_svc(f"order-{database}-{n}") for n in range(REPLICAS)]
    for replica in users + orders:
        product.add(replica)
    for replica in users + orders:
        replica.await_ready()
    return users, orders


def test_replicas_that_start_at_once_all_serve(start_product):
    product = start_product()
    for database in range(ROUNDS):
        users, orders = start_at_once(product, database)
        for user_svc, order_svc in zip(users, orders):
            token = client.Client(user_svc.url).token
            placed = client.request(order_svc.url, "POST", "/api/v1/order/", {"price": 400},
                                    {"Authorization": f"Bearer {token}", "X-Request-Id": "first"})
            assert placed.status == 201
        for replica in users + orders:
            assert replica.terminate() == 0
