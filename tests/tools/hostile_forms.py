"""Tokens with something wrong with their form: parts, base64, JSON, signature, size."""
import json
import random

from p256 import N, P, sign
from token_maker import appended, changed, number, pair, text_of
from tokens import base64url

TOKEN_MAX_BYTES = 4096


def stray_bits(part):
    """The same bytes to a lenient reader, in other characters; None: it has no spare bits."""
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    if len(part) % 4 == 0:
        return None
    return part[:-1] + bytes([alphabet[alphabet.index(part[-1]) ^ 1]])


def base64_form(m):
    # Fillers until each part has spare bits, and - and _ to be written otherwise.
    for i in range(99):
        filler = {"x": "~?" * 9 + "x" * i}
        parts = m.token(m.header | filler, m.claims | filler).split(b".")
        if all(len(part) % 4 and (b"-" in part or b"_" in part) for part in parts):
            break
    for i, where in enumerate(("header", "claims", "signature")):
        def token(part, i=i):
            return b".".join(parts[:i] + [part] + parts[i + 1:])

        part = parts[i]
        middle = len(part) // 2
        yield f"{where}: stray bits", token(stray_bits(part))
        yield f"{where}: padded", token(part + b"=" * (-len(part) % 4))
        for text in (b"=", b"==", b"====", b"A", b"AAAA", b"%3D", b"~"):
            yield f"{where}: {text.decode()} at the end", token(part + text)
        for text in (b" ", b"\t", b"=", b"%", b"+", b"/", b"~", b"$", b",", b";", b"\"", b"\xff",
                     b"\xc2\xa0"):
            yield f"{where}: {text!r} in the middle", token(part[:middle] + text + part[middle:])
        yield f"{where}: alphabet with + and /", token(part.replace(b"-", b"+").replace(b"_", b"/"))
        yield f"{where}: one character less", token(part[:-1])
        yield f"{where}: encoded twice", token(base64url(part))
        yield f"{where}: not encoded", token(
            (text_of(m.header), text_of(m.claims), m.key.sign(m.signed()).hex().encode())[i])


def parts_of_it(m):
    header, claims, last = m.parts()
    everything = header, claims, last
    for name, parts in {
        "no part": [b""], "one dot": [b"", b""], "two dots": [b"", b"", b""], "dots": [b""] * 9,
        "the header alone": [header], "no signature": [header, claims],
        "no claims": [header, last], "an empty signature": [header, claims, b""],
        "an empty header": [b"", claims, last], "empty claims": [header, b"", last],
        "a signature alone": [b"", b"", last], "a dot behind": [*everything, b""],
        "a dot before": [b"", *everything], "two dots inside": [header, claims, b"", last],
        "two signatures": [*everything, last], "backwards": everything[::-1],
        "five parts, as a JWE": [header, b"", claims, b"", last],
        "claims twice": [header, claims, claims, last], "hundreds of parts": [b"YQ"] * 300,
    }.items():
        yield name, b".".join(parts)
    yield "two tokens", m.token() + b"," + m.token()
    yield "two tokens, no comma", m.token() + m.token()
    yield "JSON serialization", text_of({"payload": claims.decode(), "protected": header.decode(),
                                         "signature": last.decode()})
    yield "in quotes", b'"' + m.token() + b'"'
    yield "in brackets", b"<" + m.token() + b">"


def duplicate_members(m):
    for name, first in {"alg": "none", "kid": "x", "typ": "x"}.items():
        member = json.dumps(name).encode() + b":" + text_of(m.header[name])
        yield f"header {name}, right at last", m.token(
            appended(changed(m.header, {name: first}), member))
        yield f"header {name}, right at first", m.token(
            appended(m.header, json.dumps({name: first})[1:-1].encode()))
        yield f"header {name}, twice the same", m.token(appended(m.header, member))
    others = {"exp": m.now - 9999, "iat": 0, "role": "admin", "id": "f" * 24, "sub": "f" * 24,
              "sid": "f" * 24, "iss": "x", "aud": "x"}
    for name, other in others.items():
        member = json.dumps(name).encode() + b":" + text_of(m.claims[name])
        yield f"{name}, right at last", m.token(claims=appended(
            changed(m.claims, {name: other}), member))
        yield f"{name}, right at first", m.token(claims=appended(
            m.claims, json.dumps({name: other})[1:-1].encode()))
        escaped = f'"\\u{ord(name[0]):04x}{name[1:]}":'.encode() + text_of(m.claims[name])
        yield f"{name}, twice the same, once in other characters", m.token(
            claims=appended(m.claims, escaped))
    yield "a claim that nobody reads", m.token(claims=appended(m.claims, b'"x":1,"x":1'))


ODD_MEMBERS = {  # of an object that is right but for this one
    "a NUL": b"\0", "a comment": b"/* */", "a trailing comma": b",", "no value": b',"x"',
    "a line end in text": b',"x":"\n"', "not UTF-8": b',"x":"\xff"',
    "overlong UTF-8": b',"x":"\xc0\x80"', "a surrogate in UTF-8": b',"x":"\xed\xa0\x80"',
    "half a surrogate": b',"x":"\\ud800"', "a bad escape": b',"x":"\\x41"',
    "a NUL in a name": b',"x\\u0000":1', "a number too large": b',"x":1e999',
    "deep lists": b',"x":' + b"[" * 99 + b"]" * 99,
    "deep objects": b',"x":' + b'{"x":' * 99 + b"1" + b"}" * 99,
}


