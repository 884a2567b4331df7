"""No secret leaves: every route is walked, by players and admins, rightly and wrongly, and then all that
was answered and logged is searched for the secrets of everybody."""
import base64
import email
import random
import secrets

import pytest

import client
import openapi
from mailbox import Mailbox, token_of
from product import Product
from samples import NEW_PASSWORD, NEW_PASSWORDS, PASSWORD, sample, send
from tokens import claims_of
from user_store_reader import open_user_store
from waiting import poll

ADMIN_PASSWORD = "nine-brown-ladders"  # product.make_user_svc has it
WRONG_PASSWORD = "a-wrong-password-of-somebody"
CHEAP_HASHES = {"ARGON2_MEMORY_KIB": "7168", "ARGON2_PASSES": "1"}
SEED = 1
BAD_BODIES = ["", "{", "[]", "{}", '{"a":1,"a":2}']
TOKENS = ("token", "refreshToken")


@pytest.fixture(scope="module")
def product(tmp_path_factory):
    debug = {"LOG_LEVEL": "debug"}
    product = Product(tmp_path_factory.mktemp("leaks") / "product", user=CHEAP_HASHES | debug,
                      order=debug)
    product.start()
    yield product
    product.stop()
    product.assert_clean_logs()


@pytest.fixture(scope="module")
def admin(product):
    return client.LoggedIn(product.url, "admin", ADMIN_PASSWORD)


# --- What comes in does not stay. ---

NAMES = ["role", "active", "_id", "id", "__v", "hash", "epoch", "revision", "createdAt", "reset", "user",
         "userId", "status", "sid", "$set", "$where", "__proto__", "constructor", "a.b", "", "ß", " "]


def extra_members(chosen, known, canary):
    """Three, of every kind of value, none of which the body may have."""
    names = chosen.sample([name for name in NAMES if name not in known], 2)
    values = [canary, True, 7, None, {"role": canary}, [canary]]
    return {name: chosen.choice(values) for name in names} | {secrets.token_hex(4): canary}


WITH_BODY = [(method, path) for method, path, _ in openapi.routes() if openapi.body_members(method, path)]


@pytest.mark.parametrize("method, path", WITH_BODY, ids=lambda part: part.strip("/"))
def test_no_other_member_is_taken(product, admin, method, path):
    canary, chosen = "mallory-" + secrets.token_hex(8), random.Random(SEED)
    somebody = product.new_client()
    before = client.request(product.url, "GET", "/users?limit=200", headers=bearer(admin)).body

    for _ in range(8):
        wanted = sample(method, path, somebody)
        extra = extra_members(chosen, openapi.body_members(method, path), canary)
        wanted.body |= extra
        answer = send(product.url, method, wanted, bearer(admin))
        assert (answer.status, answer.json["type"]) == (400, "/problems/invalid-request")
        told = {(error["pointer"], error["code"]) for error in answer.json["errors"]}
        assert told == {("/" + name, "unknown") for name in extra}

    after = client.request(product.url, "GET", "/users?limit=200", headers=bearer(admin)).body
    assert after == before
    assert admin.orders() == []
    kept = open_user_store(product.store_uris["user"]).dump()
    assert somebody.user["email"] in kept and canary not in kept


def bearer(somebody):
    return {"Authorization": f"Bearer {somebody.token}"}


# --- What is in does not go out. ---

class Listener:
    """Hears every answer, and takes out of it the tokens that the caller is given."""

    def __init__(self, monkeypatch):
        self.heard, self.tokens = [], set()
        self.ask = client.request
        monkeypatch.setattr(client, "request", self.request)

    def request(self, url, method, path, body=None, headers=None):
        answer = self.ask(url, method, path, body, headers)
        text = f"{answer.status}\n{answer.headers}\n{answer.body.decode()}"
        for name in TOKENS:
            if answer.status < 300 and answer.body and name in answer.json:
                self.tokens.add(answer.json[name])
                text = text.replace(answer.json[name], "", 1)
        if answer.status < 300 and answer.body and {"token", "data"} <= answer.json.keys():
            assert claims_of(answer.json["token"])["id"] == answer.json["data"]["user"]["_id"]
        self.heard.append(text)
        return answer


