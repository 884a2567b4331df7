"""A flood of logins at ten times what can be hashed: it is shed, costs no more memory than it may,
and every answer is right. What orders notice of it is measured, and only reported: the load
generator runs on the same cores. FLOOD_SECONDS makes it longer (scripts/flood)."""
import collections
import json
import os
import pathlib
import statistics
import subprocess
import sys
import threading
import time
from urllib.parse import urlsplit

import client
import pytest
from product import BIN

FLOOD_S = float(os.environ.get("FLOOD_SECONDS", "10"))
REPORT = os.environ.get("FLOOD_REPORT")
PHASES = 3
CAPACITY_S, CAPACITY_CLIENTS = 2, 4
TIMES_CAPACITY = 10
USERS = 6
ORDERS = 20
PROBE_PAUSE_S = 0.01
# user-svc/hashing.h: the service's own, and each thread's hash by the default cost.
SERVICE_MIB, HASH_MIB = 64, 19
FLOOD = pathlib.Path(__file__).resolve().parents[1] / "tools" / "flood.py"


def log_in(product, user, source):
    return client.request(product.user_svc.url, "POST", "/login",
                          {key: user[key] for key in ("username", "password")},
                          {"X-Forwarded-For": source})


def hashes_a_second(product, user):
    """What a few clients reach that each wait for their answers."""
    until, done = time.monotonic() + CAPACITY_S, collections.Counter()

    def ask_on(number):
        while time.monotonic() < until:
            done[log_in(product, user | {"username": f"nobody-{number}-{time.monotonic_ns()}"},
                        f"198.51.100.{number}").status] += 1

    threads = [threading.Thread(target=ask_on, args=[n]) for n in range(CAPACITY_CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done[401] / CAPACITY_S


def probe(customer, while_true):
    """-> how long each list of orders took, in ms"""
    took = []
    while while_true():
        began = time.monotonic()
        assert len(customer.orders()) == ORDERS
        took.append((time.monotonic() - began) * 1000)
        time.sleep(PROBE_PAUSE_S)
    return took


def p99(took):
    return statistics.quantiles(took, n=100)[98]


def peak_rss_mib(process):
    status = pathlib.Path(f"/proc/{process.child.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


class FloodProcess:
    """tests/tools/flood.py at work; it ends when every login has its answer."""

    def __init__(self, product, users, rate, seconds):
        lines = "".join(json.dumps(user) + "\n" for user in users)
        self.child = subprocess.Popen(
            [sys.executable, "-B", FLOOD, urlsplit(product.user_svc.url).netloc, str(rate),
             str(seconds)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.child.stdin.write(lines)
        self.child.stdin.close()

    def runs(self):
        return self.child.poll() is None

    def result(self):
        text = self.child.stdout.read()
        assert self.child.wait() == 0
        return json.loads(text)


def flood_in_phases(product, users, customer, rate):
    """Quiet and flood take turns, so that what changes on the host meanwhile meets both."""
    total, quiet, flooded = collections.Counter(), [], []
    for _ in range(PHASES):
        until = time.monotonic() + FLOOD_S / PHASES
        quiet += probe(customer, lambda: time.monotonic() < until)
        flood = FloodProcess(product, users, rate, FLOOD_S / PHASES)
        flooded += probe(customer, flood.runs)
        result = flood.result()
        assert result["faults"] == []
        for counts in result["answers"].values():
            total.update(counts)
    return total, quiet, flooded


@pytest.fixture(name="product")
def running_product(start_product):
    return start_product()


def test_a_flood_of_logins_is_shed(product):
    users = [product.new_client().signed_up_as for _ in range(USERS)]
    customer = product.new_client()
    for _ in range(ORDERS):
        assert customer.order(1).status == 201
    capacity = hashes_a_second(product, users[0])

    total, quiet, flooded = flood_in_phases(product, users, customer, TIMES_CAPACITY * capacity)

    report(capacity, total, quiet, flooded, peak_rss_mib(product.user_svc))
    assert total["503"] > 0 and total["401"] > 0  # what can be served is
    if BIN.parent.name in ("dev", "release"):  # sanitizers take memory of their own
        assert peak_rss_mib(product.user_svc) < SERVICE_MIB + os.cpu_count() * HASH_MIB
    assert log_in(product, users[1], "198.18.0.1").status == 200
    assert product.user_svc.metrics()['lane_depth{lane="hashing"}'] == 0


def report(capacity, total, quiet, flooded, rss_mib):
    line = (f"{FLOOD_S:.0f} s at {TIMES_CAPACITY} times the {capacity:.0f} logins/s that can be "
            f"hashed: {total.total()} logins, of which {total['503']} were shed (503), "
            f"{total['429']} throttled (429), {total['401']} refused (401), {total['200']} let in. "
            f"RSS of user-svc at most {rss_mib:.0f} MiB. GET /api/v1/order/ p50 "
            f"{statistics.median(quiet):.1f} ms without, {statistics.median(flooded):.1f} ms with "
            f"the flood; p99 {p99(quiet):.1f} and {p99(flooded):.1f} ms, "
            f"{p99(flooded) / p99(quiet):.1f} times ({len(quiet)} and {len(flooded)} requests).")
    print(line)
    if REPORT:
        pathlib.Path(REPORT).write_text(line + "\n", encoding="utf-8")
