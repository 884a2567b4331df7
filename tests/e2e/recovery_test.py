"""A forgotten password: from the request over the mail to the new one, as users see it."""
from concurrent.futures import ThreadPoolExecutor

import client
from mailbox import Mailbox, token_of
from waiting import poll

NEW_PASSWORD = "seven-quiet-harbours"


def forget(product, address, source="203.0.113.9"):
    """As from that address: the gateway is trusted, and so is what it was told by us."""
    answer = client.request(product.url, "POST", "/forgot-password", {"email": address},
                            {"X-Forwarded-For": source})
    assert answer.status == 202
    return answer


def reset(product, token, password=NEW_PASSWORD):
    return client.request(product.url, "POST", "/reset-password",
                          {"token": token, "password": password, "passwordConfirm": password})


def log_in(product, user, password):
    name = user.signed_up_as["username"]
    return client.request(product.url, "POST", "/login", {"username": name, "password": password})


def mailed_token(product, mailbox, user):
    forget(product, user.signed_up_as["email"])
    return token_of(mailbox.next_mail())


def assert_is_refused(answer):
    assert answer.status == 410
    assert answer.json["type"] == "/problems/reset-token-invalid"


def mails_counted(product, outcome):
    return product.user_svc.metrics()[f'mails_total{{outcome="{outcome}"}}']


def test_forgotten_password_is_replaced(start_product):
    product = start_product()
    mailbox = Mailbox(product.folder / "mail")
    user = product.new_client()

    forget(product, user.signed_up_as["email"].upper())
    mail = mailbox.next_mail()
    assert mail["To"] == user.signed_up_as["email"]
    assert mail["From"] == '"arch.homework" <no-reply@arch.homework>'
    assert (mailbox.mails()[0].stat().st_mode & 0o777) == 0o600
    token = token_of(mail)

    refused = reset(product, token, user.signed_up_as["username"])
    assert refused.status == 400
    assert [(e["pointer"], e["code"]) for e in refused.json["errors"]] == \
        [("/password", "common-password")]
    assert reset(product, token, "password1").status == 400
    assert user.request("GET", "/me").status == 200

    assert reset(product, token).status == 204
    assert user.request("GET", "/me").status == 401
    refreshed = client.request(product.url, "POST", "/refresh",
                               {"refreshToken": user.refresh_token})
    assert refreshed.status == 401
    assert log_in(product, user, user.signed_up_as["password"]).status == 401
    assert log_in(product, user, NEW_PASSWORD).status == 200
    assert_is_refused(reset(product, token))
    admin = client.LoggedIn(product.url, "admin", "nine-brown-ladders")
    events = admin.request("GET", f"/audit?user={user.user['_id']}").json["data"]["events"]
    assert ("password-reset", "done") in [(e["action"], e["outcome"]) for e in events]


def test_unknown_addresses_get_the_same_answer_and_no_mail(start_product):
    product = start_product()
    mailbox = Mailbox(product.folder / "mail")
    user = product.new_client()
    known = forget(product, user.signed_up_as["email"])
    unknown = forget(product, "nobody@example.org")

    assert unknown.body == known.body
    assert set(unknown.headers) == set(known.headers)
    mailbox.next_mail()
    poll(lambda: mails_counted(product, "dropped") == 1, "the request to be dropped")
    assert len(mailbox.mails()) == 1


def test_a_flood_from_one_source_is_answered_alike_and_keeps_no_mail_waiting(start_product):
    product = start_product()
    mailbox = Mailbox(product.folder / "mail")
    user = product.new_client()
    flooding = [forget(product, f"nobody-{i}@example.org", f"2001:db8:1:2::{i:x}")
                for i in range(100)]
    silent = forget(product, user.signed_up_as["email"], "2001:db8:1:2:ffff::1")
    assert silent.body == flooding[0].body
    assert set(silent.headers) == set(flooding[0].headers)
    poll(lambda: mails_counted(product, "dropped") == 100, "the flood to be dropped")

    forget(product, user.signed_up_as["email"], "2001:db8:1:3::1")
    assert reset(product, token_of(mailbox.next_mail())).status == 204
    assert len(mailbox.mails()) == 1


def test_newest_link_replaces_older_ones_and_the_fourth_never_comes(start_product):
    product = start_product()
    mailbox = Mailbox(product.folder / "mail")
    user = product.new_client()
    tokens = [mailed_token(product, mailbox, user) for _ in range(3)]
    forget(product, user.signed_up_as["email"])
    poll(lambda: mails_counted(product, "dropped") == 1, "the fourth to be dropped")

    assert len(mailbox.mails()) == 3
    for token in tokens[:2]:
        assert_is_refused(reset(product, token))
    assert reset(product, tokens[2]).status == 204


def test_what_is_no_live_token_is_gone(start_product):
    product = start_product()
    mailbox = Mailbox(product.folder / "mail")
    user = product.new_client()
    token = mailed_token(product, mailbox, user)

    for other in ("", "x", token[:-1], token + "A", token[:-1] + chr(ord(token[-1]) ^ 1),
                  token + "\u00e9", "x" * 5000, user.refresh_token):
        assert_is_refused(reset(product, other))
    assert user.request("DELETE", "/me").status == 204
    assert_is_refused(reset(product, token))


def test_of_a_thousand_confirmations_one_counts(start_product):
    product = start_product(user={"ARGON2_MEMORY_KIB": "7168", "ARGON2_PASSES": "1"})
    mailbox = Mailbox(product.folder / "mail")
    user = product.new_client()
    token = mailed_token(product, mailbox, user)

    def confirm(number):
        """-> its password, and what it was told once it was told something"""
        password = f"{NEW_PASSWORD}-{number}"
        answer = poll(lambda: not_shed(reset(product, token, password)), "an answer")
        return password, answer.status

    with ThreadPoolExecutor(32) as clients:
        told = list(clients.map(confirm, range(1000)))
    assert sorted(status for _, status in told) == [204] + [410] * 999
    password = next(password for password, status in told if status == 204)
    assert log_in(product, user, password).status == 200


def not_shed(answer):
    return answer if answer.status != 503 else None
