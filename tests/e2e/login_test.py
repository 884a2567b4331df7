"""Guesses at passwords, as clients see them: how many, from where, and what they are told."""
import client
from waiting import poll

WRONG = "another-password"


def log_in(product, name, password, source):
    """As from that address: the gateway is trusted, and so is what it was told by us."""
    return client.request(product.url, "POST", "/login", {"username": name, "password": password},
                          {"X-Forwarded-For": source})


def guess_until_throttled(product, name, sources):
    """-> the failures before, and the first answer that was none. On a host that stalls the first
    waits may be over before the next guess comes; they double."""
    for failures, source in enumerate(sources):
        answer = log_in(product, name, WRONG, source)
        if answer.status != 401:
            return failures, answer
    raise AssertionError("never throttled")


def test_who_guesses_has_to_wait(start_product):
    product = start_product()
    owner = product.new_client()
    name, password = owner.signed_up_as["username"], owner.signed_up_as["password"]

    for account in (name, "nobody"):
        failures, answer = guess_until_throttled(product, account, ["203.0.113.9"] * 20)
        assert failures >= 5 and answer.status == 429
        assert answer.json["type"] == "/problems/throttled"
        assert answer.json["retryable"] is True
        assert int(answer.headers["Retry-After"]) >= 1

    # The owner comes from elsewhere.
    assert log_in(product, name, password, "198.51.100.7").status == 200

    # Each further failure doubles the wait; a right password in it is not looked at.
    answer = poll(lambda: not_throttled(log_in(product, name, WRONG, "203.0.113.9")), "the wait")
    assert answer.status == 401
    _, answer = guess_until_throttled(product, name, ["203.0.113.9"] * 20)
    assert int(answer.headers["Retry-After"]) >= 1
    assert log_in(product, name, password, "203.0.113.9").status == 429
    answer = poll(lambda: not_throttled(log_in(product, name, password, "203.0.113.9")), "the wait")
    assert answer.status == 200
    assert product.user_svc.metrics()['logins_total{outcome="throttled"}'] >= 3


def not_throttled(answer):
    return answer if answer.status != 429 else None


def test_a_source_has_a_hundred_failures(start_product):
    product = start_product(user={"ARGON2_MEMORY_KIB": "7168", "ARGON2_PASSES": "1"})

    statuses = [log_in(product, f"nobody-{i}", WRONG, f"2001:db8:1:2::{i:x}").status
                for i in range(101)]
    assert statuses == [401] * 100 + [429]
    answer = log_in(product, "somebody", WRONG, "2001:db8:1:2:ffff::1")
    assert answer.status == 429 and 800 < int(answer.headers["Retry-After"]) <= 900
    assert log_in(product, "somebody", WRONG, "2001:db8:1:3::1").status == 401


def test_without_trusted_proxies_nobody_chooses_his_source(start_product):
    product = start_product(user={"TRUSTED_PROXIES": ""})
    assert "TRUSTED_PROXIES is empty" in product.user_svc.log.read_text()

    failures, answer = guess_until_throttled(product, "nobody",
                                             (f"203.0.113.{i}" for i in range(20)))
    assert failures >= 5 and answer.status == 429
