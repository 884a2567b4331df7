"""Hundreds of hostile tokens (tests/tools/hostile_tokens.py) at both services: each is refused, a
control group is let in. PyJWT judges the same tokens; what it takes and we do not is explained."""
import http.client
import secrets
import time
from dataclasses import dataclass

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from hostile_tokens import good_tokens, hostile_tokens
from token_keys import TokenKeys
from token_maker import CurveKey, Maker, SharedKey
from tokens import claims_of

LIFE_S = 3600
TIMEOUT_S = 30


@dataclass
class Keys:
    """Of a product: one that signs, others that are good too, and the settings that say so."""
    key: object
    others: list
    user: dict
    order: dict

    def maker(self, user="a" * 24, session="b" * 24):
        return Maker(self.key, user, session, int(time.time()), LIFE_S)

    def hostile(self, maker):
        return hostile_tokens(maker, self.others)

    def good(self, maker):
        return dict(good_tokens(maker, self.others))


def shared_secret(_):
    secret = secrets.token_urlsafe(48)
    settings = {"JWT_SECRET": secret}
    return Keys(SharedKey("default", secret.encode()), [], settings, settings)


def curve_key(keys, kid):
    private = load_pem_private_key(keys.private_pem(kid).encode(), None)
    return CurveKey(kid, private.private_numbers().private_value, keys.public_pem(kid).encode())


def several_keys(folder):
    """An EC key that signs, one that does not yet, and a secret from before."""
    keys = TokenKeys(folder)
    keys.add("key-1")
    keys.add("key-2")
    old = SharedKey("old", secrets.token_hex(32).encode())
    for place in (keys.private, keys.public):
        (place / "old.secret").write_bytes(old.secret)
    return Keys(curve_key(keys, "key-1"), [curve_key(keys, "key-2"), old],
                keys.user_settings("key-1"), keys.order_settings())


@pytest.fixture(params=[shared_secret, several_keys])
def keys(request, tmp_path):
    return request.param(tmp_path / "keys")


class Asker:
    """Many requests on one connection to one service."""

    def __init__(self, service, path):
        self.path = path
        self.connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=TIMEOUT_S)

    def __call__(self, token):
        self.connection.request("GET", self.path, headers={"Authorization": b"Bearer " + token})
        answer = self.connection.getresponse()
        answer.read()
        return answer


def is_refused(answer):
    return answer.status == 401 and answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_hostile_tokens_are_refused_and_good_ones_are_not(keys, start_product):
    product = start_product(user=keys.user, order=keys.order)
    user = product.new_client()
    maker = keys.maker(user.user["_id"], claims_of(user.token)["sid"])
    good, hostile = keys.good(maker), keys.hostile(maker)
    assert len({token.text for token in hostile}) > 650
    assert not {token.text for token in hostile} & set(good.values())

    for ask in (Asker(product.user_svc, "/me"), Asker(product.order_svc, "/api/v1/order/")):
        wrong = [token for token in hostile if not is_refused(ask(token.text))]
        assert not wrong, f"{ask.path}, {len(wrong)} of them: {wrong[:10]}"
        assert not [name for name, token in good.items() if ask(token).status != 200], ask.path


def test_a_verifier_without_expiry_is_caught(start_product):
    keys = shared_secret(None)
    product = start_product(user=keys.user,
                            order=keys.order | {"TEST_FAULT": "verifier-without-expiry"})
    ask = Asker(product.order_svc, "/api/v1/order/")
    let_in = [token for token in keys.hostile(keys.maker()) if not is_refused(ask(token.text))]
    assert {token.category for token in let_in} == {"times: window"}
    assert all("expired" in token.name for token in let_in)


# --- PyJWT, as its documentation has it used: one alg a key, aud, iss and leeway given. ---

# Why PyJWT takes some tokens of a category that we refuse. In all others it takes none.
EXPLAINED = {
    "base64": "reads the same signature from other spellings: padding, stray bits, + and /",
    "duplicate members": "Python's JSON parser takes the last of several members",
    "times: form": "RFC 7519 allows fractions, and int() more: text, true, any size; we issue none",
    "times: too long": "does not know how long tokens of ours live",
    "header asks for more": "leaves header members alone that it does not know",
    "crit": "leaves crit alone (RFC 7515 says refuse), and b64 that is not false",
    "typ": "leaves typ to its caller",
    "no object": "Python's JSON parser guesses UTF-16 and UTF-32, and takes surrogates, NUL, depth",
    "aud": "RFC 7519 allows a list of audiences; we issue none, and who else is in it is not ours",
    "role": "leaves claims of ours to its caller",
    "identity": "leaves claims of ours to its caller",
    "size": "has no limit",
}

ONLY = object()


def pyjwt_takes(keys, token):
    """One that it breaks at (TypeError, RecursionError, …) it does not take either."""
    by_kid = {key.kid: key for key in (keys.key, *keys.others)}
    if not keys.others:
        by_kid[ONLY] = keys.key
    try:
        key = by_kid[jwt.get_unverified_header(token).get("kid", ONLY)]
        jwt.decode(token, key.secret if isinstance(key, SharedKey) else key.public_pem, [key.alg],
                   audience="arch.homework", issuer="arch.homework", leeway=30,
                   options={"require": ["exp", "iat"]})
    except Exception:
        return False
    return True


def test_what_pyjwt_takes_and_we_do_not_is_explained(keys):
    hostile = keys.hostile(keys.maker())
    assert EXPLAINED.keys() <= {token.category for token in hostile}
    taken = [token for token in hostile if pyjwt_takes(keys, token.text)]
    assert len(taken) > 100  # it does judge
    assert not [token for token in taken if token.category not in EXPLAINED]


def test_pyjwt_takes_what_we_take(keys):
    good = keys.good(keys.maker())
    assert not [name for name, token in good.items() if not pyjwt_takes(keys, token)]
