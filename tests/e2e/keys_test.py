"""scripts/keys: what it makes is what services take; what it must not do, it refuses."""
import secrets
import shutil
import stat
import subprocess

import pytest

from engines import BARE_ENVIRONMENT, BIN
from product import ROOT
from token_keys import run_keys


def done(*arguments):
    run = run_keys(*arguments)
    assert run.returncode == 0, run.stderr
    return run.stdout


def refused(*arguments):
    run = run_keys(*arguments)
    assert run.returncode != 0, run.stdout
    return run.stderr


@pytest.fixture
def private(tmp_path):
    folder = tmp_path / "private"
    done("make", folder, "old")
    done("make", folder, "new")
    return folder


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def texts(folder):
    return {path.name: path.read_text() for path in folder.iterdir()}


def bad_settings(service, folder, **settings):
    """-> what the service finds wrong"""
    environment = BARE_ENVIRONMENT | {
        "STORE_URI": "sqlite:x", "KAFKA_BROKERS": "b:9092", "JWT_KEYS_DIR": str(folder),
        "REFRESH_SECRET": secrets.token_hex(32), "PUBLIC_URL": "http://arch.homework",
        "MAIL_SPOOL_DIR": str(folder)} | settings
    return subprocess.run([BIN / service, "--check-config"], env=environment, text=True,
                          capture_output=True, check=False).stderr


def test_private_keys_are_for_their_owner_and_sign(private):
    assert mode(private) == 0o700
    assert {mode(path) for path in private.iterdir()} == {0o600}
    assert bad_settings("user-svc", private, JWT_ACTIVE_KID="new") == ""


def test_public_halves_check_but_do_not_sign(private, tmp_path):
    public, again = tmp_path / "public", tmp_path / "again"
    done("public", private, public)
    assert sorted(texts(public)) == ["new.pem", "old.pem"]
    assert not any("PRIVATE" in text for text in texts(public).values())
    assert bad_settings("order-svc", public) == ""
    assert "public key" in bad_settings("user-svc", public, JWT_ACTIVE_KID="new")

    done("public", public, again)
    assert texts(again) == texts(public)


def test_a_shared_secret_has_no_public_half(private, tmp_path):
    (private / "mac.secret").write_text(secrets.token_hex(32))
    assert "left out" in done("public", private, tmp_path / "public")
    assert sorted(texts(tmp_path / "public")) == ["new.pem", "old.pem"]


def test_list_says_what_each_key_is(private, tmp_path):
    (private / "mac.secret").write_text(secrets.token_hex(32))
    (private / ".hidden.pem").write_text("x")
    done("public", private, tmp_path / "public")
    assert done("list", private) == "mac HS256 shared\nnew ES256 private\nold ES256 private\n"
    assert done("list", tmp_path / "public") == "new ES256 public\nold ES256 public\n"


def test_a_key_is_removed_but_the_last_one(private):
    done("remove", private, "old")
    assert list(texts(private)) == ["new.pem"]
    assert "only key" in refused("remove", private, "new")
    assert "no key" in refused("remove", private, "old")
    assert list(texts(private)) == ["new.pem"]


def test_no_key_is_overwritten(private, tmp_path):
    (private / "mac.secret").write_text(secrets.token_hex(32))
    before = texts(private)
    done("public", private, tmp_path / "public")
    assert "already" in refused("make", private, "old")
    assert "already" in refused("make", private, "mac")
    assert "OUTDIR is DIR" in refused("public", private, f"{private}/.")
    assert "private key" in refused("public", tmp_path / "public", private)
    assert texts(private) == before


def test_what_is_no_key_leaves_nothing_behind(private, tmp_path):
    (private / "zzz.pem").write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n")
    assert "zzz.pem" in refused("public", private, tmp_path / "public")
    assert sorted(texts(tmp_path / "public")) == ["new.pem", "old.pem"]


@pytest.mark.parametrize("kid", ["", ".x", "../x", "a/b", "a b", "x" * 65, "é"])
def test_a_kid_is_a_file_name_and_no_path(private, kid):
    before = texts(private)
    assert "KID" in refused("make", private, kid)
    assert "KID" in refused("remove", private, kid)
    assert texts(private) == before


TOOLS = ["bash", "basename", "comm", "dirname", "mkdir", "mv", "rm", "sed", "sort"]


def test_where_there_are_no_debian_packages(tmp_path):
    """Its tools are enough, and one that is missing is named."""
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool))
    bare = {"PATH": str(tmp_path / "bin")}
    make = [shutil.which("bash"), ROOT / "scripts" / "keys", "make", tmp_path / "private", "k"]
    refusal = subprocess.run(make, env=bare, text=True, capture_output=True, check=False)
    assert refusal.returncode == 1 and "needs openssl" in refusal.stderr
    (tmp_path / "bin" / "openssl").symlink_to(shutil.which("openssl"))
    subprocess.run(make, env=bare, check=True)
    assert (tmp_path / "private" / "k.pem").exists()


def test_other_commands_get_the_usage(tmp_path):
    for arguments in ([], ["make"], ["make", tmp_path], ["list"], ["burn", tmp_path]):
        assert refused(*arguments).startswith("usage: scripts/keys")
    assert done("--help").startswith("usage: scripts/keys")
    assert "no directory" in refused("list", tmp_path / "nowhere")
