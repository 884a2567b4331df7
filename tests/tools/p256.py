"""ECDSA on P-256 with the numbers in hand, for signatures that no library would make. Deterministic:
the nonce comes from key and message."""
import hashlib
import hmac

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551
G = (0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296,
     0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5)


def add(p, q):
    """Of points that are not each other's negative."""
    if p == q:
        slope = 3 * (p[0] * p[0] - 1) * pow(2 * p[1], -1, P)
    else:
        slope = (q[1] - p[1]) * pow(q[0] - p[0], -1, P)
    x = (slope * slope - p[0] - q[0]) % P
    return x, (slope * (p[0] - x) - p[1]) % P


POWERS = [G]
while len(POWERS) < 256:
    POWERS.append(add(POWERS[-1], POWERS[-1]))


def multiply(scalar):
    """-> scalar * G"""
    point = None
    for i, power in enumerate(POWERS):
        if scalar >> i & 1:
            point = add(point, power) if point else power
    return point


def sign(scalar, message):
    """-> r, s"""
    digest = int.from_bytes(hashlib.sha256(message).digest(), "big")
    seed = hmac.digest(scalar.to_bytes(32, "big"), message, "sha512")
    nonce = int.from_bytes(seed, "big") % (N - 1) + 1
    r = multiply(nonce)[0] % N
    return r, pow(nonce, -1, N) * (digest + r * scalar) % N
