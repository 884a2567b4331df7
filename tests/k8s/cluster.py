"""The product as it runs in a cluster, by kubectl and by its ingress.

Without K8S_CONTEXT the tests run inside the network of tests/k8s-lab's cluster, on its node: names of
Services lead somewhere, and processes of pods can be stopped. With it they run against a cluster of
somebody's, and are told where things are:
    K8S_URL            the ingress (http://arch.homework)
    K8S_STORE_URI      order-svc's database, for the judge of the promise
    K8S_KAFKA_BROKERS  its broker (cp-cp-kafka.broker:9092)
    K8S_CLIENT_IMAGE   an image with a shell and nc, for pods to try doors from
"""
import base64
import json
import os
import pathlib
import signal
import subprocess
import time

import checker
from clients import Load, OrderClient
from store_reader import open_store
from topic import read_topic

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONTEXT = os.environ.get("K8S_CONTEXT")
URL = os.environ.get("K8S_URL", "http://arch.homework")
BROKERS = os.environ.get("K8S_KAFKA_BROKERS", "cp-cp-kafka.broker:9092")
CLIENT_IMAGE = os.environ.get("K8S_CLIENT_IMAGE", "localhost/k8s-lab/client:1")
KUBECTL = ["kubectl", *(["--context", CONTEXT] if CONTEXT else [])]
KUBECTL_S = 300
DRAIN_S = 120  # longest backoff of the scheduler, and a backlog to work off


def kubectl(*arguments, stdin=None, check=True):
    done = subprocess.run([*KUBECTL, *arguments], input=stdin, text=True, capture_output=True,
                          timeout=KUBECTL_S, check=False)
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done.stdout if check else done


def get(*arguments):
    return json.loads(kubectl("get", *arguments, "--output", "json"))


def poll(condition, what, seconds=60, pause=0.5):
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(pause)
    return result


class Deployment:
    def __init__(self, namespace, name):
        self.namespace, self.name = namespace, name

    def kubectl(self, *arguments, **options):
        return kubectl("--namespace", self.namespace, *arguments, **options)

    def all_pods(self):
        return get("--namespace", self.namespace, "pods", "--selector",
                   f"app.kubernetes.io/name={self.name}")["items"]

    def pods(self):
        """Those that are not on their way out."""
        return [pod for pod in self.all_pods() if "deletionTimestamp" not in pod["metadata"]]

    def ready_pods(self):
        return [pod for pod in self.pods() if is_ready(pod)]

    def restart(self):
        self.kubectl("rollout", "restart", f"deployment/{self.name}")

    def await_rollout(self):
        self.kubectl("rollout", "status", f"deployment/{self.name}", "--timeout=180s")

    def await_settled(self):
        """As many pods as wanted, all ready, and none on its way out, which serves on for a while."""
        self.await_rollout()
        poll(lambda: len(self.ready_pods()) == len(self.all_pods()) >= 2, f"{self.name} to settle")


def is_ready(pod):
    return any(condition["type"] == "Ready" and condition["status"] == "True"
               for condition in pod["status"].get("conditions", []))


USER_SVC = Deployment("auth", "user-svc")
ORDER_SVC = Deployment("app", "order-svc")


def secret(namespace, name, key):
    data = get("--namespace", namespace, "secret", name)["data"]
    return base64.b64decode(data[key]).decode()


def store():
    """What order-svc keeps."""
    return open_store(os.environ.get("K8S_STORE_URI") or secret("app", "order-svc", "STORE_URI"))


class OneTry(OrderClient):
    """A client that does not repeat: what fails has failed."""

    def place(self, request_id, price, stop):
        return self.send(request_id, price)


class OneTryLoad(Load):
    client = OneTry


def judge(folder, users):
    """Waits until no record of these users is pending; then nothing may be lost or doubled. Other
    tests' orders are in the same store, so only these users' are looked at."""
    ids = {user for user, _ in users}
    reader = store()
    wishes = checker.read_wishes([folder])

    def settled():
        orders, records = reader.read()
        mine = {i for i, (user, _, _) in orders.items() if user in ids}
        return all(records.get(i) != "pending" for i in mine) and \
            all(orders[i][2] == "processing" for i in mine)

    poll(settled, "all orders to be on their way", DRAIN_S, pause=2)
    orders, records = reader.read()
    orders = {i: order for i, order in orders.items() if order[0] in ids}
    wanted = {checker.order_id(*key) for key in wishes}
    records = {i: state for i, state in records.items() if i in orders or i in wanted}
    events = [event for event in read_topic(BROKERS) if event["key"] in orders]
    faults, summary = checker.judge(wishes, orders, records, events)
    print(summary)
    assert not faults, "\n".join([*faults[:20], summary])
    return summary


class Stopped:
    """All processes of a pod's containers, as if their host hung. On the pod's own node only."""

    def __init__(self, namespace, selector):
        self.pod = get("--namespace", namespace, "pods", "--selector", selector)["items"][0]
        uid = self.pod["metadata"]["uid"]
        self.processes = [int(folder.name) for folder in pathlib.Path("/proc").iterdir()
                          if folder.name.isdigit() and self.belongs(folder, uid)]
        assert self.processes, f"no process of pod {self.pod['metadata']['name']} on this node"

    @staticmethod
    def belongs(folder, uid):
        try:
            cgroup = (folder / "cgroup").read_text(encoding="ascii")
            command = (folder / "cmdline").read_bytes()
        except OSError:  # it has ended meanwhile
            return False
        return (uid in cgroup or uid.replace("-", "_") in cgroup) and b"/pause" not in command

    def __enter__(self):
        for process in self.processes:
            os.kill(process, signal.SIGSTOP)
        return self

    def __exit__(self, *_):
        for process in self.processes:
            try:
                os.kill(process, signal.SIGCONT)
            except ProcessLookupError:
                pass  # the kubelet was faster
