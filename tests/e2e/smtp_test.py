"""Mails by SMTP, to servers that want TLS and passwords, refuse, are down, and come back."""
import signal

import pytest

import client
from mail_server import HOST, MailServer, make_certificate
from mailbox import token_of
from waiting import poll


@pytest.fixture
def mail_server():
    servers = []

    def start(**options):
        servers.append(MailServer(**options))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


def start_with(start_product, url, **settings):
    return start_product(user={"SMTP_URL": url} | settings)


def forget(product, user):
    answer = client.request(product.url, "POST", "/forgot-password",
                            {"email": user.signed_up_as["email"]})
    assert answer.status == 202


def reset(product, token):
    body = {"token": token, "password": "seven-quiet-harbours",
            "passwordConfirm": "seven-quiet-harbours"}
    return client.request(product.url, "POST", "/reset-password", body).status


def count(product, outcome):
    return product.user_svc.metrics()[f'mails_total{{outcome="{outcome}"}}']


def only_mail(server, user):
    """Waits for it. -> the mail"""
    poll(lambda: server.mails, "a mail")
    (sender, recipients, mail), = server.mails
    assert sender == "no-reply@arch.homework"
    assert recipients == [user.signed_up_as["email"]] == [mail["To"]]
    return mail


def test_a_server_on_this_host_needs_no_tls(start_product, mail_server):
    server = mail_server()
    product = start_with(start_product, f"smtp://127.0.0.1:{server.port}")
    user = product.new_client()
    forget(product, user)
    assert reset(product, token_of(only_mail(server, user))) == 204
    assert not list((product.folder / "mail").iterdir())


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_tls_and_a_password(start_product, mail_server, tmp_path, scheme):
    certificate = make_certificate(tmp_path)
    server = mail_server(certificate=certificate, tls=scheme == "smtps", password="p@ss")
    product = start_with(start_product, f"{scheme}://user:p%40ss@{HOST}:{server.port}",
                         SMTP_CA_FILE=str(certificate[0]))
    user = product.new_client()
    forget(product, user)
    assert reset(product, token_of(only_mail(server, user))) == 204
    assert server.logins == 1
    assert "p@ss" not in product.user_svc.log.read_text()
    assert "p%40ss" not in product.user_svc.log.read_text()


def test_a_certificate_of_nobody_gets_no_mail(start_product, mail_server, tmp_path):
    server = mail_server(certificate=make_certificate(tmp_path))
    product = start_with(start_product, f"smtp://{HOST}:{server.port}")
    forget(product, product.new_client())
    poll(lambda: count(product, "deferred") >= 1, "the mail to be deferred")
    assert server.tried >= 1 and not server.mails


def test_a_server_without_tls_gets_mail_only_where_it_was_asked_for(start_product, mail_server):
    server = mail_server()
    product = start_with(start_product, f"smtp://{HOST}:{server.port}")
    forget(product, product.new_client())
    poll(lambda: count(product, "deferred") >= 1, "the mail to be deferred")
    assert server.tried >= 1 and not server.mails

    trusting = start_with(start_product, f"smtp://{HOST}:{server.port}", SMTP_TLS="off")
    user = trusting.new_client()
    forget(trusting, user)
    only_mail(server, user)


def test_what_is_refused_for_now_comes_later(start_product, mail_server):
    server = mail_server()
    server.refuse["RCPT"] = "450 greylisted"
    product = start_with(start_product, f"smtp://127.0.0.1:{server.port}")
    user = product.new_client()
    forget(product, user)
    poll(lambda: count(product, "deferred") >= 1, "the mail to be deferred")
    del server.refuse["RCPT"]
    assert reset(product, token_of(only_mail(server, user))) == 204
    assert count(product, "sent") == 1


def test_what_is_refused_for_ever_is_given_up(start_product, mail_server):
    server = mail_server()
    server.refuse["RCPT"] = "550 no such mailbox"
    product = start_with(start_product, f"smtp://127.0.0.1:{server.port}")
    user = product.new_client()
    forget(product, user)
    poll(lambda: count(product, "refused") == 1, "the mail to be given up")
    assert "reset mail refused" in product.user_svc.log.read_text()
    assert user.signed_up_as["email"] not in product.user_svc.log.read_text()


def test_a_mail_under_way_is_released_by_who_stops_and_outlives_who_dies(start_product,
                                                                         mail_server):
    """The server says nothing: a stopped replica hands the mail on at once, one that was killed
    when its lease is over (with a clock that is that far ahead)."""
    server = mail_server()
    server.silent.set()
    product = start_with(start_product, f"smtp://127.0.0.1:{server.port}")
    user = product.new_client()
    forget(product, user)
    poll(lambda: server.tried == 1, "the first try")
    assert product.user_svc.terminate() == 0

    product.user_svc.start()
    poll(lambda: server.tried == 2, "the second try")
    product.user_svc.signal_group(signal.SIGKILL)
    product.user_svc.child.wait()

    server.silent.clear()
    for clock in ("TEST_CLOCK_OFFSET_MS", "TEST_STORE_OFFSET_MS"):  # SQLite's, MongoDB's
        product.user_svc.environment[clock] = "61000"
    product.user_svc.start()
    assert token_of(only_mail(server, user))
