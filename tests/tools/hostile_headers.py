"""Tokens with something wrong with their header, or with the key that it leads to."""
import base64
import zlib

from token_maker import ABSENT, CurveKey, changed, mac, text_of, told
from tokens import base64url


NONES = ["none", "None", "NONE", "nOnE", "none ", " none", "none\0", "\0none", "ｎone", "", None,
         True, 0, [], ["none"], {}, ABSENT]


def no_algorithm(m):
    for value in NONES:
        yield f"{told(value)}, unsigned", m.with_header(lambda _: b"", alg=value)
        yield f"{told(value)}, signed", m.with_header(alg=value)
    yield "none, no kid", m.with_header(lambda _: b"", alg="none", kid=ABSENT)


def other_algorithm(m):
    other = "ES256" if m.key.alg == "HS256" else "HS256"
    for value in (other, "HS384", "HS512", "RS256", "RS512", "PS256", "ES384", "ES512", "ES256K",
                  "EdDSA", "Ed25519", "dir", "A256KW", m.key.alg.lower(), m.key.alg + " ",
                  m.key.alg + "\0", m.key.alg[:2], "SHA256", "HMAC", [m.key.alg],
                  {"alg": m.key.alg}, 256):
        yield f"{value!r} by the right key", m.with_header(alg=value)


def guessed_keys(m):
    """What an attacker knows, or could think of, as the secret of a MAC."""
    yield "the empty key", b""
    yield "the kid", m.key.kid.encode()
    yield "a well-known secret", b"secret"
    yield "null", b"null"
    if isinstance(m.key, CurveKey):
        pem = m.key.public_pem
        der = base64.b64decode(b"".join(pem.splitlines()[1:-1]))
        yield "the public key, as PEM", pem
        yield "the public key, PEM without its last line end", pem.rstrip()
        yield "the public key, PEM with CRLF", pem.replace(b"\n", b"\r\n")
        yield "the public key, PEM in one line", pem.replace(b"\n", b"")
        yield "the public key, base64 alone", base64.b64encode(der)
        yield "the public key, DER", der
        yield "the public key, its point", der[-65:]
        yield "the public key, its coordinates", der[-64:]
        yield "the public key, x", der[-64:-32]
    else:
        yield "the secret and a line end", m.key.secret + b"\n"
        yield "the secret and a blank", m.key.secret + b" "
        yield "the secret's first half", m.key.secret[:len(m.key.secret) // 2]
        yield "the secret in base64", base64.b64encode(m.key.secret)
        yield "the secret in upper case", m.key.secret.upper()


def other_key(m):
    for name, key in guessed_keys(m):
        for alg, digest in (("HS256", "sha256"), ("HS384", "sha384"), ("HS512", "sha512")):
            yield f"{alg} by {name}", m.with_header(
                lambda signed, key=key, digest=digest: mac(key, signed, digest), alg=alg)
    stranger = CurveKey(m.key.kid, 0x5eed)
    yield "ES256 by a stranger", m.with_header(stranger.sign, alg="ES256")
    yield "the right alg by a stranger", m.with_header(stranger.sign)


KIDS = ["", " ", ".", "..", "/", "/dev/null", "../../../../dev/null", "../../../../etc/passwd",
        "./{kid}", "{kid}/", "{kid}/../{kid}", "{kid}.pem", "{kid}.secret", "{kid} ", " {kid}",
        "{kid}\0", "{kid}\0x", "\0", "{kid}\n", "%64efault", "file:///dev/null",
        "http://127.0.0.1/key", "' OR '1'='1", "x' UNION SELECT '", "'; DROP TABLE keys; --",
        "$(id)", "|id", "`id`", "${jndi:ldap://x}", "*", "?", "unknown", "{kid}" * 20, "k" * 64,
        "k" * 65, "k" * 1500, "d\u0435fault", 0, 1, -1, 1.5, True, False, None, [], ["{kid}"], {},
        {"kid": "{kid}"}, [["{kid}"]]]


def filled(value, kid):
    if isinstance(value, list):
        return [filled(item, kid) for item in value]
    return value.replace("{kid}", kid) if isinstance(value, str) else value


def key_id(m):
    for value in KIDS:
        kid = filled(value, m.key.kid)
        yield f"{told(value)} by the right key", m.with_header(kid=kid)
        yield f"{told(value)} by the empty key", m.with_header(lambda signed: mac(b"", signed),
                                                               alg="HS256", kid=kid)
    yield "in upper case", m.with_header(kid=m.key.kid.upper())


def kid_of_other_keys(m, others):
    for other in others:
        yield f"{other.kid}, by {m.key.kid}", m.with_header(kid=other.kid)
        yield f"{m.key.kid}, by {other.kid}", m.with_header(other.sign)
        if other.alg != m.key.alg:
            yield f"{other.kid}, its alg, by {m.key.kid}", m.with_header(kid=other.kid,
                                                                         alg=other.alg)
            yield f"{m.key.kid}, alg and signature of {other.kid}", m.with_header(other.sign,
                                                                                 alg=other.alg)
        if isinstance(m.key, CurveKey):
            yield f"{other.kid}, its alg, by {m.key.kid}'s PEM", m.with_header(
                lambda signed: mac(m.key.public_pem, signed), kid=other.kid, alg=other.alg)
    if others:
        yield "none, where there are several keys", m.with_header(kid=ABSENT)


OWN_SECRET = b"the attacker's own secret, 32 bytes and more"
ASKS = {
    "jku": ["http://127.0.0.1/jwks.json", "", None],
    "jwk": [{"kty": "oct", "k": base64url(OWN_SECRET).decode()}, {}, None],
    "x5u": ["http://127.0.0.1/x", None], "x5c": [["MIIB"], [], None], "zip": ["DEF", None],
    "enc": ["A256GCM", "none", None],
}


def header_asks_for_more(m):
    for name, values in ASKS.items():
        for value in values:
            yield f"{name}: {told(value)}", m.with_header(**{name: value})
    yield "zip, zipped", m.token(changed(m.header, {"zip": "DEF"}),
                                 zlib.compress(text_of(m.claims)))


def header_brings_a_key(m):
    for name, values in ASKS.items():
        for value in values:
            yield f"{name}: {told(value)}", m.with_header(
                lambda signed: mac(OWN_SECRET, signed), alg="HS256", **{name: value})


def header_is_critical(m):
    for value in (["exp"], ["x"], ["crit"], ["b64"], [], "exp", None, {}, 0, [1]):
        yield f"crit: {value!r}", m.with_header(crit=value)
    yield "crit, and there it is", m.with_header(crit=["x"], x=1)
    for value in (False, True, None, "false"):
        yield f"b64: {value!r}", m.with_header(b64=value)
        yield f"b64: {value!r}, critical", m.with_header(b64=value, crit=["b64"])


def header_type(m):
    for value in ("jwt", "Jwt", "at+jwt", "application/jwt", "JOSE", "JOSE+JSON", "JWE",
                  "dpop+jwt", "logout+jwt", "secevent+jwt", "JWT ", "JWT\0", "", None, 1, True, [],
                  ["JWT"], {}):
        yield told(value), m.with_header(typ=value)
