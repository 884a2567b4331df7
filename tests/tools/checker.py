#!/usr/bin/env python3
"""The judge of the promise: reads what clients sent and were told, the store, and the topic.

    checker.py --clients DIR_OR_FILE... --store STORE_URI --events FILE [--repeats-max N]

Clients' logs and events are JSON lines:
    client  {"user", "requestId", "price": hundredths, "status": 201|422|503|null, "orderId"?}
            one line for each request sent, when it was sent and again when it was answered
            (a line without a status: sent, no answer)
    event   {"key", "value": text, "headers": {name: text}}, as topic.py writes them

Says, and exits with 1 and the ids at fault where it is not so:
    - each acknowledged order exists once, with the acknowledged content and the computed id
    - one order id for one (user, request id)
    - a 422 was true: the key's order is of another price
    - everything acknowledged is `processing` (parked ones are counted apart), no record is pending
    - the topic holds each processing order at least once; repeats have the same bytes and event id
      and are at most N: a batch for each time that one was possible (see repeats_max)
    - nothing exists that no client asked for
"""
import argparse
import hashlib
import json
import pathlib
import sys
from collections import defaultdict
from dataclasses import dataclass, field

from store_reader import open_store


def order_id(user, request_id):
    """The id that the contract computes for the order of a request."""
    text = b"\x01" + user.encode() + b"\x00" + request_id.encode()
    return hashlib.blake2b(text, digest_size=32).hexdigest()[:24]


@dataclass
class Wish:
    """All that clients asked for under one key."""
    prices: set = field(default_factory=set)
    acknowledged: set = field(default_factory=set)  # (order id, price)
    refused: set = field(default_factory=set)       # prices that got a 422


def read_lines(paths):
    for path in paths:
        path = pathlib.Path(path)
        for file in sorted(path.glob("*.jsonl")) if path.is_dir() else [path]:
            with open(file, encoding="utf-8") as lines:
                for line in lines:
                    if line.endswith("\n"):  # a client that was killed leaves half a line
                        yield json.loads(line)


def read_wishes(paths):
    wishes = defaultdict(Wish)
    for line in read_lines(paths):
        wish = wishes[line["user"], line["requestId"]]
        wish.prices.add(line["price"])
        if line.get("status") == 201:
            wish.acknowledged.add((line["orderId"], line["price"]))
        elif line.get("status") == 422:
            wish.refused.add(line["price"])
    return wishes


def price_text(hundredths):
    whole, part = divmod(hundredths, 100)
    return f"{whole}.{part:02}".rstrip("0") if part else str(whole)


def check_clients(wishes, orders):
    for (user, request_id), wish in wishes.items():
        computed = order_id(user, request_id)
        stored = orders.get(computed)
        ids = {i for i, _ in wish.acknowledged}
        if len(ids) > 1:
            yield f"key {user}/{request_id}: told several order ids: {sorted(ids)}"
        for told, price in wish.acknowledged:
            if told != computed:
                yield f"order {told}: is not the computed id {computed} of {user}/{request_id}"
            if stored is None:
                yield f"order {computed}: LOST, acknowledged to {user}/{request_id}"
            elif stored[:2] != (user, price):
                yield f"order {computed}: acknowledged price {price}, stored {stored}"
        for price in wish.refused:
            if stored is not None and stored[1] == price:
                yield f"order {computed}: 422 for the very price that is stored"


def check_store(wishes, orders, records):
    asked = {order_id(*key): (key[0], wish.prices) for key, wish in wishes.items()}
    for i, (user, price, status) in orders.items():
        wanted = asked.get(i)
        if wanted is None or wanted[0] != user or price not in wanted[1]:
            yield f"order {i}: nobody asked for it: user {user}, price {price}"
        if status != "processing" and records.get(i) != "parked":
            yield f"order {i}: still {status}, record {records.get(i)}"
    for i, state in records.items():
        if i not in asked:
            yield f"record {i}: nobody asked for it"
        if state == "pending":
            yield f"record {i}: still pending"
        if state == "done" and orders.get(i, (0, 0, ""))[2] != "processing":
            yield f"record {i}: done, but its order is {orders.get(i)}"


def check_topic(orders, events):
    seen = defaultdict(set)
    for event in events:
        seen[event["key"]].add((event["value"], event["headers"].get("ce_id")))
    for i, (user, price, status) in orders.items():
        if status == "processing" and i not in seen:
            yield f"order {i}: processing, but in no topic"
    for i, forms in seen.items():
        if len(forms) > 1:
            yield f"event {i}: repeats differ: {sorted(map(str, forms))}"
        value, event_id = next(iter(forms))
        if event_id != f"{i}.created":
            yield f"event {i}: ce_id is {event_id}"
        if i not in orders:
            yield f"event {i}: of no order"
            continue
        body = json.loads(value, parse_float=str, parse_int=str)
        told = (body.get("orderId"), body.get("userId"), str(body.get("price")), body.get("status"))
        user, price, _ = orders[i]
        if told != (i, user, price_text(price), "new"):
            yield f"event {i}: says {told}, the order is {orders[i]}"


def count_repeats(events):
    return len(events) - len({event["key"] for event in events})


def repeats_max(metrics, deaths, batch_max):
    """What may be in the topic twice: a batch for each time that a replica says so, and a batch for
    each that died or was paused, which could not say it any more. `metrics` are of all replicas that
    ever ran, each as it was last seen."""
    told = sum(value for replica in metrics for name, value in replica.items()
               if name.startswith("relay_repeats_possible_total"))
    return (int(told) + deaths) * batch_max


def check_repeats(events, most):
    if most is not None and count_repeats(events) > most:
        yield f"topic: {count_repeats(events)} repeats, and {most} were possible"


def judge(wishes, orders, records, events, most_repeats=None):
    faults = [*check_clients(wishes, orders), *check_store(wishes, orders, records),
              *check_topic(orders, events), *check_repeats(events, most_repeats)]
    acknowledged = sum(bool(w.acknowledged) for w in wishes.values())
    summary = (f"{len(wishes)} keys, {acknowledged} acknowledged, {len(orders)} orders, "
               f"{len(events)} events of which {count_repeats(events)} repeats"
               f"{'' if most_repeats is None else f' (possible: {most_repeats})'}, "
               f"{sum(s == 'parked' for s in records.values())} parked: "
               f"{'nothing lost, nothing doubled' if not faults else f'{len(faults)} FAULTS'}")
    return faults, summary


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", nargs="+", required=True)
    parser.add_argument("--store", required=True, help="sqlite:PATH or mongodb://…")
    parser.add_argument("--events", required=True)
    parser.add_argument("--repeats-max", type=int)
    arguments = parser.parse_args()
    try:
        store = open_store(arguments.store)
    except ValueError as error:
        parser.error(str(error))

    faults, summary = judge(read_wishes(arguments.clients), *store.read(),
                            list(read_lines([arguments.events])), arguments.repeats_max)
    for fault in faults[:50]:
        print(fault)
    print(summary)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