def odd_texts(right):
    yield "nothing", b""
    yield "white space", b" \n"
    yield "cut", right[:-1]
    yield "no colons", right.replace(b":", b" ")
    yield "single quotes", right.replace(b'"', b"'")
    yield "text behind", right + b"x"
    yield "a brace behind", right + b"}"
    yield "two objects", right + right
    yield "a NUL behind", right + b"\0"
    yield "a byte order mark", b"\xef\xbb\xbf" + right
    yield "UTF-16", right.decode().encode("utf-16")
    yield "UTF-32", right.decode().encode("utf-32")
    yield "lists without end", b"[" * 1000
    for name, member in ODD_MEMBERS.items():
        yield name, right[:-1] + member + b"}"


def not_an_object(m):
    values = {"a token": m.token().decode(), "text": "x", "a number": 1, "null": None, "true": True,
              "a list": [], "an empty object": {}, "a list of them": [m.claims],
              "one inside of another": {"x": m.claims}}
    for name, value in values.items():
        yield f"header: {name}", m.token(header=text_of(value))
        yield f"claims: {name}", m.token(claims=text_of(value))
    for name, text in odd_texts(text_of(m.header)):
        yield f"header: {name}", m.token(header=text)
    for name, text in odd_texts(text_of(m.claims)):
        yield f"claims: {name}", m.token(claims=text)


def signature(m):
    header, claims, _ = m.parts()
    good = m.key.sign(m.signed())

    def signed_by(value):
        return m.token(signer=lambda _: value)

    for length in (1, 2, 16, 20, 31, 32, 48, 63):
        if length < len(good):
            yield f"its first {length} bytes", signed_by(good[:length])
    yield "a byte more", signed_by(good + b"\0")
    yield "a byte before", signed_by(b"\0" + good)
    yield "twice", signed_by(good + good)
    yield "zeros", signed_by(bytes(len(good)))
    yield "ones", signed_by(b"\xff" * len(good))
    yield "backwards", signed_by(good[::-1])
    yield "in hex", signed_by(good.hex().encode())
    for bit in random.Random("bits").sample(range(len(good) * 8), 16):
        flipped = bytearray(good)
        flipped[bit // 8] ^= 1 << bit % 8
        yield f"bit {bit} turned", signed_by(bytes(flipped))
    other = m.with_claims(role="admin").split(b".")
    yield "of the player that it was", b".".join([header, other[1], base64url(good)])
    yield "of another token", b".".join([header, claims, other[2]])
    yield "of the claims alone", signed_by(m.key.sign(claims))
    yield "of what is encoded", signed_by(m.key.sign(text_of(m.header) + b"." + text_of(m.claims)))
    yield "of the header and claims without the dot", signed_by(m.key.sign(header + claims))
    yield "a header with a blank more", b".".join(
        [base64url(text_of(m.header)[:-1] + b" }"), claims, base64url(good)])


def der(r, s):
    numbers = b"".join(b"\x02\x21\0" + number(n) for n in (r, s))
    return b"\x30" + bytes([len(numbers)]) + numbers


def curve_signature(m):
    r, s = sign(m.key.scalar, m.signed())

    def signed_by(value):
        return m.token(signer=lambda _: value)

    for name, numbers in {
        "r = 0": (0, s), "s = 0": (r, 0), "r = s = 0": (0, 0), "r = 1": (1, s), "s = 1": (r, 1),
        "r = s = 1": (1, 1), "r = n": (N, s), "s = n": (r, N), "r = s = n": (N, N), "r = p": (P, s),
        "r = n-1": (N - 1, s), "s = n+1": (r, N + 1), "r at the most": (2**256 - 1, s),
        "s at the most": (r, 2**256 - 1), "r negated": (N - r, s), "both negated": (N - r, N - s),
        "swapped": (s, r), "r alone": (r, r), "s inverted": (r, pow(s, -1, N)),
        "s negated modulo p": (r, (P - s) % 2**256), "r = 0, s = n": (0, N), "r = n, s = 0": (N, 0),
    }.items():
        yield name, signed_by(pair(*numbers))
    yield "DER", signed_by(der(r, s))
    yield "DER, cut to 64 bytes", signed_by(der(r, s)[:64])
    yield "little-endian", signed_by(number(r)[::-1] + number(s)[::-1])
    yield "a zero before each", signed_by(b"\0" + number(r) + b"\0" + number(s))
    yield "with a recovery byte", signed_by(pair(r, s) + b"\x1b")
    yield "r alone, 32 bytes", signed_by(number(r))


def of_length(m, length):
    """A good token of just that many bytes, if there is one: fillers in claims and header move the
    length by steps of one and two."""
    signature_length = len(base64url(m.key.sign(b"")))
    for blanks in range(3):
        header = text_of(m.header)[:-1] + b" " * blanks + b"}"
        for filler in range(length // 4 * 3 - 600, length // 4 * 3):
            claims = m.claims | {"x": "y" * filler}
            if len(m.signed(header, claims)) + 1 + signature_length == length:
                return m.token(header, claims)
    raise AssertionError(f"no token of {length} bytes")


def size(m):
    for length in (TOKEN_MAX_BYTES + 1, TOKEN_MAX_BYTES + 2, 4200, 6000, 8000):
        yield f"{length} bytes, signed", of_length(m, length)
    yield "a long header", m.token(changed(m.header, {"x": "y" * 4000}))
    yield "a long signature", m.token(signer=lambda _: bytes(4000))
    yield "letters", b"a" * 4096
    yield "dots and letters", b"a." * 2048
