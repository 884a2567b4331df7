"""Bad input gets one clear error, and nothing is stored."""
import json
import socket
import time

import pytest

import client
from product import Product
from tokens import mint_token

ORDER = "/api/v1/order/"
JSON = {"Content-Type": "application/json"}

# name: (body, headers beside the token, status, type, pointers)
BODIES = {
    "an unknown member": ('{"price":1,"vip":true}', {}, 400, "invalid-request", ["/vip"]),
    "a wrong type": ('{"price":"400"}', {}, 400, "invalid-request", ["/price"]),
    "three decimals": ('{"price":399.999}', {}, 400, "invalid-request", ["/price"]),
    "too much": ('{"price":1e13}', {}, 400, "invalid-request", ["/price"]),
    "nothing": ('{"price":0}', {}, 400, "invalid-request", ["/price"]),
    "all faults at once": ('{"a":1,"b/c":2}', {}, 400, "invalid-request",
                           ["/a", "/b~1c", "/price"]),
    "no object": ("[400]", {}, 400, "invalid-request", [""]),
    "NaN": ('{"price":NaN}', {}, 400, "malformed-json", None),
    "beyond a double": ('{"price":1e400}', {}, 400, "malformed-json", None),
    "beyond an int64": ('{"price":99999999999999999999}', {}, 400, "malformed-json", None),
    "a duplicate key": ('{"price":1,"price":1}', {}, 400, "malformed-json", None),
    "a NUL behind a number": ('{"price":400\0}', {}, 400, "malformed-json", None),
    "broken JSON": ('{"price":', {}, 400, "malformed-json", None),
    "no body": ("", {}, 400, "malformed-json", None),
    "another media type": ('{"price":1}', {"Content-Type": "text/plain"}, 415,
                           "unsupported-media-type", None),
    "a coded body": ('{"price":1}', {"Content-Encoding": "gzip"}, 415, "unsupported-media-type",
                     None),
    "too large a body": ('{"price":1,"a":"' + "x" * 16384 + '"}', {}, 413, "body-too-large", None),
    "an id with a blank": ('{"price":1}', {"X-Request-Id": "a b"}, 400, "request-id-required", None),
    "an id with a DEL": ('{"price":1}', {"X-Request-Id": "a\x7f"}, 400, "request-id-required", None),
    "a key with a control character": ('{"price":1}', {"Idempotency-Key": "a\x01"}, 400,
                                       "request-id-required", None),
    "too long an id": ('{"price":1}', {"X-Request-Id": "x" * 129}, 400, "request-id-required", None),
    "a bad key, and no falling back": ('{"price":1}', {"Idempotency-Key": '"half'}, 400,
                                       "request-id-required", None),
}


def assert_problem(answer, status, slug):
    assert (answer.status, answer.json["type"]) == (status, f"/problems/{slug}")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json["status"] == status
    assert answer.json["instance"] == answer.headers["X-Request-Id"]


@pytest.fixture(scope="module")
def product(tmp_path_factory):
    product = Product(tmp_path_factory.mktemp("bad-input") / "product")
    product.start()
    yield product
    product.stop()
    product.assert_clean_logs()


@pytest.fixture
def somebody(product):
    """A user of this test alone, who has no orders, before and after."""
    somebody = product.new_client()
    yield somebody
    assert somebody.orders() == []


@pytest.mark.parametrize("name", BODIES)
def test_bad_order(somebody, name):
    body, headers, status, slug, pointers = BODIES[name]
    answer = somebody.request("POST", ORDER, body, {"X-Request-Id": "bad"} | JSON | headers)
    assert_problem(answer, status, slug)
    if pointers is not None:
        assert sorted(error["pointer"] for error in answer.json["errors"]) == pointers
        assert all(error["code"] and error["detail"] for error in answer.json["errors"])


def test_no_request_id(somebody):
    assert_problem(somebody.request("POST", ORDER, {"price": 400}), 400, "request-id-required")


