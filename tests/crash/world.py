"""order-svc with its broker and clients, for tests that kill it. Tokens are minted here as user-svc
would, so that nothing else has to run. It stands on SQLite and dev-broker, or on real engines where
these are given: the same tests, see engines.py."""
import os
import random
import secrets
import signal

import checker
from clients import Load
from engines import REAL_BROKERS, new_store_uri, new_topic, turned_clock
from product import SANITIZER_REPORT, Broker, Service
from store_reader import open_store
from tokens import mint_token
from topic import make_topic, read_topic
from waiting import poll

LEASE_MS = 30_000
DAY_MS = 24 * 3600 * 1000
TOKEN_LIFE_S = 7 * 24 * 3600  # longer than the clock is turned in any test
SETTLE_S = 120  # the longest backoff, and a backlog to work off

# Replays what a test drew by lot.
SEED = os.environ.get("CRASH_SEED") or f"{random.SystemRandom().getrandbits(32):08x}"

SETTINGS = {
    "SCHEDULER_INTERVAL_MS": "20",
    "SCHEDULER_LINGER_MS": "50",
    "SCHEDULER_LEASE_MS": str(LEASE_MS),
    "SCHEDULER_BATCH_MAX": "20",  # several batches, so that a crash falls between two
    "JWT_TTL": str(TOKEN_LIFE_S),
    "LOG_LEVEL": "warn",
}


class Replica(Service):
    """order-svc, whose deaths are counted: each may repeat a batch that it could not tell of."""

    def __init__(self, name, folder, settings):
        super().__init__("order-svc", folder, settings, name)
        self.base = dict(self.environment)
        self.deaths = 0
        self.last_metrics = []  # of each process that it was

    def note_metrics(self):
        """Before it ends: what it counted ends with it."""
        if self.alive and self.is_ready():
            self.last_metrics.append(self.metrics())

    def kill(self):
        """Where it stands; its metrics are a moment old by then, so the moment counts as a death."""
        self.note_metrics()
        self.deaths += 1
        super().kill()

    def pause(self):
        self.deaths += 1
        self.signal_group(signal.SIGSTOP)

    def resume(self):
        self.signal_group(signal.SIGCONT)

    def stop(self):
        self.note_metrics()
        super().stop()

    def await_death(self):
        """At the point that a test planned."""
        poll(lambda: not self.alive, f"{self.name} to be killed")
        assert self.child.returncode == -signal.SIGKILL, self.log_tail()
        self.deaths += 1


class World:
    def __init__(self, folder, settings=None, users=4, replicas=1, rng=random.SystemRandom()):
        self.folder = folder
        self.secret = secrets.token_urlsafe(48)
        self.users = [(user, mint_token(self.secret, user, TOKEN_LIFE_S))
                      for user in (f"{rng.getrandbits(96):024x}" for _ in range(users))]
        self.clients = folder / "clients"
        self.clients.mkdir()
        self.turned_ms = 0
        self.broker = None if REAL_BROKERS else Broker(folder)
        if self.broker:
            self.broker.start()
        self.brokers = REAL_BROKERS or self.broker.address()
        self.topic = new_topic()
        if REAL_BROKERS:
            make_topic(self.brokers, self.topic)
        self.store_uri = new_store_uri(folder, "order")
        self.settings = SETTINGS | (settings or {})
        self.replicas = [self.make_replica(n) for n in range(replicas)]
        self.service = self.replicas[0]
        self.store = open_store(self.store_uri)

    def make_replica(self, n):
        return Replica(f"order-svc-{n}", self.folder, {
            "BIND_ADDRESS": "127.0.0.1",
            "JWT_SECRET": self.secret,
            "STORE_URI": self.store_uri,
            "KAFKA_BROKERS": self.brokers,
            "KAFKA_TOPIC": self.topic,
        } | self.settings)

    def start(self, wait=True, **plan):
        """Starts order-svc with a test build's variables (TEST_KILL_AT=…) and, for this once, other
        settings, at the turned clock."""
        self.service.environment = self.service.base | turned_clock(self.turned_ms) | plan
        self.service.start()
        if wait:
            self.service.await_ready()

    def turn_clock(self, ms):
        """From its next start on; beyond a lease, so that nobody has to wait for one to end."""
        self.turned_ms += ms

    def await_death(self):
        self.service.await_death()

    def load(self, seed, orders_each=25, **options):
        return Load([replica.url for replica in self.replicas], self.users, self.clients, seed,
                    orders_each, **options)

    def await_settled(self):
        """Until no record is pending. The store is asked: metrics are a round old."""
        def settled():
            for replica in self.replicas:
                replica.assert_alive()
            return self.store.pending() == 0
        poll(settled, "everything to be published", seconds=SETTLE_S)

    def verdict(self):
        """-> the checker's faults and its summary, after order-svc has stopped in order."""
        for replica in self.replicas:
            replica.stop()
        return checker.judge(checker.read_wishes([self.clients]), *self.store.read(),
                             self.read_events(), self.repeats_max())

    def repeats_max(self):
        return checker.repeats_max(
            [metrics for replica in self.replicas for metrics in replica.last_metrics],
            sum(replica.deaths for replica in self.replicas),
            int(self.settings["SCHEDULER_BATCH_MAX"]))

    def read_events(self):
        return read_topic(self.brokers, self.topic)

    def assert_promise_kept(self):
        faults, summary = self.verdict()
        assert not faults, "\n".join([summary, *faults[:20]])
        print(summary)
        return summary

    def stop(self):
        for replica in self.replicas:
            replica.stop()
        if self.broker:
            self.broker.stop()
        self.store.drop()

    def assert_clean_log(self):
        for replica in self.replicas:
            text = replica.log.read_text(errors="replace")
            found = SANITIZER_REPORT.search(text)
            assert not found, text[found.start():][:6000]
