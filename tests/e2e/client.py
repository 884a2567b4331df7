"""A user of the product, over plain HTTP."""
import http.client
import json
import uuid
from dataclasses import dataclass
from urllib.parse import urlsplit

import openapi

TIMEOUT_S = 30


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


def request(url, method, path, body=None, headers=None):
    """One request on a connection of its own. A dict goes out as JSON; the answer must be one that
    docs/openapi.yaml describes."""
    headers = dict(headers or {})
    if isinstance(body, dict):
        body = json.dumps(body)
        headers.setdefault("Content-Type", "application/json")
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT_S)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        answer = Answer(answer.status, answer.headers, answer.read())
    finally:
        connection.close()
    openapi.check(method, path, answer)
    return answer


def new_user():
    """A signup body that no one has sent before."""
    name = "user-" + uuid.uuid4().hex[:16]
    return {"username": name, "firstName": "Anna", "lastName": "Novak", "phone": "+420123456789",
            "email": f"{name}@example.com", "password": "four-green-kettles",
            "passwordConfirm": "four-green-kettles"}


class Client:
    """Somebody who has signed up. `url` is the gateway's."""

    def __init__(self, url):
        self.url = url
        self.signed_up_as = new_user()
        answer = request(url, "POST", "/signup", self.signed_up_as)
        assert answer.status == 201, answer
        self.take_session(answer)

    def take_session(self, answer):
        self.token, self.refresh_token = answer.json["token"], answer.json["refreshToken"]
        self.user = answer.json["data"]["user"]

    def request(self, method, path, body=None, headers=None):
        bearer = {"Authorization": f"Bearer {self.token}"}
        return request(self.url, method, path, body, bearer | (headers or {}))

    def order(self, price, request_id=None, headers=None):
        request_id = request_id or str(uuid.uuid4())
        return self.request("POST", "/api/v1/order/", {"price": price},
                            {"X-Request-Id": request_id} | (headers or {}))

    def orders(self):
        answer = self.request("GET", "/api/v1/order/")
        assert answer.status == 200, answer
        return answer.json["data"]["data"]

    def get(self, order_id):
        return self.request("GET", f"/api/v1/order/{order_id}")


class LoggedIn(Client):
    """Somebody who has an account already."""

    def __init__(self, url, username, password):
        self.url = url
        answer = request(url, "POST", "/login", {"username": username, "password": password})
        assert answer.status == 200, answer
        self.take_session(answer)
