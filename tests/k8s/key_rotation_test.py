"""docs/kubernetes.md, "Rotate keys", as an operator does it, under load."""
import base64
import json
import subprocess

import pytest

from client import Client
from cluster import CONTEXT, ORDER_SVC, ROOT, URL, USER_SVC, get, kubectl, poll

FIRST, SECOND = "key-1", "key-2"  # the first is the one of k8s/user/configmap.yaml
KUBELET_S = 180  # it looks at Secrets about once a minute


def keys(command, kid):
    done = subprocess.run([ROOT / "scripts" / "k8s", "keys", command, kid,
                           *(["--context", CONTEXT] if CONTEXT else [])],
                          text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def key_names():
    return set(get("--namespace", "auth", "secret", "user-svc-keys")["data"])


def activate(kid):
    manifest = (ROOT / "k8s" / "user" / "configmap.yaml").read_text(encoding="utf-8")
    line = f"JWT_ACTIVE_KID: {FIRST}\n"
    assert line in manifest
    kubectl("apply", "--filename", "-", stdin=manifest.replace(line, f"JWT_ACTIVE_KID: {kid}\n"))
    USER_SVC.restart()
    USER_SVC.await_settled()


def times_read(deployment):
    return {pod["metadata"]["name"]:
            deployment.kubectl("logs", pod["metadata"]["name"]).count('"keys read again"')
            for pod in deployment.ready_pods()}


def distribute(command, kid):
    """Waits until each pod has read its keys again."""
    before = {deployment: times_read(deployment) for deployment in (USER_SVC, ORDER_SVC)}
    keys(command, kid)
    for deployment, counts in before.items():
        poll(lambda: all(times > counts.get(name, -1)
                         for name, times in times_read(deployment).items()),
             f"{deployment.name} to read its keys", KUBELET_S, pause=2)


def kid_of(token):
    header = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))["kid"]


@pytest.fixture
def first_key_alone():
    """As the cluster is installed, before and afterwards; the key may then be another of that name."""
    restore()
    yield
    restore()


def restore():
    if key_names() == {f"{FIRST}.pem"}:
        return
    if f"{FIRST}.pem" not in key_names():
        keys("add", FIRST)
        ORDER_SVC.restart()  # faster than the kubelet
        ORDER_SVC.await_settled()
    activate(FIRST)
    keys("remove", SECOND)


def test_no_request_fails_while_keys_change(first_key_alone, place_orders, read_profiles):
    old = Client(URL)
    assert kid_of(old.token) == FIRST
    with read_profiles() as profiles, place_orders() as orders:
        distribute("add", SECOND)
        activate(SECOND)
        new = Client(URL)
        assert kid_of(new.token) == SECOND
        for client in (old, new):
            assert client.request("GET", "/me").status == 200
            assert client.order(400).status == 201
    assert orders.failures == []
    assert profiles.failures == []

    distribute("remove", FIRST)
    assert old.request("GET", "/me").status == 401
    assert old.order(400).status == 401
    assert new.order(400).status == 201
