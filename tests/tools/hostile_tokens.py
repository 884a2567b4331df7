"""Tokens that nobody may be let in by, and a control group of good ones. Each is near to a good
one: one thing is wrong with it, and where that is not the signature, the right key signed it."""
import json
from dataclasses import dataclass

from hostile_claims import (identity, role, text_claim, time_form, time_missing, time_too_long,
                            time_window)
from hostile_forms import (TOKEN_MAX_BYTES, base64_form, curve_signature, duplicate_members,
                           not_an_object, of_length, parts_of_it, signature, size)
from hostile_headers import (header_asks_for_more, header_brings_a_key, header_is_critical,
                             header_type, key_id, kid_of_other_keys, no_algorithm,
                             other_algorithm, other_key)
from p256 import N, sign
from token_maker import ABSENT, CurveKey, pair, text_of


@dataclass(frozen=True)
class Token:
    category: str
    name: str
    text: bytes


def hostile_tokens(maker, others=()):
    """Those of a product with the maker's key, and beside it the others'."""
    categories = {
        "alg none": no_algorithm(maker), "another alg": other_algorithm(maker),
        "another key": other_key(maker), "kid": key_id(maker),
        "kid of another key": kid_of_other_keys(maker, others), "base64": base64_form(maker),
        "parts": parts_of_it(maker), "duplicate members": duplicate_members(maker),
        "times: form": time_form(maker), "times: missing": time_missing(maker),
        "times: window": time_window(maker), "times: too long": time_too_long(maker),
        "header asks for more": header_asks_for_more(maker),
        "header brings a key": header_brings_a_key(maker), "crit": header_is_critical(maker),
        "typ": header_type(maker), "no object": not_an_object(maker),
        "iss": text_claim(maker, "iss"), "aud": text_claim(maker, "aud"), "role": role(maker),
        "identity": identity(maker), "signature": signature(maker), "size": size(maker),
    }
    if isinstance(maker.key, CurveKey):
        categories["ES256 signature"] = curve_signature(maker)
    return [Token(category, name, text) for category, tokens in categories.items()
            for name, text in tokens]


def good_tokens(maker, others=()):
    """What looks odd and is right all the same."""
    m = maker
    yield "as issued", m.token()
    yield "an admin's", m.with_claims(role="admin")
    yield "no typ", m.with_header(typ=ABSENT)
    yield "a header that nobody reads", m.with_header(cty="x", x=[1], x5t="x")
    yield "a claim that nobody reads", m.with_claims(x={"y": [1, 2.5, None]}, jti="1")
    yield "nbf", m.with_claims(nbf=m.now - 10)
    yield "the longest life", m.with_claims(exp=m.now + m.life_s)
    yield "a clock a little ahead", m.with_claims(iat=m.now + 15, exp=m.now + 600)
    yield "members in another order", m.token(dict(reversed(m.header.items())),
                                              dict(reversed(m.claims.items())))
    yield "white space in JSON", m.token(json.dumps(m.header, indent=2).encode() + b"\r\n",
                                         b"\t" + json.dumps(m.claims, indent=1).encode())
    yield "escapes in JSON", m.token(text_of(m.header).replace(b"alg", b"\\u0061lg"))
    yield "text beyond ASCII", m.token(claims=json.dumps(m.claims | {"x": "Å\U0001f600"},
                                                         ensure_ascii=False).encode())
    yield f"{TOKEN_MAX_BYTES} bytes", of_length(m, TOKEN_MAX_BYTES)
    if not others:
        yield "no kid, where there is one key", m.with_header(kid=ABSENT)
    for other in others:
        yield f"by {other.kid}", m.with_header(other.sign, kid=other.kid, alg=other.alg)
    if isinstance(m.key, CurveKey):
        # Whoever has a token can negate its s. That is another text of a signature that the key's
        # owner made of these very claims, no forgery (RFC 7518 asks for no low s), and no list of
        # tokens is kept that it would be missing from.
        r, s = sign(m.key.scalar, m.signed())
        yield "the other s", m.token(signer=lambda _: pair(r, N - s))