def test_tokens(product, somebody):
    secret, user = product.shared["JWT_SECRET"], somebody.user["_id"]
    expired = mint_token(secret, user, life_s=-60)
    forged = mint_token("another-" + secret, user, life_s=600)
    none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0." + expired.split(".")[1] + "."
    for token in (None, expired, forged, none, "x", ""):
        bearer = {} if token is None else {"Authorization": f"Bearer {token}"}
        for method, path, body in (("POST", ORDER, {"price": 400}), ("GET", ORDER, None),
                                   ("GET", ORDER + "0" * 24, None), ("GET", "/me", None)):
            answer = client.request(product.url, method, path, body,
                                    {"X-Request-Id": "anybody"} | bearer)
            assert_problem(answer, 401, "invalid-token")
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_queries_and_ids(somebody):
    for query in ("limit=0", "limit=1001", "limit=x", "limit=1&limit=2", "status=lost", "cursor=x"):
        assert_problem(somebody.request("GET", f"{ORDER}?{query}"), 400, "invalid-request")
    for order_id in ("0" * 24, "0" * 23, "X" * 24, "A" * 24):
        assert_problem(somebody.request("GET", ORDER + order_id), 404, "not-found")


def test_a_path_that_cannot_be_decoded_is_not_found(product):
    """Asked of the services themselves: the gateway refuses it first."""
    for service, path in ((product.order_svc, ORDER + "%zz"), (product.order_svc, "/%00"),
                          (product.user_svc, "/users/%"), (product.user_svc, "/%4/1")):
        url = f"http://127.0.0.1:{service.port}"
        assert_problem(client.request(url, "GET", path), 404, "not-found")


def test_another_users_order_is_not_found(product):
    owner, other = product.new_client(), product.new_client()
    order_id = owner.order(400, "mine").json["orderId"]
    assert owner.get(order_id).status == 200
    assert_problem(other.get(order_id), 404, "not-found")


def test_a_used_id_with_another_body(product):
    somebody = product.new_client()
    first = somebody.order(400, "used")
    assert_problem(somebody.order(401, "used"), 422, "request-id-reused")
    for same in ("400.00", "4e2", " 400 "):
        again = somebody.request("POST", ORDER.rstrip("/"), f'{{"price":{same}}}',
                                 {"X-Request-Id": "used"} | JSON)
        assert (again.status, again.body) == (201, first.body)
    assert [order["price"] for order in somebody.orders()] == [400]


# What a proxy and we could read differently.
SMUGGLED = {
    "two lengths": "POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
    "length and chunks": "POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
                         "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a blank before the colon": "POST {path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n"
                                "\r\n0\r\n\r\n",
    "two hosts": "GET {path} HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "no host": "GET {path} HTTP/1.1\r\n\r\n",
    "a folded line": "GET {path} HTTP/1.1\r\nHost: a\r\nX-A: b\r\n c\r\n\r\n",
    "a bare LF": "GET {path} HTTP/1.1\nHost: a\n\n",
    "no HTTP": "hello\r\n\r\n",
}


@pytest.mark.parametrize("name", SMUGGLED)
def test_malformed_http_is_refused_and_the_connection_closed(product, name):
    for service in (product.user_svc, product.order_svc):
        with socket.create_connection(("127.0.0.1", service.port), timeout=10) as door:
            request = SMUGGLED[name].format(path=ORDER)
            door.sendall((request + "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").encode())
            answer = b""
            while piece := door.recv(65536):
                answer += piece
        assert answer.startswith(b"HTTP/1.1 400 ") or answer == b"", answer
        assert answer.count(b"HTTP/1.1 ") <= 1, answer  # what followed was no second request


def test_a_slow_head_is_cut_off(product):
    """Nobody holds a connection by a byte now and then."""
    with socket.create_connection(("127.0.0.1", product.order_svc.port), timeout=15) as door:
        began = time.monotonic()
        door.settimeout(0.3)
        answer = b""
        for byte in "GET / HTTP/1.1\r\n" + "X-Slow: " + "x" * 60:
            try:
                door.sendall(byte.encode())
                piece = door.recv(65536)
            except TimeoutError:
                continue
            except OSError:
                break
            answer += piece
            if not piece:
                break
        assert time.monotonic() - began < 12, "still open"
    assert answer == b"" or json.loads(answer.partition(b"\r\n\r\n")[2])["status"] == 408
