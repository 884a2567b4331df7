"""Who may do what: each route of docs/openapi.yaml, tried by everybody there is. The document is held to
the services' tables first, so that no route is left out."""
import subprocess

import pytest

import client
import openapi
from engines import BIN
from product import Product
from samples import PASSWORD, sample, send
from tokens import claims_of, mint_token

ADMIN = ("admin", "nine-brown-ladders")  # product.make_user_svc has it
CHEAP_HASHES = {"ARGON2_MEMORY_KIB": "7168", "ARGON2_PASSES": "1"}


@pytest.fixture(scope="module")
def product(tmp_path_factory):
    product = Product(tmp_path_factory.mktemp("authorization") / "product", user=CHEAP_HASHES)
    product.start()
    yield product
    product.stop()
    product.assert_clean_logs()


@pytest.fixture(scope="module")
def admin(product):
    return client.LoggedIn(product.url, *ADMIN)


def table_of(program):
    done = subprocess.run([BIN / program], capture_output=True, text=True, check=True, timeout=60)
    return [tuple(line.split()) for line in done.stdout.splitlines()]


def test_document_is_the_tables():
    tables = table_of("user-routes") + table_of("order-routes")
    documented = [(method, path.rstrip("/"), who) for method, path, who in openapi.routes()]
    assert sorted(documented) == sorted(tables)


# --- Everybody: what they send as Authorization. ---

class World:
    def __init__(self, product, admin):
        self.product, self.admin = product, admin

    def change(self, user, **members):
        answer = self.admin.request("PATCH", f"/users/{user.user['_id']}", members)
        assert answer.status == 200, answer

    def log_in(self, user):
        return client.LoggedIn(self.product.url, user.user["username"], PASSWORD)

    def log_out(self, user):
        body = {"refreshToken": user.refresh_token}
        assert client.request(self.product.url, "POST", "/logout", body).status == 204

    def minted(self, user, **claims):
        """The user's token with other claims, by the right key."""
        return mint_token(self.product.shared["JWT_SECRET"], user.user["_id"], 600,
                          **claims_of(user.token) | claims)


def player(world):
    return world.product.new_client().token


def minted(world):
    """So that what refuses its like below is not the way they are made."""
    return world.minted(world.product.new_client())


def made_admin(world):
    user = world.product.new_client()
    world.change(user, role="admin")
    return world.log_in(user)


def promoted(world):
    user = world.product.new_client()
    world.change(user, role="admin")
    return user.token


def demoted(world):
    user = made_admin(world)
    world.change(user, role="player")
    return user.token


def expired(world):
    claims = claims_of((user := world.product.new_client()).token)
    return world.minted(user, iat=claims["iat"] - 600, exp=claims["iat"] - 60)


def deactivated(world):
    user = world.product.new_client()
    world.change(user, active=False)
    return user.token


def deactivated_admin(world):
    user = made_admin(world)
    world.change(user, active=False)
    return user.token


def active_again(world):
    """The sessions that ended with the account's activity stay so."""
    user = world.product.new_client()
    world.change(user, active=False)
    world.change(user, active=True)
    return user.token


def logged_out(world):
    user = world.product.new_client()
    world.log_out(user)
    return user.token


def logged_out_elsewhere(world):
    user = world.product.new_client()
    world.log_out(world.log_in(user))
    return user.token


def others_deleted(world):
    """Another user's end is that user's alone."""
    user, other = world.product.new_client(), world.product.new_client()
    assert world.admin.request("DELETE", f"/users/{other.user['_id']}").status == 204
    return user.token


def deleted(world):
    user = world.product.new_client()
    assert world.admin.request("DELETE", f"/users/{user.user['_id']}").status == 204
    return user.token


def with_anothers_session(world):
    """A live one, but not of the token's user."""
    user, other = world.product.new_client(), world.product.new_client()
    return world.minted(user, sid=claims_of(other.token)["sid"])


def bearer(make):
    return lambda world: {"Authorization": f"Bearer {make(world)}"}


# name: (headers, what user-svc takes the caller for, and order-svc, which has but the token)
CALLERS = {
    "no token": (lambda world: {}, None, None),
    "no token in the header": (lambda world: {"Authorization": "Bearer"}, None, None),
    "another scheme": (lambda world: {"Authorization": "Basic YWRtaW46YWRtaW4="}, None, None),
    "malformed": (bearer(lambda world: "a.b.c"), None, None),
    "expired": (bearer(expired), None, None),
    "player": (bearer(player), "player", "player"),
    "minted by the test": (bearer(minted), "player", "player"),
    "admin": (bearer(lambda world: made_admin(world).token), "admin", "admin"),
    "promoted since": (bearer(promoted), "admin", "player"),
    "demoted since": (bearer(demoted), "player", "admin"),
    "deactivated": (bearer(deactivated), None, "player"),
    "deactivated admin": (bearer(deactivated_admin), None, "admin"),
    "active again": (bearer(active_again), None, "player"),
    "logged out": (bearer(logged_out), None, "player"),
    "logged out elsewhere": (bearer(logged_out_elsewhere), "player", "player"),
    "another user deleted": (bearer(others_deleted), "player", "player"),
    "deleted": (bearer(deleted), None, "player"),
    "with another user's session": (bearer(with_anothers_session), None, "player"),
}


def expected(who, role, wanted):
    """-> (status, problem type)"""
    if who != "anyone" and role is None:
        return 401, "/problems/invalid-token"
    if who == "admin" and role != "admin":
        return 403, "/problems/forbidden"
    return wanted.status, wanted.problem


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("method, path, who", openapi.routes(),
                         ids=lambda part: part.strip("/") if isinstance(part, str) else None)
def test_route_lets_in_whom_it_should(product, admin, method, path, who, caller):
    headers, at_user_svc, at_order_svc = CALLERS[caller]
    role = at_order_svc if path.startswith("/api/v1/order/") else at_user_svc
    somebody = product.new_client()
    wanted = sample(method, path, somebody)

    answer = send(product.url, method, wanted, headers(World(product, admin)))
    problem = answer.json["type"] if answer.status >= 400 else None
    assert (answer.status, problem) == expected(who, role, wanted)
    if answer.status in (401, 403):
        left = somebody.request("GET", "/me")  # by what is only refused
        assert left.json["data"]["user"] == somebody.user
    if answer.status == 401:
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    if path == "/auth" and answer.status == 200:
        assert answer.headers["X-User-Role"] == role
