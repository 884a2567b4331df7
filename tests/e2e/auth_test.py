"""What others judge access tokens by: GET /auth, also as a proxy asks it, and the public keys."""
import re

import jwt
import pytest

import client
from engines import ROOT, turned_clock
from product import Gateway
from token_keys import TokenKeys

ORDERS = "/api/v1/order/"


def log_out(product, user):
    answer = client.request(product.url, "POST", "/logout", {"refreshToken": user.refresh_token})
    assert answer.status == 204


def test_a_living_session_is_told_and_a_dead_one_is_not(start_product):
    product = start_product()
    user = product.new_client()
    answer = user.request("GET", "/auth")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["X-User-Id"] == user.user["_id"]
    assert answer.headers["X-User-Role"] == "player"
    assert answer.headers["Cache-Control"] == "no-store"
    assert user.request("HEAD", "/auth").headers["X-User-Id"] == user.user["_id"]

    log_out(product, user)
    answer = user.request("GET", "/auth")
    assert answer.status == 401 and "X-User-Id" not in answer.headers
    assert client.request(product.url, "GET", "/auth").status == 401


def test_the_role_is_the_one_of_now(start_product):
    product = start_product()
    user = product.new_client()
    admin = client.LoggedIn(product.url, "admin", "nine-brown-ladders")
    assert admin.request("PATCH", f"/users/{user.user['_id']}", {"role": "admin"}).status == 200
    assert user.request("GET", "/auth").headers["X-User-Role"] == "admin"

    assert admin.request("PATCH", f"/users/{user.user['_id']}", {"active": False}).status == 200
    assert user.request("GET", "/auth").status == 401


def auth_request(configuration):
    """The gateway, with what docs/proxies.md says to set."""
    text = (ROOT / "docs" / "proxies.md").read_text()
    inside, beside = re.findall(r"^```nginx\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    before_order_svc = r"(?=proxy_pass http://order_svc;)"
    configuration, count = re.subn(before_order_svc, lambda _: inside, configuration)
    assert count == 2
    return configuration.replace("location @unknown_method", f"{beside}\nlocation @unknown_method")


@pytest.fixture
def product(start_product):
    return start_product()


@pytest.fixture
def asking(product):
    """The URL of a proxy that asks GET /auth before it lets anybody to order-svc."""
    gateway = product.add(Gateway(product.folder, product.user_svc.port, product.order_svc.port,
                                  "asking", auth_request))
    gateway.await_ready()
    return gateway.url


def order_at(url, user, price=400):
    return client.request(url, "POST", ORDERS, {"price": price},
                          {"Authorization": f"Bearer {user.token}", "X-Request-Id": "order-1"})


def test_a_proxy_that_asks_ends_a_token_with_its_session(product, asking):
    user = product.new_client()
    first = order_at(asking, user)
    assert first.status == 201
    assert order_at(asking, user).headers["Idempotent-Replayed"] == "true"

    log_out(product, user)
    refused = order_at(asking, user)
    assert refused.status == 401
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.headers.get_all("WWW-Authenticate") == [
        'Bearer realm="arch.homework", error="invalid_token"']
    assert refused.json["instance"] == refused.headers["X-Request-Id"] == "order-1"

    # Without the question the token lives to its exp.
    assert order_at(product.url, user).json == first.json


def test_a_token_lives_to_its_exp_where_nobody_asks(start_product):
    product = start_product(user={"JWT_TTL": "3600"}, order={"JWT_TTL": "3600"})
    user = product.new_client()
    log_out(product, user)
    assert order_at(product.url, user).status == 201
    # The leeway for clocks that differ is 30 s.
    product.order_svc.stop()
    product.order_svc.environment.update(turned_clock((3600 + 30) * 1000))
    product.order_svc.start()
    product.order_svc.await_ready()
    assert order_at(product.url, user).status == 401


def test_a_proxy_that_cannot_ask_accepts_nothing(product, asking):
    user = product.new_client()
    product.user_svc.kill()
    answer = order_at(asking, user)
    assert answer.status == 503
    assert answer.json["type"] == "/problems/not-accepted"
    assert answer.headers["Retry-After"] == "1"
    assert answer.json["retryable"] is True
    accepted = order_at(product.url, user)
    assert accepted.status == 201 and "Idempotent-Replayed" not in accepted.headers


def test_the_refusals_of_order_svc_pass_a_proxy_that_asks(product, asking):
    user = product.new_client()
    answer = order_at(asking, user, price=-1)
    assert answer.status == 400
    assert answer.json["errors"][0]["pointer"] == "/price"


def test_a_shared_secret_is_never_told(product):
    answer = client.request(product.url, "GET", "/.well-known/jwks.json")
    assert answer.json == {"keys": []}
    assert product.shared["JWT_SECRET"].encode() not in answer.body


def test_anybody_checks_tokens_by_the_public_keys(start_product, tmp_path):
    keys = TokenKeys(tmp_path / "keys")
    keys.add("key-1")
    keys.add("key-2")
    product = start_product(user=keys.user_settings("key-2"), order=keys.order_settings())
    user = product.new_client()
    answer = client.request(product.url, "GET", "/.well-known/jwks.json")
    assert answer.headers["Cache-Control"] == "public, max-age=300"

    by_kid = {key.key_id: key.key for key in jwt.PyJWKSet.from_dict(answer.json).keys}
    assert sorted(by_kid) == ["key-1", "key-2"]
    assert jwt.get_unverified_header(user.token)["kid"] == "key-2"
    told = jwt.decode(user.token, by_kid["key-2"], ["ES256"], audience="arch.homework")
    assert told["sub"] == user.user["_id"]
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(user.token, by_kid["key-1"], ["ES256"], audience="arch.homework")
