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


class Log:
    """One file of JSON lines, each written whole before the next step is taken."""

    def __init__(self, path):
        self.file = open(path, "a", encoding="utf-8", buffering=1)
        self.lock = threading.Lock()

    def write(self, **line):
        with self.lock:
            self.file.write(json.dumps(line) + "\n")


class OrderClient:
    """One user who places orders through a keep-alive connection."""

    def __init__(self, url, user, token, log):
        self.address = urlsplit(url).netloc
        self.user, self.token, self.log = user, token, log
        self.connection = None
        self.unanswered = 0  # sent whole, and no answer came

    def close(self):
        if self.connection:
            self.connection.close()
            self.connection = None

    def send(self, request_id, price):
        """One try. -> (status, body), or (None, None) when there was no answer."""
        self.log.write(user=self.user, requestId=request_id, price=price)
        sent = False
        try:
            if not self.connection:
                self.connection = http.client.HTTPConnection(self.address,
                                                             timeout=REQUEST_TIMEOUT_S)
            self.connection.request(
                "POST", "/api/v1/order/", json.dumps({"price": price / 100}),
                {"Authorization": f"Bearer {self.token}", "X-Request-Id": request_id,
                 "Content-Type": "application/json"})
            sent = True
            answer = self.connection.getresponse()
            body = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            self.unanswered += sent
            self.close()
            return None, None
        self.log.write(user=self.user, requestId=request_id, price=price, status=answer.status,
                       orderId=body.get("orderId"), problem=body.get("type"))
        if answer.getheader("Connection", "").lower() == "close":
            self.close()
        return answer.status, body

    def place(self, request_id, price, stop=None):
        """Repeats until there is an answer that a repeat does not change. -> (status, body)"""
        give_up = time.monotonic() + GIVE_UP_S
        while time.monotonic() < give_up and not (stop and stop.is_set()):
            status, body = self.send(request_id, price)
            if status is not None and status < 500 and status != 429:
                return status, body
            time.sleep(RETRY_PAUSE_S)
        return None, None


class Load:
    """Several clients at once, each in its thread, until stopped or done."""

    def __init__(self, urls, users, directory, seed, orders_each, repeat_share=0.3):
        self.stop = threading.Event()
        self.refused = []  # answers that no client should have got
        self.unanswered = 0
        self.threads = [
            threading.Thread(target=self.run, args=(
                urls[i % len(urls)], user, token, Log(directory / f"client-{i}.jsonl"),
                random.Random(f"{seed}/{i}"), orders_each, repeat_share))
            for i, (user, token) in enumerate(users)]

    def run(self, url, user, token, log, rng, orders, repeat_share):
        client = OrderClient(url, user, token, log)
        placed = []
        for n in range(orders):
            if self.stop.is_set():
                break
            if placed and rng.random() < repeat_share:
                request_id, price = rng.choice(placed)
            else:
                request_id, price = f"{rng.getrandbits(64):016x}-{n}", rng.randrange(1, 10_000_000)
                placed.append((request_id, price))
            status, body = client.place(request_id, price, self.stop)
            if status not in (201, None):
                self.refused.append((request_id, status, body))
        client.close()
        self.unanswered += client.unanswered

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
