"""What the tests in a cluster share: users, loads with a judge at their end, a quiet start."""
import json
import pathlib
import sys
import threading
import time

import pytest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / folder)
                for folder in ("tools", "e2e")]

import checker  # noqa: E402
from client import Client  # noqa: E402
from cluster import (  # noqa: E402
    CONTEXT, ORDER_SVC, ROOT, URL, USER_SVC, Deployment, OneTryLoad, judge, kubectl)
from clients import Load  # noqa: E402

SEED = "cluster"
INGRESS_S = 5  # it says nowhere that it has seen a change

on_the_node = pytest.mark.skipif(bool(CONTEXT), reason="stops processes of pods on their node")


@pytest.fixture(autouse=True)
def settled():
    """Each test begins with all pods ready, whatever the one before did."""
    USER_SVC.await_settled()
    ORDER_SVC.await_settled()


@pytest.fixture
def users():
    """Some who have signed up: [(id, token)]."""
    clients = [Client(URL) for _ in range(4)]
    return [(client.user["_id"], client.token) for client in clients]


@pytest.fixture
def client():
    return Client(URL)


class Watched:
    """A load until it is told to stop, and what became of it."""

    def __init__(self, users, folder, url, patient):
        kind = Load if patient else OneTryLoad
        self.users, self.folder = users, folder
        self.load = kind([url], users, folder, SEED, orders_each=10**9, threads_each=2)

    def __enter__(self):
        self.load.__enter__()
        return self

    def __exit__(self, *failure):
        self.load.__exit__(*failure)

    @property
    def failures(self):
        return self.load.refused

    def until(self, answered):
        while self.load.answered < answered:
            time.sleep(0.2)

    def statuses(self):
        """All that was ever answered, to tries that were repeated too."""
        return {line["status"] for line in checker.read_lines([self.folder])
                if line.get("status") is not None}

    def judge(self):
        return judge(self.folder, self.users)


@pytest.fixture
def place_orders(users, tmp_path):
    """place_orders(url, patient=False): context of a load by four users on eight connections.
    Patient clients repeat what failed; the others take what they get."""
    return lambda url=URL, patient=False: Watched(users, tmp_path, url, patient)


class Readers:
    """Users who look at themselves, again and again."""

    def __init__(self, clients):
        self.stop = threading.Event()
        self.answered, self.failures = 0, []
        self.threads = [threading.Thread(target=self.run, args=(client,)) for client in clients]

    def run(self, client):
        while not self.stop.is_set():
            try:
                answer = client.request("GET", "/me")
                outcome = None if answer.status == 200 else answer
            except OSError as error:
                outcome = error
            if outcome is None:
                self.answered += 1
            else:
                self.failures.append(outcome)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()


@pytest.fixture
def read_profiles():
    return lambda: Readers([Client(URL) for _ in range(2)])


@pytest.fixture
def retrying_proxy():
    """The example, in place of order-svc behind the ingress; as it was, afterwards."""
    example = str(ROOT / "k8s" / "examples" / "retrying-proxy.yaml")
    proxy = Deployment("app", "retrying-proxy")
    kubectl("apply", "--filename", example)
    proxy.await_settled()
    lead_orders_to("retrying-proxy")
    yield URL
    lead_orders_to("order-svc")
    kubectl("delete", "--filename", example, "--wait=false")


def lead_orders_to(service):
    change = [{"op": "replace", "path": "/spec/rules/0/http/paths/0/backend/service/name",
               "value": service}]
    kubectl("--namespace", "app", "patch", "ingress", "order-svc", "--type=json", "--patch",
            json.dumps(change))
    time.sleep(INGRESS_S)
