"""Nothing fails while pods come and go, and nothing is lost or doubled."""
import time

from cluster import ORDER_SVC, ROOT, USER_SVC, kubectl, poll

REQUESTS = 20_000
DEATHS_S, DEATH_EVERY_S = 120, 5


def test_both_restart_under_load(place_orders, read_profiles):
    with read_profiles() as profiles, place_orders() as orders:
        orders.until(500)
        USER_SVC.restart()
        ORDER_SVC.restart()
        USER_SVC.await_rollout()
        ORDER_SVC.await_rollout()
        poll(lambda: orders.load.answered + profiles.answered >= REQUESTS, "enough requests", 600)
    print(f"{orders.load.answered} orders, {profiles.answered} profiles")
    assert orders.failures == []
    assert profiles.failures == []
    orders.judge()


def kill_pods():
    """One with no grace, every few seconds, while another is ready."""
    deaths, end = 0, time.monotonic() + DEATHS_S
    while time.monotonic() < end:
        began = time.monotonic()
        ready = poll(lambda: len(pods := ORDER_SVC.ready_pods()) >= 2 and pods, "two ready pods")
        ORDER_SVC.kubectl("delete", "pod", ready[deaths % len(ready)]["metadata"]["name"],
                          "--grace-period=0", "--force")
        deaths += 1
        time.sleep(max(0, DEATH_EVERY_S - (time.monotonic() - began)))
    return deaths


def test_deaths_behind_a_proxy_that_repeats_are_not_seen(place_orders, retrying_proxy):
    with place_orders(retrying_proxy) as orders:
        deaths = kill_pods()
    print(f"{deaths} deaths, {orders.load.answered} orders")
    assert orders.failures == []
    assert deaths >= DEATHS_S // (2 * DEATH_EVERY_S)
    orders.judge()


def test_deaths_behind_the_ingress_alone_cost_only_what_was_in_flight(place_orders):
    with place_orders(patient=True) as orders:
        deaths = kill_pods()
    print(f"{deaths} deaths, {orders.load.answered} orders")
    assert orders.failures == []
    assert orders.statuses() <= {201, 502, 503, 504}
    orders.judge()
    assert deaths > 0


def test_the_proxys_manifest_is_the_documented_one():
    text = (ROOT / "k8s" / "examples" / "retrying-proxy.yaml").read_text(encoding="utf-8")
    line = "proxy_next_upstream error timeout http_502 http_504 non_idempotent;"
    assert line in text
    assert line in (ROOT / "docs" / "proxies.md").read_text(encoding="utf-8")
    kubectl("apply", "--dry-run=server", "--filename", "-", stdin=text)
