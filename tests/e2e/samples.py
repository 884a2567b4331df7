"""A request of each route that is answered as documented where its caller is let in."""
import uuid
from dataclasses import dataclass, field

import client

NOBODY = "0" * 24
PASSWORD = client.new_user()["password"]
NEW_PASSWORD = "five-green-kettles"
NEW_PASSWORDS = {"password": NEW_PASSWORD, "passwordConfirm": NEW_PASSWORD}


@dataclass
class Sample:
    path: str
    status: int  # of the answer
    body: dict | None = None
    headers: dict = field(default_factory=dict)
    problem: str | None = None  # its type, where the answer is one


def sample(method, path, somebody):
    """`somebody` else is who it is about, where it is about somebody."""
    user = f"/users/{somebody.user['_id']}"
    name = somebody.user["username"]
    return {
        "POST /signup": lambda: Sample(path, 201, client.new_user()),
        "POST /login": lambda: Sample(path, 200, {"username": name, "password": PASSWORD}),
        "POST /refresh": lambda: Sample(path, 200, {"refreshToken": somebody.refresh_token}),
        "POST /logout": lambda: Sample(path, 204, {"refreshToken": somebody.refresh_token}),
        "POST /forgot-password": lambda: Sample(path, 202, {"email": somebody.user["email"]}),
        "POST /reset-password": lambda: Sample(path, 410, {"token": "unknown"} | NEW_PASSWORDS,
                                               problem="/problems/reset-token-invalid"),
        "GET /me": lambda: Sample(path, 200),
        "PATCH /me": lambda: Sample(path, 200, {"firstName": "Alicia"}),
        "DELETE /me": lambda: Sample(path, 204),
        "POST /me/password": lambda: Sample(path, 200, {"currentPassword": PASSWORD} | NEW_PASSWORDS),
        "GET /users": lambda: Sample(path, 200),
        "POST /users": lambda: Sample(path, 201, client.new_user()),
        "GET /users/{id}": lambda: Sample(user, 200),
        "PATCH /users/{id}": lambda: Sample(user, 200, {"firstName": "Alicia"}),
        "DELETE /users/{id}": lambda: Sample(user, 204),
        "GET /audit": lambda: Sample(path, 200),
        "GET /auth": lambda: Sample(path, 200),
        "GET /.well-known/jwks.json": lambda: Sample(path, 200),
        "POST /api/v1/order/": lambda: Sample(path, 201, {"price": 400},
                                              {"X-Request-Id": str(uuid.uuid4())}),
        "GET /api/v1/order/": lambda: Sample(path, 200),
        "GET /api/v1/order/{id}": lambda: Sample(f"/api/v1/order/{NOBODY}", 404,
                                                 problem="/problems/not-found"),
    }[f"{method} {path}"]()


def send(url, method, wanted, headers=None):
    return client.request(url, method, wanted.path, wanted.body, wanted.headers | (headers or {}))
