"""What an operator has after following docs/kubernetes.md."""
import json
import os
import subprocess

from cluster import BROKERS, ORDER_SVC, ROOT, URL, USER_SVC, kubectl, poll
from topic import read_topic

NEWMAN_S = 180
KCAT_S = 60
MANIFESTS = ["namespaces.yaml", "broker", "user", "order", "examples"]


def test_the_api_server_takes_every_manifest():
    for name in MANIFESTS:
        kubectl("apply", "--dry-run=server", "--filename", str(ROOT / "k8s" / name))


def test_it_refuses_a_misspelt_field():
    manifest = (ROOT / "k8s" / "order" / "deployment.yaml").read_text(encoding="utf-8")
    done = kubectl("apply", "--dry-run=server", "--validate=strict", "--filename", "-",
                   stdin=manifest.replace("maxSurge", "maxSurgee"), check=False)
    assert done.returncode != 0


def test_both_are_ready_on_their_stores():
    for deployment in (USER_SVC, ORDER_SVC):
        assert len(deployment.ready_pods()) >= 2


def test_their_pods_have_no_token_of_the_api_server_and_no_links():
    for deployment in (USER_SVC, ORDER_SVC):
        spec = deployment.pods()[0]["spec"]
        assert spec["automountServiceAccountToken"] is False
        assert spec["enableServiceLinks"] is False
        assert not [volume for volume in spec["volumes"] if "projected" in volume]


def test_the_topic_was_made():
    """Its Job is gone after a while; and asking for a topic by name may make it."""
    done = subprocess.run(["kcat", "-b", BROKERS, "-L", "-J"], capture_output=True, text=True,
                          timeout=KCAT_S, check=True)
    topics = {topic["topic"]: topic for topic in json.loads(done.stdout)["topics"]}
    assert topics["order-created"]["partitions"]


def test_newman_through_the_ingress(tmp_path):
    report = tmp_path / "newman.json"
    done = subprocess.run(
        [os.environ["NEWMAN"], "run", ROOT / "postman" / "arch.homework.postman_collection.json",
         "--env-var", f"baseUrl={URL}", "--reporters", "json", "--reporter-json-export", report],
        capture_output=True, text=True, timeout=NEWMAN_S, check=False)
    run = json.loads(report.read_text(encoding="utf-8"))["run"]
    assert run["failures"] == []
    assert run["stats"]["assertions"]["total"] >= 30
    assert done.returncode == 0


def test_an_orders_event_is_in_the_topic(client):
    answer = client.order(399.99)
    assert answer.status == 201, answer
    poll(lambda: [event for event in read_topic(BROKERS)
                  if event["key"] == answer.json["orderId"]], "the event")


def test_a_request_without_an_id_is_still_refused_behind_the_ingress(client):
    answer = client.request("POST", "/api/v1/order/", {"price": 400})
    assert answer.status == 400
    assert answer.json["type"] == "/problems/request-id-required"


def test_the_ingress_keeps_a_clients_id(client):
    answer = client.order(400, "kept-by-the-ingress")
    assert answer.headers["X-Request-Id"] == "kept-by-the-ingress"
    again = client.order(400, "kept-by-the-ingress")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json == answer.json