def walk(product, who, somebody):
    """Each route once as it is meant, and then in wrong ways."""
    for method, path, _ in openapi.routes():
        wanted = sample(method, path, somebody)
        if (method, path) not in (("DELETE", "/me"), ("POST", "/me/password")):
            send(product.url, method, wanted, bearer(who))
        send(product.url, method, wanted, {"Authorization": f"Bearer {somebody.refresh_token}"})
        with_token = f"{wanted.path}?token={somebody.refresh_token}&password={PASSWORD}"
        client.request(product.url, method, with_token, headers={"Referer": with_token})
        for body in BAD_BODIES if wanted.body else []:
            client.request(product.url, method, wanted.path, body,
                           bearer(who) | {"Content-Type": "application/json"})
        if wanted.body:
            wrong = {name: WRONG_PASSWORD if "assword" in name else value
                     for name, value in wanted.body.items()}
            client.request(product.url, method, wanted.path, wrong, wanted.headers | bearer(who))


def mailed_tokens(product, address):
    """Of all mails so far, once there is one to that address. -> {address: token}"""
    mailbox = Mailbox(product.folder / "mail")

    def tokens():
        mails = [email.message_from_bytes(path.read_bytes()) for path in mailbox.mails()]
        found = {mail["To"]: token_of(mail) for mail in mails}
        return address in found and found
    return poll(tokens, f"a mail to {address}")


def reset_password(product, token):
    body = {"token": token} | NEW_PASSWORDS
    return client.request(product.url, "POST", "/reset-password", body).status


def forms(secret):
    """As text, and how bytes are written out."""
    if isinstance(secret, str):
        return {secret}
    return {secret.hex(), secret.hex().upper(), base64.b64encode(secret).decode().rstrip("="),
            base64.urlsafe_b64encode(secret).decode().rstrip("="), repr(secret)[2:-1]}


def found_in(texts, canaries):
    """-> what is in which of them"""
    return [(name, canary) for name, text in texts.items() for canary in canaries if canary in text]


def all_texts(product, listener):
    """-> {whose: all that was said}"""
    services = (product.user_svc, product.order_svc)
    shown = [listener.ask(service.admin_url, "GET", path).body.decode()
             for service in services for path in ("/metrics", "/readyz", "/healthz")]
    texts = {process.name: process.log.read_text() for process in (*services, product.gateway)}
    return texts | {"metrics": "\n".join(shown), "answers": "\n".join(listener.heard)}


def test_no_secret_leaves(product, admin, monkeypatch):
    listener = Listener(monkeypatch)
    admin_again = client.LoggedIn(product.url, "admin", ADMIN_PASSWORD)
    walk(product, admin_again, product.new_client())
    player = product.new_client()
    walk(product, player, product.new_client())
    assert player.request("POST", "/me/password",
                          {"currentPassword": PASSWORD} | NEW_PASSWORDS).status == 200
    address = product.new_client().user["email"]  # asks once: a newer mail would replace the token
    assert client.request(product.url, "POST", "/forgot-password", {"email": address}).status == 202
    mailed = mailed_tokens(product, address)
    hashes, *digests = open_user_store(product.store_uris["user"]).secrets()
    assert [reset_password(product, mailed[address]) for _ in range(2)] == [204, 410]

    assert hashes and all(digests)
    known = {product.shared["JWT_SECRET"], product.shared["JWT_SECRET"][::-1], ADMIN_PASSWORD,
             PASSWORD, NEW_PASSWORD, WRONG_PASSWORD} | listener.tokens | set(mailed.values())
    known |= {secret.rpartition("$")[2] for secret in hashes}
    canaries = {form for secret in known.union(hashes, *digests) for form in forms(secret)}

    texts = all_texts(product, listener)
    assert found_in(texts, canaries) == []
    # And it is seen where it is: each text is one that tells of these requests.
    for name, control in (("user-svc", "/me/password"), ("order-svc", "/api/v1/order"),
                          ("metrics", "http_requests_total"), ("answers", player.user["email"])):
        assert found_in(texts, {control}), f"{name} does not have {control}"
    assert all('"level":"debug"' in texts[name] for name in ("user-svc", "order-svc"))
