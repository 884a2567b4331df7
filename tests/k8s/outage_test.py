"""A store or a broker that hangs: pods stay, clients are told the truth, all recovers by itself."""
import time

from cluster import ORDER_SVC, Stopped, poll
from conftest import on_the_node

OUTAGE_S = 30


def names(pods):
    return sorted(pod["metadata"]["name"] for pod in pods)


def restarts(pods):
    return [container["restartCount"] for pod in pods
            for container in pod["status"]["containerStatuses"]]


@on_the_node
def test_orders_get_an_honest_503_while_the_store_hangs(client):
    before = ORDER_SVC.ready_pods()
    answers = []
    with Stopped("app", "app.kubernetes.io/name=mongodb"):
        end = time.monotonic() + OUTAGE_S
        while time.monotonic() < end:
            answers.append((answer := client.order(400, f"hang-{len(answers)}")))
            assert names(ORDER_SVC.ready_pods()) == names(before)
    assert {answer.status for answer in answers} == {503}
    assert {answer.json["type"] for answer in answers} <= {
        "/problems/not-accepted", "/problems/outcome-unknown"}

    for n in range(len(answers)):  # whatever became of them: a repeat has the one answer
        poll(lambda: client.order(400, f"hang-{n}").status == 201, "orders to be taken again")
    assert names(ORDER_SVC.ready_pods()) == names(before)
    assert restarts(ORDER_SVC.ready_pods()) == restarts(before)


@on_the_node
def test_orders_are_taken_while_the_broker_hangs(place_orders):
    before = ORDER_SVC.ready_pods()
    with Stopped("broker", ""):
        with place_orders() as orders:
            time.sleep(OUTAGE_S)
        assert orders.failures == []
        assert orders.load.answered > 100
        assert names(ORDER_SVC.ready_pods()) == names(before)
    orders.judge()
