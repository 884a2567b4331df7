#!/usr/bin/env python3
"""Measures order-svc on real engines and prints its tables. Started by scripts/bench --real.

Everything that is compared runs in turn in the same run: each round goes through all loads, after
each of new orders through a bare loop of the driver in the same database (the same documents, write
concern, mean batch and number of writers), and then drains an outbox. The scheduler rests while
orders are taken, for the loop has none either. Medians over the rounds; the spread is the largest
distance from the median."""
import argparse
import json
import os
import pathlib
import secrets
import statistics
import subprocess
import sys
import tempfile
import time

from measuring import (CpuShares, STORED, Service, measure, median, place, print_loads, sign_up,
                       spread)

WRITERS = 2             # threads of the lane orders-write on MongoDB, see order-svc/main.c
LOADS = (("new-orders", 8), ("new-orders", 64), ("new-orders", 256), ("replays", 64), ("list-20", 64))
# Orders of the user whose list is read. DocumentDB sorts all that a user has for each page, so this
# figure is of the engine where a user has thousands.
READ = 100
OUTBOX = 20000
OUTBOX_BATCH = 500
DRAIN_TIMEOUT_S = 120
POLL_S = 0.02


def say(text):
    print(text, file=sys.stderr, flush=True)


def with_database(uri, database):
    address, _, options = uri.partition("?")
    return f"{address.rstrip('/')}/{database}" + (f"?{options}" if options else "")


