"""A key of access tokens is replaced under load, and no request fails: it is added everywhere, then
signs, then the old one is removed. Only then are tokens of the old one refused."""
import threading
import uuid

import jwt

import client
from token_keys import TokenKeys
from tokens import new_claims
from waiting import poll

ORDERS = "/api/v1/order/"
SOME = 5  # answers of each client, so that a step is seen under load and not between two requests


class Load(threading.Thread):
    """One user, who places an order and reads its account, over and over. One that refreshes has
    always a token of the key that signs now; one that does not keeps its first."""

    def __init__(self, product, refreshes):
        super().__init__()
        self.user = product.new_client()
        self.orders_url, self.user_url = product.url, product.user_svc.url
        self.refreshes = refreshes
        self.rounds = 0
        self.failed = []
        self.ended = threading.Event()

    @property
    def kid(self):
        return jwt.get_unverified_header(self.user.token)["kid"]

    def run(self):
        try:
            while not self.ended.is_set() and not self.failed:
                self.one_round()
                self.rounds += 1
        except OSError as error:
            self.failed.append(error)

    def one_round(self):
        if self.refreshes:
            answer = self.expect(200, self.user_url, "POST", "/refresh",
                                 {"refreshToken": self.user.refresh_token})
            self.user.token, self.user.refresh_token = (
                answer.json["token"], answer.json["refreshToken"])
        bearer = {"Authorization": f"Bearer {self.user.token}"}
        self.expect(201, self.orders_url, "POST", ORDERS, {"price": 400},
                    bearer | {"Idempotency-Key": str(uuid.uuid4())})
        self.expect(200, self.user_url, "GET", "/me", headers=bearer)

    def expect(self, status, *request, **options):
        answer = client.request(*request, **options)
        if answer.status != status:
            self.failed.append(answer)
        return answer

    def end(self):
        self.ended.set()
        self.join()


def await_rounds(loads, count=SOME):
    """That many more of each, from now on."""
    wanted = [load.rounds + count for load in loads]

    def done():
        assert [load.failed for load in loads] == [[] for _ in loads]
        return all(load.rounds >= rounds for load, rounds in zip(loads, wanted))
    poll(done, "requests to be answered")


def published_kids(url):
    return {key["kid"] for key in client.request(url, "GET", "/.well-known/jwks.json").json["keys"]}


def status(service, path, token):
    bearer = {"Authorization": f"Bearer {token}"}
    return client.request(service.url, "GET", path, headers=bearer).status


def test_a_key_is_replaced_under_load(start_product, tmp_path):
    keys = TokenKeys(tmp_path / "keys")
    keys.add("old")
    product = start_product(user=keys.user_settings("old"), order=keys.order_settings())
    keepers = [Load(product, refreshes=False) for _ in range(2)]
    refreshers = [Load(product, refreshes=True) for _ in range(2)]
    loads = keepers + refreshers
    try:
        for load in loads:
            load.start()
        await_rounds(loads)
        assert {load.kid for load in loads} == {"old"}

        keys.add("new")
        early = jwt.encode(new_claims(keepers[0].user.user["_id"], 600), keys.private_pem("new"),
                           "ES256", {"kid": "new"})
        poll(lambda: status(product.order_svc, ORDERS, early) == 200,
             "order-svc to know the new key")
        poll(lambda: published_kids(product.user_svc.url) == {"old", "new"}, "user-svc to know it")
        await_rounds(loads)
        assert {load.kid for load in loads} == {"old"}

        activate(product, keys, loads)
        await_rounds(loads)
        assert {load.kid for load in refreshers} == {"new"}
        assert {load.kid for load in keepers} == {"old"}

        for load in keepers:
            load.end()
        keys.remove("old")
        poll(lambda: published_kids(product.user_svc.url) == {"new"},
             "user-svc to forget the old key")
        poll(lambda: status(product.order_svc, ORDERS, keepers[0].user.token) == 401,
             "order-svc to forget it")
        await_rounds(refreshers)
        for load in keepers:
            assert status(product.user_svc, "/me", load.user.token) == 401
            assert status(product.order_svc, ORDERS, load.user.token) == 401
    finally:
        for load in loads:
            load.end()
    assert [load.failed for load in loads] == [[] for _ in loads]


def activate(product, keys, loads):
    """As a rolling update does it: a replica that signs with the new key, then the old one goes."""
    old = product.user_svc
    product.user_settings.update(keys.user_settings("new"))
    product.user_svc = product.add(product.make_user_svc("user-svc-2"))
    product.user_svc.await_ready()
    for load in loads:
        load.user_url = product.user_svc.url
    await_rounds(loads, 2)  # the one that had begun before may still be at the old one
    assert old.terminate() == 0
