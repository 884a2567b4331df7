"""docs/kubernetes.md, "Rotate keys", as an operator does it, under load."""
import base64
import json
import subprocess

import pytest

from client import Client
from cluster import ORDER_SVC, ROOT, URL, USER_SVC, get, kubectl, poll

FIRST, SECOND = "key-1", "key-2"  # the first is made by scripts/k8s secrets
KUBELET_S = 180  # it looks at Secrets about once a minute


def keys(*arguments):
    subprocess.run([ROOT / "scripts" / "keys", *map(str, arguments)], check=True,
                   capture_output=True)


def put_secret(deployment, folder):
    name = f"{deployment.name}-keys"
    manifest = deployment.kubectl("create", "secret", "generic", name, "--from-file", str(folder),
                                  "--dry-run=client", "--output", "yaml")
    kubectl("apply", "--filename", "-", stdin=manifest)


def activate(kid):
    USER_SVC.kubectl("patch", "configmap", "user-svc", "--patch",
                     json.dumps({"data": {"JWT_ACTIVE_KID": kid}}))
    USER_SVC.restart()
    USER_SVC.await_settled()


def times_read(deployment):
    return {pod["metadata"]["name"]:
            deployment.kubectl("logs", pod["metadata"]["name"]).count('"keys read again"')
            for pod in deployment.ready_pods()}


def distribute(private, public):
    """Brings both halves to all pods and waits until each has read them."""
    before = {deployment: times_read(deployment) for deployment in (USER_SVC, ORDER_SVC)}
    keys("public", private, public)
    put_secret(USER_SVC, private)
    put_secret(ORDER_SVC, public)
    for deployment, counts in before.items():
        poll(lambda: all(times > counts.get(name, -1)
                         for name, times in times_read(deployment).items()),
             f"{deployment.name} to read its keys", KUBELET_S, pause=2)


def kid_of(token):
    header = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))["kid"]


@pytest.fixture
def key_files(tmp_path):
    """The private keys as they are in the cluster; as they were, afterwards."""
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    for name, value in get("--namespace", "auth", "secret", "user-svc-keys")["data"].items():
        (private / name).write_bytes(base64.b64decode(value))
        (private / name).chmod(0o600)
    if (private / f"{SECOND}.pem").exists():
        keys("remove", private, SECOND)
    original = tmp_path / "original"
    subprocess.run(["cp", "-a", private, original], check=True)
    yield private
    (tmp_path / "original-public").mkdir()
    keys("public", original, tmp_path / "original-public")
    put_secret(USER_SVC, original)
    put_secret(ORDER_SVC, tmp_path / "original-public")
    activate(FIRST)
    ORDER_SVC.restart()
    ORDER_SVC.await_settled()


def test_no_request_fails_while_keys_change(key_files, tmp_path, place_orders, read_profiles):
    old = Client(URL)
    assert kid_of(old.token) == FIRST
    with read_profiles() as profiles, place_orders() as orders:
        keys("make", key_files, SECOND)
        (tmp_path / "two").mkdir()
        distribute(key_files, tmp_path / "two")
        activate(SECOND)
        new = Client(URL)
        assert kid_of(new.token) == SECOND
        for client in (old, new):
            assert client.request("GET", "/me").status == 200
            assert client.order(400).status == 201
    assert orders.failures == []
    assert profiles.failures == []

    keys("remove", key_files, FIRST)
    (tmp_path / "one").mkdir()
    distribute(key_files, tmp_path / "one")
    assert old.request("GET", "/me").status == 401
    assert old.order(400).status == 401
    assert new.order(400).status == 201
