"""Access tokens that are good but for what a test asks for. The same keys, user and moment give the
same tokens."""
import hmac
import json
from dataclasses import dataclass

from p256 import sign
from tokens import base64url

ABSENT = object()


@dataclass(frozen=True)
class SharedKey:
    kid: str
    secret: bytes
    alg: str = "HS256"

    def sign(self, signed):
        return mac(self.secret, signed)


@dataclass(frozen=True)
class CurveKey:
    kid: str
    scalar: int
    public_pem: bytes = b""
    alg: str = "ES256"

    def sign(self, signed):
        return pair(*sign(self.scalar, signed))


def mac(key, signed, digest="sha256"):
    return hmac.digest(key, signed, digest)


def number(value):
    return value.to_bytes(32, "big")


def pair(r, s):
    return number(r) + number(s)


def text_of(value):
    """bytes stay as they are: JSON that json.dumps would not write."""
    return value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()


def changed(members, changes):
    merged = members | changes
    return {name: value for name, value in merged.items() if value is not ABSENT}


def raw(members, name, value):
    """The object with the JSON text `value` for the member."""
    return text_of(members | {name: "@@"}).replace(b'"@@"', value)


def told(value):
    """For a test's name."""
    text = "absent" if value is ABSENT else repr(value)
    return text if len(text) <= 60 else f"{text[:20]}… of {len(text)}"


def appended(members, text):
    return text_of(members)[:-1] + b"," + text + b"}"


class Maker:
    """Of tokens that are good but for what a call says."""

    def __init__(self, key, user, session, now, life_s):
        self.key, self.now, self.life_s = key, now, life_s  # JWT_TTL
        self.header = {"alg": key.alg, "typ": "JWT", "kid": key.kid}
        self.claims = {"id": user, "sub": user, "iat": now, "exp": now + 600, "role": "player",
                       "iss": "arch.homework", "aud": "arch.homework", "sid": session}

    def signed(self, header=None, claims=None):
        return b".".join(base64url(text_of(part))
                         for part in (self.header if header is None else header,
                                      self.claims if claims is None else claims))

    def token(self, header=None, claims=None, signer=None):
        """header, claims: JSON, or its bytes. signer(signed) -> the signature's bytes"""
        signed = self.signed(header, claims)
        return signed + b"." + base64url((signer or self.key.sign)(signed))

    def with_header(self, signer=None, **changes):
        return self.token(changed(self.header, changes), signer=signer)

    def with_claims(self, **changes):
        return self.token(claims=changed(self.claims, changes))

    def parts(self):
        return self.token().split(b".")
