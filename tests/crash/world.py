"""order-svc with its broker and clients, for tests that kill it. Tokens are minted here as user-svc
would, so that nothing else has to run."""
import secrets

import checker
from clients import Load
from product import SANITIZER_REPORT, Broker, Service
from tokens import mint_token
from topic import read_topic
from waiting import poll

LEASE_MS = 30_000
DAY_MS = 24 * 3600 * 1000
TOKEN_LIFE_S = 7 * 24 * 3600  # longer than the clock is turned in any test

SETTINGS = {
    "SCHEDULER_INTERVAL_MS": "20",
    "SCHEDULER_LINGER_MS": "50",
    "SCHEDULER_LEASE_MS": str(LEASE_MS),
    "SCHEDULER_BATCH_MAX": "20",  # several batches, so that a crash falls between two
    "JWT_TTL": str(TOKEN_LIFE_S),
    "LOG_LEVEL": "warn",
}


class World:
    def __init__(self, folder, settings=None, users=4):
        self.folder = folder
        self.secret = secrets.token_urlsafe(48)
        self.users = [(user, mint_token(self.secret, user, TOKEN_LIFE_S))
                      for user in (secrets.token_hex(12) for _ in range(users))]
        self.clients = folder / "clients"
        self.clients.mkdir()
        self.turned_ms = 0
        self.broker = Broker(folder)
        self.broker.start()
        self.service = Service("order-svc", folder, SETTINGS | {
            "BIND_ADDRESS": "127.0.0.1",
            "JWT_SECRET": self.secret,
            "STORE_URI": f"sqlite:{folder}/order.db",
            "KAFKA_BROKERS": self.broker.address(),
        } | (settings or {}))
        self.base = dict(self.service.environment)

    def start(self, wait=True, **plan):
        """Starts order-svc with a test build's variables (TEST_KILL_AT=…), at the turned clock."""
        self.service.environment = self.base | plan | {"TEST_CLOCK_OFFSET_MS": str(self.turned_ms)}
        self.service.start()
        if wait:
            self.service.await_ready()

    def turn_clock(self, ms):
        """From its next start on; beyond a lease, so that nobody has to wait for one to end."""
        self.turned_ms += ms

    def await_death(self):
        poll(lambda: not self.service.alive, "order-svc to be killed")
        assert self.service.child.returncode == -9, self.service.log_tail()

    def load(self, seed, orders_each=25):
        return Load([self.service.url], self.users, self.clients, seed, orders_each)

    def await_settled(self):
        """Until no record is pending. The store is asked: metrics are a round old."""
        def settled():
            self.service.assert_alive()
            _, records = checker.read_sqlite(self.folder / "order.db")
            return "pending" not in records.values()
        poll(settled, "everything to be published", seconds=60)

    def verdict(self):
        """-> the checker's faults and its summary, after order-svc has stopped in order."""
        self.service.stop()
        orders, records = checker.read_sqlite(self.folder / "order.db")
        return checker.judge(checker.read_wishes([self.clients]), orders, records,
                             self.read_events())

    def read_events(self):
        return read_topic(self.broker.address())

    def assert_promise_kept(self):
        faults, summary = self.verdict()
        assert not faults, "\n".join([summary, *faults[:20]])
        print(summary)
        return summary

    def stop(self):
        self.service.stop()
        self.broker.stop()

    def assert_clean_log(self):
        text = self.service.log.read_text(errors="replace")
        found = SANITIZER_REPORT.search(text)
        assert not found, text[found.start():][:6000]
