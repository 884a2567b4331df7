"""scripts/k8s secrets and scripts/k8s keys over a kubectl that keeps Secrets in files: what is missing
is made, what is there is kept, and an answer that did not come is not taken for "not there"."""
import json
import os
import pathlib
import subprocess

import pytest

from product import ROOT

STORE_URIS = {"USER_STORE_URI": "mongodb://u:one-password@h/users",
              "ORDER_STORE_URI": "mongodb://o:other-password@h/orders"}
SECRETS = {"auth/secret/user-svc": ["ADMIN_PASSWORD", "REFRESH_SECRET", "STORE_URI"],
           "auth/secret/user-svc-keys": ["key-1.pem"],
           "app/secret/order-svc": ["STORE_URI"],
           "app/secret/order-svc-keys": ["key-1.pem"]}
PRIVATE, PUBLIC = "auth/secret/user-svc-keys", "app/secret/order-svc-keys"
CONTEXT = ("--context", "stub")


class Cluster:
    def __init__(self, folder):
        self.folder, self.objects = folder, folder / "objects"
        self.objects.mkdir(parents=True)
        program = folder / "bin" / "kubectl"
        program.parent.mkdir()
        stub = pathlib.Path(__file__).with_name("kubectl_stub.py")
        program.write_text(f'#!/bin/sh\nexec /usr/bin/python3 -B {stub} "$@"\n')
        program.chmod(0o755)
        (folder / "tmp").mkdir()

    def run(self, *arguments, **variables):
        """scripts/k8s with these; it must leave no file of its own."""
        environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        environment |= {"PATH": f"{self.folder / 'bin'}:{environment['PATH']}",
                        "KUBECTL_STUB": str(self.folder), "TMPDIR": str(self.folder / "tmp"),
                        "K8S_LAB_RUN": str(self.folder / "no-lab")} | variables
        done = subprocess.run([ROOT / "scripts" / "k8s", *arguments], env=environment, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
        assert list((self.folder / "tmp").iterdir()) == []
        return done

    def made(self, *arguments, **variables):
        done = self.run(*arguments, *CONTEXT, **variables)
        assert done.returncode == 0 and done.stderr == "", done.stderr
        return done.stdout

    def refused(self, *arguments, **variables):
        """Says why in one line, besides what kubectl says, and changes nothing."""
        before = self.content()
        done = self.run(*arguments, *CONTEXT, **variables)
        assert done.returncode != 0 and done.stdout == ""
        assert self.content() == before
        assert done.stderr.count("error: ") == 1, done.stderr
        return done.stderr

    def content(self):
        """-> {"NAMESPACE/KIND/NAME": {key: value}}"""
        content = {}
        for path in sorted(self.objects.glob("*/*/*/*")):
            content.setdefault(str(path.parent.relative_to(self.objects)), {})[path.name] = \
                path.read_text()
        return content

    def put(self, where, **values):
        (self.objects / where).mkdir(parents=True)
        for key, value in values.items():
            (self.objects / where / key.replace("_", "-")).write_text(value)

    def activate(self, kid):
        folder = self.objects / "auth" / "configmap" / "user-svc"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "JWT_ACTIVE_KID").write_text(kid)

    def delete(self, where):
        for path in (self.objects / where).iterdir():
            path.unlink()
        (self.objects / where).rmdir()

    def arguments(self):
        return (self.folder / "calls").read_text()

    def changes(self):
        calls = [json.loads(line) for line in self.arguments().splitlines()]
        return [call for call in calls if "get" not in call]


@pytest.fixture
def cluster(tmp_path):
    return Cluster(tmp_path / "cluster")


@pytest.fixture
def installed(cluster):
    cluster.made("secrets", **STORE_URIS)
    cluster.activate("key-1")
    return cluster


def public_half(pem):
    return subprocess.run(["openssl", "pkey", "-pubout"], input=pem, text=True, check=True,
                          capture_output=True).stdout


