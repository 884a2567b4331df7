"""Access tokens as user-svc issues them, for tests that need one of their own making."""
import base64
import hashlib
import hmac
import json
import secrets
import time


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def claims_of(token):
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def new_claims(user, life_s):
    now = int(time.time())
    return {"id": user, "sub": user, "iat": now, "exp": now + life_s, "iss": "arch.homework",
            "aud": "arch.homework", "role": "player", "sid": secrets.token_hex(12)}


def mint_token(secret, user, life_s, **other_claims):
    header = {"alg": "HS256", "typ": "JWT", "kid": "default"}
    parts = (header, new_claims(user, life_s) | other_claims)
    signed = b".".join(base64url(json.dumps(part).encode()) for part in parts)
    mac = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return (signed + b"." + base64url(mac)).decode()
