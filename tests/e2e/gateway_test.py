"""What the gateway adds, and above all what it leaves alone."""
import socket
import uuid

import client


def test_ids_pass_untouched_both_ways(start_product):
    product = start_product()
    for request_id in ("a", "x" * 128, "!#$%&'*+-.^_`|~/:;<=>?@[]{}()"):
        answer = client.request(product.url, "GET", "/nowhere", headers={"X-Request-Id": request_id})
        assert (answer.status, answer.headers["X-Request-Id"]) == (404, request_id)


def test_raw_path_passes_undecoded(start_product):
    product = start_product()
    for path in ("/a/%2e%2e/signup", "//signup", "/api/v1/orders", "/signup/%2F"):
        straight = client.request(product.user_svc.url, "GET", path)
        through = client.request(product.url, "GET", path)
        assert through.status == straight.status, path
        assert through.json["type"] == straight.json["type"], path


def test_order_path_goes_to_order_svc_with_and_without_its_slash(start_product):
    product = start_product()
    user = product.new_client()
    for path in ("/api/v1/order", "/api/v1/order/", "/api/v1/order?limit=1"):
        assert user.request("GET", path).status == 200, path


def test_a_token_too_long_for_a_default_proxy_reaches_the_service(start_product):
    answer = client.request(start_product().url, "GET", "/me",
                            headers={"Authorization": "Bearer " + "a" * 10000})
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_silence_of_a_service_is_an_honest_503(start_product):
    product = start_product()
    user = product.new_client()
    product.order_svc.kill()
    request_id = str(uuid.uuid4())
    answer = user.order(400, request_id)

    assert answer.status == 503
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Retry-After"] == "1"
    assert answer.headers["X-Request-Id"] == request_id
    assert answer.json["type"] == "/problems/outcome-unknown"
    assert answer.json["instance"] == request_id
    assert answer.json["retryable"] is True
    read = user.request("GET", "/api/v1/order/")
    assert (read.status, read.json["type"]) == (503, "/problems/not-accepted")

    product.order_svc.start()
    product.order_svc.await_ready()
    assert user.order(400, request_id).status == 201


def test_far_too_large_a_body_is_refused_as_a_problem(start_product):
    answer = client.request(start_product().url, "POST", "/signup", b" " * (2 << 20),
                            {"Content-Type": "application/json"})
    assert answer.status == 413
    assert answer.json["type"] == "/problems/body-too-large"


def test_what_the_gateway_itself_refuses_is_a_problem_with_an_id(start_product):
    product = start_product()
    for head in ("POST /signup HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n",
                 "GET /me HTTP/2.0\r\n"):
        with socket.create_connection(("127.0.0.1", product.gateway.port)) as door:
            door.sendall(f"{head}Host: arch.homework\r\nConnection: close\r\n\r\n".encode())
            answer = door.makefile("rb").read().decode()
        assert answer.startswith("HTTP/1.1 400 "), answer
        assert "\r\nX-Request-Id: " in answer
        assert '"type":"/problems/invalid-request"' in answer


def test_a_path_of_the_gateways_own_is_unknown_to_clients(start_product):
    url = start_product().url
    for method in ("GET", "POST"):
        unknown, own, disguised = (
            client.request(url, method, path, headers={"X-Request-Id": "mine"})
            for path in ("/nowhere", "/gateway/refused", "/gateway/%72efused?a=1"))
        assert (own.status, own.headers["X-Request-Id"]) == (404, "mine")
        assert own.headers["Content-Type"] == "application/problem+json"
        assert own.json == disguised.json == unknown.json
