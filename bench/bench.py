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
import sqlite3
import statistics
import subprocess
import sys
import tempfile

from measuring import STORED, Service, measure, median, place, print_loads, sign_up

LOADS = ("new-orders", "replays", "list-20", "get-one")


class Product:
    def __init__(self, binaries, directory):
        self.broker = subprocess.Popen([binaries / "dev-broker", "--topic", "order-created"],
                                       stdout=subprocess.PIPE, text=True)
        secrets = {"JWT_SECRET": os.urandom(32).hex()}
        self.store = directory / "order.db"
        brokers = self.broker.stdout.readline().split()[-1]
        self.user = Service(binaries / "user-svc", directory, REFRESH_SECRET=os.urandom(32).hex(),
                            STORE_URI=f"sqlite:{directory}/user.db",
                            PUBLIC_URL="http://127.0.0.1",
                            MAIL_SPOOL_DIR=f"{directory}/mail", **secrets)
        self.order = Service(binaries / "order-svc", directory, STORE_URI=f"sqlite:{self.store}",
                             KAFKA_BROKERS=brokers, **secrets)
        self.token = self.reader = sign_up(self.user)
        for n in range(STORED):
            self.one = place(self.order, self.token, f"stored-{n}")

    def stop(self):
        self.order.stop()
        self.user.stop()
        self.broker.terminate()
        self.broker.wait(timeout=10)


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


def print_loops(results, loops):
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
        print_loads(results)
        print_loops(results, loops)
        print(f"\nFrom exec to ready: order-svc {product.order.ready_ms:.0f} ms, "
              f"user-svc {product.user.ready_ms:.0f} ms. Idle RSS: order-svc "
              f"{product.order.idle_mib:.1f} MiB, user-svc {product.user.idle_mib:.1f} MiB.")


if __name__ == "__main__":
    main()
