#!/usr/bin/env python3
"""Measures order-svc on the embedded store and prints one table. Started by scripts/bench.

Everything that is compared runs in turn in the same run: each round goes through all loads and, with
the batch that the service reached, through a bare SQLite loop of the same rows. Medians over the
rounds; the spread is the largest distance from the median."""
import argparse
import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
LOADS = ("new-orders", "replays", "list-20", "get-one")
STORED = 1000           # orders that replays, list and get find
READY_TIMEOUT_S = 10
TICK = os.sysconf("SC_CLK_TCK")
PASSWORD = "correct horse battery"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(url, timeout=5):
    with urllib.request.urlopen(url, timeout=timeout) as answer:
        return answer.read().decode()


def post(url, body, **headers):
    headers = {"Content-Type": "application/json", **{k.replace("_", "-"): v
                                                      for k, v in headers.items()}}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


class Service:
    """One of our binaries, with what /proc tells of it."""

    def __init__(self, binary, directory, **settings):
        self.port, admin = free_port(), free_port()
        self.url, self.admin = f"http://127.0.0.1:{self.port}", f"http://127.0.0.1:{admin}"
        self.log = directory / f"{binary.name}.log"
        started = time.monotonic()
        self.process = subprocess.Popen(
            [binary], stderr=open(self.log, "w", encoding="utf-8"), env={"PORT": str(self.port), "ADMIN_PORT": str(admin),
                                       **settings})
        self.ready_ms = self.wait_until_ready(started)
        self.idle_mib = self.rss_mib()

    def wait_until_ready(self, started):
        while time.monotonic() - started < READY_TIMEOUT_S:
            try:
                get(self.admin + "/readyz")
                return (time.monotonic() - started) * 1000
            except OSError:
                time.sleep(0.002)
        sys.exit(f"{self.process.args[0]} did not become ready:\n{self.log.read_text()}")

    def cpu_s(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")")[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def rss_mib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024

    def metric(self, name):
        return float(re.search(rf"^{re.escape(name)} (\S+)$", get(self.admin + "/metrics"),
                               re.M)[1])

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)


class Product:
    def __init__(self, binaries, directory):
        self.broker = subprocess.Popen([binaries / "dev-broker", "--topic", "order-created"],
                                       stdout=subprocess.PIPE, text=True)
        secrets = {"JWT_SECRET": os.urandom(32).hex()}
        self.store = directory / "order.db"
        brokers = self.broker.stdout.readline().split()[-1]
        self.user = Service(binaries / "user-svc", directory, REFRESH_SECRET=os.urandom(32).hex(),
                            STORE_URI=f"sqlite:{directory}/user.db",
                            PUBLIC_URL="http://127.0.0.1", **secrets)
        self.order = Service(binaries / "order-svc", directory, STORE_URI=f"sqlite:{self.store}",
                             KAFKA_BROKERS=brokers, **secrets)
        self.token = post(self.user.url + "/signup", {
            "username": "bench", "firstName": "Ben", "lastName": "Ch", "phone": "+491234567",
            "email": "bench@example.org", "password": PASSWORD,
            "passwordConfirm": PASSWORD})["token"]
        for n in range(STORED):
            self.one = self.place(f"stored-{n}")

    def place(self, request_id):
        return post(self.order.url + "/api/v1/order/", {"price": 400},
                    Authorization=f"Bearer {self.token}", X_Request_Id=request_id)["orderId"]

    def stop(self):
        self.order.stop()
        self.user.stop()
        self.broker.terminate()
        self.broker.wait(timeout=10)


def run_wrk(product, load, connections, seconds, run_id):
    environment = {"PATH": os.environ["PATH"], "BENCH_DIR": str(HERE), "BENCH_RUN": run_id,
                   "BENCH_TOKEN": product.token, "BENCH_STORED": str(STORED),
                   "BENCH_ORDER_ID": product.one}
    done = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s",
         HERE / f"{load}.lua", product.order.url],
        env=environment, capture_output=True, text=True, timeout=seconds + 30, check=True)
    return json.loads(re.search(r"^RESULT (.*)$", done.stdout, re.M)[1])


