"""Clients as they are in the wild: they place orders, repeat some, retry what got no answer, and log
what they sent and what they were told, as checker.py reads it."""
import http.client
import json
import random
import threading
import time
from urllib.parse import urlsplit

RETRY_PAUSE_S = 0.02      # a restart takes tens of milliseconds; clients here are impatient
REQUEST_TIMEOUT_S = 10
GIVE_UP_S = 120           # no outage in a test lasts this long
RECENT = 8                # keys that are perhaps under way still


class Log:
    """One file of JSON lines, each written whole before the next step is taken."""

    def __init__(self, path):
        self.file = open(path, "a", encoding="utf-8", buffering=1)
        self.lock = threading.Lock()

    def write(self, **line):
        with self.lock:
            self.file.write(json.dumps(line) + "\n")


class OrderClient:
    """One user who places orders through keep-alive connections, at any of several replicas."""

    def __init__(self, urls, user, token, log, rng, timeout_s=REQUEST_TIMEOUT_S):
        self.addresses = [urlsplit(url).netloc for url in urls]
        self.user, self.token, self.log, self.rng = user, token, log, rng
        self.timeout_s = timeout_s
        self.connections = {}
        self.unanswered = 0  # sent whole, and no answer came

    def close(self):
        for address in list(self.connections):
            self.connections.pop(address).close()

    def connection(self, address):
        if address not in self.connections:
            self.connections[address] = http.client.HTTPConnection(address, timeout=self.timeout_s)
        return self.connections[address]

    def send(self, request_id, price):
        """One try. -> (status, body), or (None, None) when there was no answer."""
        self.log.write(user=self.user, requestId=request_id, price=price)
        address = self.rng.choice(self.addresses)
        connection = self.connection(address)
        sent = False
        try:
            connection.request(
                "POST", "/api/v1/order/", json.dumps({"price": price / 100}),
                {"Authorization": f"Bearer {self.token}", "X-Request-Id": request_id,
                 "Content-Type": "application/json"})
            sent = True
            answer = connection.getresponse()
            body = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            self.unanswered += sent
            self.connections.pop(address).close()
            return None, None
        self.log.write(user=self.user, requestId=request_id, price=price, status=answer.status,
                       orderId=body.get("orderId"), problem=body.get("type"))
        if answer.getheader("Connection", "").lower() == "close":
            self.connections.pop(address).close()
        return answer.status, body

    def place(self, request_id, price, stop):
        """Repeats until there is an answer that a repeat does not change. -> (status, body)"""
        give_up = time.monotonic() + GIVE_UP_S
        while time.monotonic() < give_up and not stop.is_set():
            status, body = self.send(request_id, price)
            if status is not None and status < 500 and status != 429:
                return status, body
            stop.wait(RETRY_PAUSE_S)
        return None, None


def wishes(rng, orders, repeat_share):
    """What a user asks for, one (request id, price) after the other: new keys, and between them
    repeats, half of these of keys that are so new that they may be under way."""
    placed = []
    while len(placed) < orders:
        if placed and rng.random() < repeat_share:
            yield rng.choice(placed[-RECENT:] if rng.random() < 0.5 else placed)
        else:
            placed.append((f"{rng.getrandbits(64):016x}-{len(placed)}",
                           rng.randrange(1, 10_000_000)))
            yield placed[-1]


class Load:
    """Several users at once, each with some threads, until stopped or done. What is asked for
    follows from the seed; when, and at which of the replicas, does not."""

    client = OrderClient

    def __init__(self, urls, users, directory, seed, orders_each, repeat_share=0.3,
                 threads_each=1, timeout_s=REQUEST_TIMEOUT_S):
        self.stop = threading.Event()
        self.lock = threading.Lock()
        self.answered = 0
        self.refused = []  # answers that no client should have got, and None where one gave up
        self.unanswered = 0
        self.threads = []
        for i, (user, token) in enumerate(users):
            log = Log(directory / f"client-{i}.jsonl")
            supply = wishes(random.Random(f"{seed}/{i}"), orders_each, repeat_share)
            for n in range(threads_each):
                client = self.client(urls, user, token, log, random.Random(f"{seed}/{i}/{n}"),
                                     timeout_s)
                self.threads.append(threading.Thread(target=self.run, args=(client, supply)))

    def next_of(self, supply):
        with self.lock:
            return None if self.stop.is_set() else next(supply, None)

    def run(self, client, supply):
        while wish := self.next_of(supply):
            self.take_answer(wish, *client.place(*wish, self.stop))
        client.close()
        with self.lock:
            self.unanswered += client.unanswered

    def take_answer(self, wish, status, body):
        with self.lock:
            if status == 201:
                self.answered += 1
            elif status is not None or not self.stop.is_set():
                self.refused.append((wish, status, body))

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.join()

    def join(self):
        for thread in self.threads:
            thread.join()
