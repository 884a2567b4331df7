"""A mistake of the operator: one line in the new pod's log says what to do, the rollout stops, the
old pods go on serving."""
import json

import pytest

from cluster import ORDER_SVC, USER_SVC, poll

MISTAKES = [
    ("a setting out of range", ORDER_SVC, [
        {"op": "add", "path": "/spec/template/spec/containers/0/env",
         "value": [{"name": "ORDERS_BATCH_MAX", "value": "0"}]}], "ORDERS_BATCH_MAX: "),
    ("a secret that is not there", ORDER_SVC, [
        {"op": "replace", "path": "/spec/template/spec/volumes/0/secret/secretName",
         "value": "not-there"}], "STORE_URI"),
    ("keys that are not there", USER_SVC, [
        {"op": "replace", "path": "/spec/template/spec/volumes/1/secret/secretName",
         "value": "not-there"}], "JWT_"),
]


@pytest.mark.parametrize("deployment,patch,told", [case[1:] for case in MISTAKES],
                         ids=[case[0] for case in MISTAKES])
def test_the_old_pods_go_on_serving_after(client, deployment, patch, told):
    before = {pod["metadata"]["name"] for pod in deployment.ready_pods()}
    deployment.kubectl("patch", "deployment", deployment.name, "--type=json", "--patch",
                       json.dumps(patch))
    try:
        pod = poll(lambda: failed_pod(deployment, before), "a new pod to fail")
        log = poll(lambda: last_log(deployment, pod), "its log")
        lines = [line for line in log.splitlines() if told in line]
        assert lines, log
        assert {pod["metadata"]["name"] for pod in deployment.ready_pods()} == before
        assert client.request("GET", "/me").status == 200
        assert client.order(400).status == 201
    finally:
        deployment.kubectl("rollout", "undo", f"deployment/{deployment.name}")
        deployment.await_settled()


def failed_pod(deployment, before):
    for pod in deployment.pods():
        statuses = pod["status"].get("containerStatuses") or [{}]
        ended = statuses[0].get("lastState", {}).get("terminated") or \
            statuses[0].get("state", {}).get("terminated")
        if pod["metadata"]["name"] not in before and ended:
            assert ended["exitCode"] == 2
            return pod["metadata"]["name"]
    return None


def last_log(deployment, pod):
    for options in (["--previous"], []):
        done = deployment.kubectl("logs", pod, *options, check=False)
        if done.returncode == 0 and done.stdout:
            return done.stdout
    return None