def measure(product, load, connections, seconds, run_id):
    batches = ('lane_batch_size_sum{lane="orders-write"}',
               'lane_batch_size_count{lane="orders-write"}')
    before = [product.order.metric(name) for name in batches]
    cpu = product.order.cpu_s()
    result = run_wrk(product, load, connections, seconds, run_id)
    cpu = product.order.cpu_s() - cpu
    orders, commits = (product.order.metric(n) - b for n, b in zip(batches, before))
    if result["failed"]:
        print(f"warning: {result['failed']} of {load} failed", file=sys.stderr)
    return {"rate": result["requests"] / result["seconds"], "p50": result["p50_ms"],
            "p99": result["p99_ms"], "cpu_us": cpu * 1e6 / result["requests"],
            "rss": product.order.rss_mib(), "batch": orders / commits if commits else 0}


def bare_loop(binaries, directory, store, batch, seconds):
    """On a copy of the service's own database: rows cost more as the tables grow."""
    copy = directory / "loop.db"
    for leftover in directory.glob("loop.db*"):
        leftover.unlink()
    with contextlib.closing(sqlite3.connect(store)) as source, \
            contextlib.closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    done = subprocess.run([binaries / "sqlite_loop", copy, f"{batch:.2f}", str(seconds)],
                          capture_output=True, text=True, check=True)
    result = json.loads(done.stdout)
    return result["orders"] / result["seconds"]


def median(rows, key):
    return statistics.median(row[key] for row in rows)


def spread(rows, key):
    middle = median(rows, key)
    return max(abs(row[key] - middle) for row in rows) / middle * 100 if middle else 0


def print_table(results, loops):
    print("| load | connections | requests/s | spread | p50 ms | p99 ms | CPU µs/request "
          "| RSS MiB | mean batch |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    for (load, connections), rows in results.items():
        batch = f"{median(rows, 'batch'):.1f}" if load in ("new-orders", "replays") else "–"
        print(f"| {load} | {connections} | {median(rows, 'rate'):,.0f} "
              f"| ±{spread(rows, 'rate'):.0f} % | {median(rows, 'p50'):.2f} "
              f"| {median(rows, 'p99'):.2f} | {median(rows, 'cpu_us'):.1f} "
              f"| {median(rows, 'rss'):.1f} | {batch} |")
    print()
    for connections, rates in loops.items():
        loop = statistics.median(rates)
        ours = median(results["new-orders", connections], "rate")
        print(f"New orders at {connections} connections: {ours / loop * 100:.0f} % of a bare "
              f"SQLite loop of the same rows at the same mean batch ({loop:,.0f} orders/s).")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binaries", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--connections", default="1,8,64")
    arguments = parser.parse_args()
    connections = [int(c) for c in arguments.connections.split(",")]
    results = {(load, c): [] for load in LOADS for c in connections}
    loops = {c: [] for c in connections}

    with tempfile.TemporaryDirectory(prefix="arch-bench-", dir=os.environ.get("BENCH_DATA_DIR")) \
            as name:
        directory = pathlib.Path(name)
        product = Product(arguments.binaries, directory)
        try:
            for turn in range(arguments.rounds):
                for load, c in results:
                    print(f"round {turn + 1}/{arguments.rounds}: {load}, {c} connections",
                          file=sys.stderr)
                    row = measure(product, load, c, arguments.seconds, f"{turn}-{c}")
                    results[load, c].append(row)
                    if load == "new-orders":
                        loops[c].append(bare_loop(arguments.binaries, directory, product.store,
                                                  row["batch"], arguments.seconds))
        finally:
            product.stop()
        print_table(results, loops)
        print(f"\nFrom exec to ready: order-svc {product.order.ready_ms:.0f} ms, "
              f"user-svc {product.user.ready_ms:.0f} ms. Idle RSS: order-svc "
              f"{product.order.idle_mib:.1f} MiB, user-svc {product.user.idle_mib:.1f} MiB.")


if __name__ == "__main__":
    main()
