"""Bad settings that only the machine can tell: --check-config and the start say the same of them."""
import os
import secrets
import stat
import subprocess

import pytest

from engines import BARE_ENVIRONMENT, BIN
from product import Service


@pytest.fixture
def place(tmp_path):
    """A folder with what settings may lead to by mistake."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "text").write_text("this is no database\n")
    return tmp_path


def good_settings(place):
    return BARE_ENVIRONMENT | {
        "PORT": "0", "ADMIN_PORT": "0", "JWT_SECRET": secrets.token_hex(32),
        "REFRESH_SECRET": secrets.token_hex(32), "PUBLIC_URL": "http://arch.homework",
        "KAFKA_BROKERS": "127.0.0.1:9", "STORE_URI": f"sqlite:{place}/new.db",
        "MAIL_SPOOL_DIR": f"{place}/new-mail"}


def run(service, environment, *arguments):
    """-> its exit code and what it has to say"""
    done = subprocess.run([BIN / service, *arguments], env=environment, text=True, check=False,
                          capture_output=True, timeout=30)
    return done.returncode, done.stderr


def contents(place):
    return sorted(place.rglob("*"))


def assert_both_refuse(service, place, name, value):
    environment = good_settings(place) | {name: value.format(place=place)}
    before = contents(place)
    checked, started = run(service, environment, "--check-config"), run(service, environment)
    assert checked == started
    code, text = checked
    assert code == 2
    assert [line.split(":")[0] for line in text.splitlines()[1:]] == [name]
    assert contents(place) == before


@pytest.mark.parametrize("service", ["user-svc", "order-svc"])
@pytest.mark.parametrize("path", ["{place}/folder", "{place}/text", "{place}/text/a.db",
                                  "{place}/nowhere/a.db", "/proc/a.db"])
def test_store_that_cannot_be_one_is_refused(service, path, place):
    assert_both_refuse(service, place, "STORE_URI", f"sqlite:{path}")


@pytest.mark.parametrize("path", ["{place}/text", "{place}/nowhere/mail", "/proc/x"])
def test_spool_that_cannot_be_one_is_refused(path, place):
    assert_both_refuse("user-svc", place, "MAIL_SPOOL_DIR", path)


@pytest.mark.parametrize("path", ["{place}/nowhere.pem", "{place}/folder"])
def test_authorities_that_cannot_be_read_are_refused(path, place):
    assert_both_refuse("user-svc", place, "SMTP_CA_FILE", path)


@pytest.mark.parametrize("service", ["user-svc", "order-svc"])
def test_check_leaves_nothing_behind(service, place):
    before = contents(place)
    assert run(service, good_settings(place), "--check-config") == (0, "")
    assert contents(place) == before


# --- Files that services make. ---

@pytest.fixture
def usual_umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.parametrize("program", ["user-svc", "order-svc"])
def test_files_of_a_service_are_nobody_elses(program, place, tmp_path_factory, usual_umask):
    settings = good_settings(place)
    del settings["PORT"], settings["ADMIN_PORT"]
    service = Service(program, tmp_path_factory.mktemp("log"), settings)
    before = contents(place)
    service.start()
    try:
        service.await_ready()
        made = {path.name: stat.filemode(path.stat().st_mode)[4:] for path in contents(place)
                if path not in before}
        assert "new.db" in made
        assert set(made.values()) == {"------"}, made
    finally:
        service.stop()
