"""What the cluster refuses, and what it does by itself."""
import json
import threading

import pytest

from cluster import CLIENT_IMAGE, ORDER_SVC, USER_SVC, kubectl, poll

VISITORS = "arch-visitors"
POD = {
    "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "stranger", "namespace": VISITORS},
    "spec": {
        "terminationGracePeriodSeconds": 0, "automountServiceAccountToken": False,
        "containers": [{"name": "client", "image": CLIENT_IMAGE, "imagePullPolicy": "IfNotPresent",
                        "command": ["sleep", "3600"]}]}}


@pytest.fixture(scope="module")
def stranger():
    """A pod in a namespace of its own. -> whether it reaches an address"""
    kubectl("create", "namespace", VISITORS, check=False)
    poll(lambda: kubectl("--namespace", VISITORS, "get", "serviceaccount", "default",
                         check=False).returncode == 0, "the namespace's account")
    kubectl("apply", "--filename", "-", stdin=json.dumps(POD))
    kubectl("--namespace", VISITORS, "wait", "--for=condition=Ready", "pod/stranger",
            "--timeout=60s")

    def reaches(host, port):
        return kubectl("--namespace", VISITORS, "exec", "stranger", "--", "nc", "-z", "-w", "3",
                       host, str(port), check=False).returncode == 0

    yield reaches
    kubectl("delete", "namespace", VISITORS, "--wait=false")


def test_a_stranger_is_no_stranger_to_the_network(stranger):
    assert stranger("kubernetes.default", 443)


@pytest.mark.parametrize("host,port", [
    ("mngdb-auth-mongodb.auth", 27017), ("mngdb-mongodb.app", 27017), ("cp-cp-kafka.broker", 9092)])
def test_a_stranger_reaches_no_store(stranger, host, port):
    assert not stranger(host, port)


@pytest.mark.parametrize("deployment,admin", [(USER_SVC, 9081), (ORDER_SVC, 9082)],
                         ids=["user-svc", "order-svc"])
def test_a_stranger_reaches_no_port_of_a_service(stranger, deployment, admin):
    address = deployment.ready_pods()[0]["status"]["podIP"]
    assert not stranger(address, admin)
    assert not stranger(address, admin - 1000)
    assert not stranger(f"{deployment.name}.{deployment.namespace}", 80)


@pytest.mark.parametrize("namespace", ["auth", "app"])
def test_a_pod_with_rights_is_refused(namespace):
    pod = json.loads(json.dumps(POD))
    pod["metadata"]["namespace"] = namespace
    pod["spec"]["containers"][0]["securityContext"] = {"privileged": True}
    done = kubectl("apply", "--dry-run=server", "--filename", "-", stdin=json.dumps(pod),
                   check=False)
    assert done.returncode != 0
    assert 'violates PodSecurity "restricted' in done.stderr


def evict(deployment, pod):
    name, namespace = pod["metadata"]["name"], deployment.namespace
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction",
                "metadata": {"name": name, "namespace": namespace}}
    return kubectl("create", "--raw", f"/api/v1/namespaces/{namespace}/pods/{name}/eviction",
                   "--filename", "-", stdin=json.dumps(eviction), check=False)


def test_the_eviction_too_many_is_refused():
    first, second = ORDER_SVC.ready_pods()[:2]
    assert evict(ORDER_SVC, first).returncode == 0
    refused = evict(ORDER_SVC, second)
    assert refused.returncode != 0
    assert "disruption budget" in refused.stderr
    ORDER_SVC.await_settled()


def test_load_brings_a_pod_more(client):
    """Logins cost processor time and nothing else."""
    enough = threading.Event()
    login = {"username": client.signed_up_as["username"],
             "password": client.signed_up_as["password"]}

    def log_in():
        while not enough.is_set():
            client.request("POST", "/login", login)

    threads = [threading.Thread(target=log_in) for _ in range(8)]
    for thread in threads:
        thread.start()
    try:
        poll(lambda: len(USER_SVC.ready_pods()) >= 3, "a third pod of user-svc", 180)
    finally:
        enough.set()
        for thread in threads:
            thread.join()