def test_all_four_are_made(cluster):
    said = cluster.made("secrets", **STORE_URIS)
    content = cluster.content()
    assert {where: list(values) for where, values in content.items()} == SECRETS
    assert said.count("made secret") == 4
    user = content["auth/secret/user-svc"]
    assert user["STORE_URI"] == STORE_URIS["USER_STORE_URI"]
    assert content["app/secret/order-svc"]["STORE_URI"] == STORE_URIS["ORDER_STORE_URI"]
    assert len(user["REFRESH_SECRET"]) == len(user["ADMIN_PASSWORD"]) == 43
    assert user["REFRESH_SECRET"] != user["ADMIN_PASSWORD"]
    assert "PRIVATE" in content[PRIVATE]["key-1.pem"]
    assert content[PUBLIC]["key-1.pem"] == public_half(content[PRIVATE]["key-1.pem"])


def test_what_is_there_is_left_alone(installed):
    before, calls = installed.content(), installed.changes()
    assert installed.made("secrets") == ""
    assert installed.content() == before and installed.changes() == calls


@pytest.mark.parametrize("missing", ["auth/secret/user-svc", "app/secret/order-svc"])
def test_one_that_is_missing_is_made_alone(installed, missing):
    before = installed.content()
    installed.delete(missing)
    installed.made("secrets", **STORE_URIS)
    after = installed.content()
    assert list(after.pop(missing)) == list(before.pop(missing)) and after == before


def test_public_keys_are_derived_from_the_private_ones_that_are_there(installed):
    installed.made("keys", "add", "key-2")
    before = installed.content()
    installed.delete(PUBLIC)
    assert "order-svc-keys" in installed.made("secrets")
    assert installed.content() == before


def test_public_keys_without_their_private_ones_are_not_overwritten(installed):
    installed.delete(PRIVATE)
    assert "backup" in installed.refused("secrets")


@pytest.mark.parametrize("name", ["user-svc", "user-svc-keys", "order-svc", "order-svc-keys",
                                  "mngdb-auth-mongodb", "mngdb-mongodb"])
@pytest.mark.parametrize("fault", ["timeout", "forbidden"])
def test_an_answer_that_did_not_come_is_the_end(cluster, name, fault):
    given = {} if name.startswith("mngdb") else STORE_URIS
    if name == "mngdb-mongodb":
        given = {"USER_STORE_URI": STORE_URIS["USER_STORE_URI"]}
    assert name in cluster.refused("secrets", KUBECTL_FAULT=f"get {name} {fault}", **given)


def test_one_that_somebody_made_meanwhile_is_not_overwritten(cluster):
    done = cluster.run("secrets", *CONTEXT, KUBECTL_FAULT="create user-svc-keys exists", **STORE_URIS)
    assert done.returncode != 0 and "AlreadyExists" in done.stderr
    assert cluster.content() == {}


@pytest.mark.parametrize("given,asked_for", [
    ({}, "USER_STORE_URI"), ({"USER_STORE_URI": ""}, "USER_STORE_URI"),
    ({"USER_STORE_URI": STORE_URIS["USER_STORE_URI"]}, "ORDER_STORE_URI"),
    ({"ORDER_STORE_URI": STORE_URIS["ORDER_STORE_URI"]}, "USER_STORE_URI")])
def test_nothing_is_made_without_both_stores(cluster, given, asked_for):
    assert f"give {asked_for}\n" in cluster.refused("secrets", **given)
    assert cluster.content() == {}


def test_store_addresses_of_the_charts(cluster):
    cluster.put("auth/secret/mngdb-auth-mongodb", mongodb_passwords="p1")
    cluster.put("app/secret/mngdb-mongodb", mongodb_passwords="p2")
    cluster.made("secrets")
    content = cluster.content()
    hosts = [f"mngdb-mongodb-{n}.mngdb-mongodb-headless.app.svc.cluster.local:27017" for n in range(3)]
    assert content["app/secret/order-svc"]["STORE_URI"] == \
        f"mongodb://orders:p2@{','.join(hosts)}/orders?replicaSet=rs0&authSource=orders"
    assert content["auth/secret/user-svc"]["STORE_URI"].startswith(
        "mongodb://users:p1@mngdb-auth-mongodb-0.mngdb-auth-mongodb-headless.auth.svc.")


def test_a_store_that_tells_its_address(cluster):
    for where in ("auth/secret/mngdb-auth-mongodb", "app/secret/mngdb-mongodb"):
        cluster.put(where, uri="mongodb://u:p@h:1/")
    cluster.made("secrets")
    assert cluster.content()["app/secret/order-svc"]["STORE_URI"] == \
        "mongodb://u:p@h:1/orders?authSource=admin"


