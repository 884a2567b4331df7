"""Tokens with something wrong with what they claim."""
from token_maker import ABSENT, raw, told

LEEWAY_S = 30


NO_TIMES = {  # {t} is what would be right
    "text": '"{t}"', "a fraction": "{t}.5", "as a float": "{t}.0", "with an exponent": "{t}e0",
    "negative": "-{t}", "null": "null", "true": "true", "false": "false", "a list": "[{t}]",
    "an object": '{{"t":{t}}}', "2^63": str(2**63), "2^64 + 1": str(2**64 + 1),
    "-2^63 - 1": str(-2**63 - 1), "beyond any double": "1e400", "NaN": "NaN",
    "Infinity": "Infinity", "hexadecimal": "{t:#x}", "a leading zero": "0{t}", "a plus": "+{t}",
    "nothing": "", "a thousand digits": "9" * 1000, "milliseconds": "{t}000",
    "a date": '"2999-01-01T00:00:00Z"',
}


def time_form(m):
    for claim, value in {"exp": m.now + 600, "iat": m.now, "nbf": m.now}.items():
        for name, form in NO_TIMES.items():
            text = form.format(t=value).encode()
            yield f"{claim}: {name}", m.token(claims=raw(m.claims, claim, text))


def time_missing(m):
    yield "exp", m.with_claims(exp=ABSENT)
    yield "iat", m.with_claims(iat=ABSENT)
    yield "both", m.with_claims(iat=ABSENT, exp=ABSENT)


def time_window(m):
    late = m.now - LEEWAY_S
    yield "expired", m.with_claims(iat=m.now - 900, exp=m.now - 300)
    yield "expired by just more than the leeway", m.with_claims(iat=late - 600, exp=late)
    yield "expired long ago", m.with_claims(iat=0, exp=1)
    yield "issued in the future", m.with_claims(iat=m.now + 900, exp=m.now + 1500)
    yield "issued far in the future", m.with_claims(iat=2**53, exp=2**53 + 600)
    yield "not valid yet", m.with_claims(nbf=m.now + 900)
    yield "valid at the end of time", m.with_claims(nbf=2**63 - 1)


def time_too_long(m):
    """A key that leaked must not make a token for ever."""
    for name, life in {"a second": m.life_s + 1, "90 days": 90 * 86400,
                       "a century": 100 * 365 * 86400, "to 2^53": 2**53 - m.now,
                       "to 2^63-1": 2**63 - 1 - m.now}.items():
        yield name, m.with_claims(exp=m.now + life)
    yield "since 1970", m.with_claims(iat=0)
    yield "no time at all", m.with_claims(iat=m.now + 10, exp=m.now + 10)
    yield "ends before it begins", m.with_claims(iat=m.now + 20, exp=m.now + 10)


def text_claim(m, claim):
    right = m.claims[claim]
    for value in (right.upper(), right + " ", " " + right, right + "\0", right + "\0x", right[:-1],
                  right + "/", "http://" + right, right.replace("o", "\u043e"), "", "*", "x", None,
                  True, 1, {}, {"x": right}, [right], [right, "x"], [], ABSENT):
        yield told(value), m.with_claims(**{claim: value})


def role(m):
    for value in ("root", "Admin", "ADMIN", "superuser", "admin ", "admin\0", "player,admin", "",
                  None, True, 0, 1, ["admin"], ["player", "admin"], {"admin": True}, ABSENT):
        yield told(value), m.with_claims(role=value)


def identity(m):
    user, other = m.claims["id"], "f" * 24
    yield "sub of another", m.with_claims(sub=other)
    yield "id of another", m.with_claims(id=other)
    for value in ("0123456789abcdefABCDEF01", user[:-1], user + "0", user + " ", " " + user,
                  user + "\0", "\0" * 24, "g" * 24, "0x" + user[2:], "../" + user[3:], "' OR 1=1",
                  "", "*", None, True, 0, 1e24, int(user, 16), [user], {"$ne": None},
                  {"$oid": user}, ABSENT):
        yield f"id and sub: {told(value)}", m.with_claims(id=value, sub=value)
        yield f"sub: {told(value)}", m.with_claims(sub=value)
        yield f"sid: {told(value)}", m.with_claims(sid=value)