def mongo_loop(binaries, uri, *arguments):
    """-> what it prints. The URI may hold a password, so it is no argument."""
    done = subprocess.run([binaries / "mongo_loop", *map(str, arguments)], env={"STORE_URI": uri},
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return json.loads(done.stdout) if done.stdout else None


def make_topic(binaries, brokers):
    topic = f"bench-{secrets.token_hex(4)}"
    done = subprocess.run([binaries / "order-svc", "--create-topic"], capture_output=True, text=True,
                          check=False, env={"KAFKA_BROKERS": brokers, "KAFKA_TOPIC": topic,
                                            "KAFKA_TOPIC_REPLICATION": "1"})
    if done.returncode != 0:
        sys.exit(done.stderr)
    return topic


class Engines:
    """Databases of this run in the store, dropped in the end, and services on them."""

    def __init__(self, arguments, directory):
        self.binaries, self.brokers = arguments.binaries, arguments.brokers
        self.store, self.directory = os.environ["MONGODB_URI"], directory
        self.topic = make_topic(self.binaries, self.brokers)
        self.secret = os.urandom(32).hex()
        self.databases = []

    def new_database(self):
        self.databases.append(with_database(self.store, f"bench-{secrets.token_hex(4)}"))
        return self.databases[-1]

    def order_svc(self, uri, **settings):
        return Service(self.binaries / "order-svc", self.directory, STORE_URI=uri,
                       KAFKA_BROKERS=self.brokers, KAFKA_TOPIC=self.topic, JWT_SECRET=self.secret,
                       **settings)

    def drop(self):
        for uri in self.databases:
            mongo_loop(self.binaries, uri, "drop")


class Product:
    """Accounts are only there for tokens, so they are in a file."""

    def __init__(self, engines):
        self.uri = engines.new_database()
        self.user = Service(engines.binaries / "user-svc", engines.directory,
                            STORE_URI=f"sqlite:{engines.directory}/user.db",
                            PUBLIC_URL="http://127.0.0.1",
                            MAIL_SPOOL_DIR=f"{engines.directory}/mail",
                            JWT_SECRET=engines.secret,
                            REFRESH_SECRET=os.urandom(32).hex())
        self.order = engines.order_svc(self.uri, SCHEDULER_ENABLED="false")
        self.token = sign_up(self.user)
        for n in range(STORED):
            self.one = place(self.order, self.token, f"stored-{n}")
        self.reader = sign_up(self.user, "reader")
        for n in range(READ):
            place(self.order, self.reader, f"read-{n}")

    def stop(self):
        self.order.stop()
        self.user.stop()


def drain(engines):
    """A full outbox, made by the bare loop, and from the scheduler's start until none is pending."""
    uri = engines.new_database()
    engines.order_svc(uri, SCHEDULER_ENABLED="false").stop()  # which makes the collections
    mongo_loop(engines.binaries, uri, WRITERS, OUTBOX_BATCH, DRAIN_TIMEOUT_S, OUTBOX)
    started = time.monotonic()
    service = engines.order_svc(uri)
    try:
        shares = CpuShares(service)
        while service.metric("orders_published_total") < OUTBOX or service.metric("orders_pending") > 0:
            if time.monotonic() - started > DRAIN_TIMEOUT_S:
                sys.exit(f"the outbox is not drained after {DRAIN_TIMEOUT_S} s")
            time.sleep(POLL_S)
        seconds = time.monotonic() - started
        shares = shares.taken()
        assert service.metric("orders_published_total") == OUTBOX
    finally:
        service.stop()
    return {"seconds": seconds, "rate": OUTBOX / seconds,
            "cpu_us": shares["service_s"] * 1e6 / OUTBOX, **shares}


def one_round(engines, product, turn, rounds, seconds, results, loops, drains):
    for load, connections in LOADS:
        say(f"round {turn + 1}/{rounds}: {load}, {connections} connections")
        row = measure(product, load, connections, seconds, f"{turn}-{connections}")
        results.setdefault((load, connections), []).append(row)
        if load == "new-orders":
            say(f"round {turn + 1}/{rounds}: bare loop of batches of {row['batch']:.1f}")
            done = mongo_loop(engines.binaries, product.uri, WRITERS, f"{row['batch']:.2f}",
                              seconds, 10 ** 9)
            rate = done["orders"] / done["seconds"]
            loops.setdefault(connections, []).append({"rate": rate, "share": row["rate"] / rate})
    say(f"round {turn + 1}/{rounds}: draining {OUTBOX:,} orders")
    drains.append(drain(engines))


def print_loops(loops):
    for connections, rows in loops.items():
        shares = [row["share"] * 100 for row in rows]
        print(f"New orders at {connections} connections: {statistics.median(shares):.0f} % "
              f"({min(shares):.0f} to {max(shares):.0f}) of a bare loop with as many writers at the "
              f"same mean batch ({median(rows, 'rate'):,.0f} orders/s, "
              f"±{spread(rows, 'rate'):.0f} %).")


def print_drains(rows):
    print(f"\nOutbox of {OUTBOX:,}, from the service's start until all are processing: "
          f"{median(rows, 'seconds'):.1f} s, {median(rows, 'rate'):,.0f} events/s "
          f"(±{spread(rows, 'rate'):.0f} %), {median(rows, 'cpu_us'):.1f} CPU µs/event.")


def print_bounds(results, drains):
    """The engines have what is left of what is taken, and so have strangers."""
    print("\n| CPU of all cores | order-svc | load | taken in all |\n|---|--:|--:|--:|")
    rows = {f"{load}, {connections}": rows for (load, connections), rows in results.items()}
    for name, measured in (rows | {"outbox": drains}).items():
        cells = (f"{median(measured, key) * 100:.0f} %" for key in ("service", "load", "busy"))
        print(f"| {name} | {' | '.join(cells)} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binaries", type=pathlib.Path, required=True)
    parser.add_argument("--brokers", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5)
    arguments = parser.parse_args()
    results, loops, drains = {}, {}, []

    with tempfile.TemporaryDirectory(prefix="arch-bench-", dir=os.environ.get("BENCH_DATA_DIR")) \
            as name:
        engines = Engines(arguments, pathlib.Path(name))
        product = Product(engines)
        try:
            for turn in range(arguments.rounds):
                one_round(engines, product, turn, arguments.rounds, arguments.seconds, results,
                          loops, drains)
        finally:
            product.stop()
            engines.drop()
    print_loads(results)
    print_loops(loops)
    print_drains(drains)
    print_bounds(results, drains)


if __name__ == "__main__":
    main()