def test_a_password_that_would_break_the_address_is_refused(cluster):
    cluster.put("auth/secret/mngdb-auth-mongodb", mongodb_passwords="p@ss/word")
    assert "USER_STORE_URI" in cluster.refused("secrets")


def test_no_value_is_an_argument(installed):
    installed.made("keys", "add", "key-2")
    values = [line for values in installed.content().values() for value in values.values()
              for line in value.splitlines() if line != "key-1"]
    arguments = installed.arguments()
    assert len(values) > 10 and not [value for value in values if value in arguments]
    assert "LS0t" not in arguments  # PEM in base64


@pytest.mark.parametrize("command", [("secrets",), ("test",), ("keys", "add", "k"),
                                     ("keys", "remove", "k")])
def test_without_a_context_it_is_the_lab_or_nothing(cluster, command):
    done = cluster.run(*command)
    assert done.returncode == 1 and done.stdout == ""
    assert "--context NAME" in done.stderr and done.stderr.count("\n") == 1
    assert not (cluster.folder / "calls").exists()


@pytest.mark.parametrize("arguments", [(), ("secret",), ("secrets", "x"), ("keys",),
                                       ("keys", "add"), ("keys", "burn", "k"), ("keys", "add", "k", "l")])
def test_other_commands_get_the_usage(cluster, arguments):
    done = cluster.run(*arguments, *CONTEXT)
    assert done.returncode == 2 and done.stderr.startswith("usage: scripts/k8s")
    assert "needs a name" in cluster.run("secrets", "--context").stderr
    assert cluster.run("--help").stdout == done.stderr


def test_the_tests_ask_where_things_are(cluster):
    done = cluster.run("test", *CONTEXT, K8S_URL="http://h")
    assert done.returncode == 1 and "K8S_STORE_URI" in done.stderr


def test_keys_rotate(installed):
    first = installed.content()
    installed.made("keys", "add", "key-2")
    both = installed.content()
    assert both[PUBLIC]["key-2.pem"] == public_half(both[PRIVATE]["key-2.pem"])
    assert both[PRIVATE]["key-1.pem"] == first[PRIVATE]["key-1.pem"]
    assert both[PUBLIC]["key-1.pem"] == first[PUBLIC]["key-1.pem"]

    assert "has to sign" in installed.refused("keys", "remove", "key-1")
    installed.activate("key-2")
    installed.made("keys", "remove", "key-1")
    after = installed.content()
    assert after[PRIVATE] == {"key-2.pem": both[PRIVATE]["key-2.pem"]}
    assert after[PUBLIC] == {"key-2.pem": both[PUBLIC]["key-2.pem"]}
    assert after["auth/secret/user-svc"] == first["auth/secret/user-svc"]


def test_no_key_goes_while_the_one_that_signs_is_not_there(installed):
    for active in ("key-3", ""):
        installed.activate(active)
        assert "has to sign" in installed.refused("keys", "remove", "key-1")


def test_keys_that_cannot_be_added_or_removed(installed, tmp_path):
    assert "already" in installed.refused("keys", "add", "key-1")
    assert "KID" in installed.refused("keys", "add", "../x")
    assert "no key key-9" in installed.refused("keys", "remove", "key-9")
    assert "scripts/k8s secrets" in Cluster(tmp_path / "empty").refused("keys", "add", "key-2")


@pytest.mark.parametrize("name", ["user-svc-keys", "order-svc-keys"])
def test_keys_stay_when_an_answer_did_not_come(installed, name):
    fault = {"KUBECTL_FAULT": f"get {name} timeout"}
    assert name in installed.refused("keys", "add", "key-2", **fault)
    installed.made("keys", "add", "key-2")
    installed.activate("key-2")
    assert name in installed.refused("keys", "remove", "key-1", **fault)


def test_a_key_that_came_half_way_is_removed_and_added(installed):
    done = installed.run("keys", "add", "key-2", *CONTEXT, KUBECTL_FAULT="patch user-svc-keys timeout")
    assert done.returncode != 0
    assert "key-2.pem" not in installed.content()[PRIVATE]  # nothing can be signed that order-svc refuses
    assert "already" in installed.refused("keys", "add", "key-2")
    installed.made("keys", "remove", "key-2")
    installed.made("keys", "add", "key-2")
    content = installed.content()
    assert content[PUBLIC]["key-2.pem"] == public_half(content[PRIVATE]["key-2.pem"])
