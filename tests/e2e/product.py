"""The product as whole processes: dev-broker, both services and the gateway, on free ports and in a
folder of their own. PRODUCT_BIN says which build (build/dev/bin)."""
import os
import random
import re
import secrets
import shutil
import signal
import socket
import subprocess

import asyncapi
import client
from engines import BARE_ENVIRONMENT, BIN, REAL_BROKERS, ROOT, new_store_uri, new_topic
from topic import make_topic, read_topic
from waiting import poll

STOP_S = 20  # a service drains for at most 10
SANITIZER_REPORT = re.compile(
    r"ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error:|Assertion .* failed")


handed_out = set()  # a port is free until whoever asked for it listens


def free_port():
    """Below the range of clients' ports, so that nothing takes it between now and its use, and none
    that somebody here was given already."""
    for _ in range(100):
        port = random.SystemRandom().randrange(20000, 32000)
        if port in handed_out:
            continue
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                handed_out.add(port)
                return port
    raise AssertionError("no free port")


class Process:
    """A program that a test starts, ends in several ways and starts again."""

    def __init__(self, name, argv, folder, environment=None):
        self.name, self.argv, self.environment = name, [str(a) for a in argv], environment or {}
        self.log = folder / f"{name}.log"
        self.child = None

    def start(self):
        environment = BARE_ENVIRONMENT | self.environment
        with open(self.log, "ab") as log:
            self.child = subprocess.Popen(self.argv, stdin=subprocess.DEVNULL, stdout=log,
                                          stderr=log, env=environment, start_new_session=True)

    @property
    def alive(self):
        return self.child is not None and self.child.poll() is None

    def assert_alive(self):
        assert self.alive, f"{self.name} ended with {self.child.returncode}:\n{self.log_tail()}"

    def log_tail(self):
        return self.log.read_text(errors="replace")[-4000:]

    def kill(self):
        """As a power cut for this one process."""
        self.signal_group(signal.SIGKILL)
        self.child.wait()

    def terminate(self):
        """In order. -> its exit code"""
        self.child.terminate()
        return self.child.wait(STOP_S)

    def signal_group(self, number):
        try:
            os.killpg(self.child.pid, number)
        except ProcessLookupError:
            pass

    def stop(self):
        """Whatever its state; nothing of its group stays."""
        if self.alive:
            self.signal_group(signal.SIGTERM)
            self.signal_group(signal.SIGCONT)
            try:
                self.child.wait(STOP_S)
            except subprocess.TimeoutExpired:
                pass
        if self.child:
            self.kill()


class Service(Process):
    """user-svc or order-svc, with its two ports."""

    def __init__(self, program, folder, settings, name=None):
        self.port, self.admin_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.admin_url = f"http://127.0.0.1:{self.admin_port}"
        ports = {"PORT": str(self.port), "ADMIN_PORT": str(self.admin_port)}
        super().__init__(name or program, [BIN / program], folder, ports | settings)

    def await_ready(self):
        poll(self.is_ready, f"{self.name} to be ready")

    def is_ready(self):
        self.assert_alive()
        try:
            return client.request(self.admin_url, "GET", "/readyz").status == 200
        except OSError:
            return False

    def metrics(self):
        """-> {"orders_pending": 0.0, 'lane_depth{lane="reads"}': 0.0, …}"""
        text = client.request(self.admin_url, "GET", "/metrics").body.decode()
        lines = [line for line in text.splitlines() if line and not line.startswith("#")]
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


class Gateway(Process):
    """nginx with the configuration that scripts/run uses, which change(text) may add to."""

    def __init__(self, folder, user_port, order_port, name="gateway", change=lambda text: text):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = folder / name
        (self.folder / "tmp").mkdir(parents=True)
        values = {"USER_LINE": "user www-data;" if os.geteuid() == 0 else "",
                  "GATEWAY_PORT": str(self.port),
                  "USER_PORT": str(user_port), "ORDER_PORT": str(order_port)}
        text = (ROOT / "scripts" / "lib" / "gateway.conf.in").read_text()
        for key, value in values.items():
            text = text.replace(f"@{key}@", value)
        (self.folder / "nginx.conf").write_text(change(text))
        nginx = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
        super().__init__(name, [nginx, "-p", f"{self.folder}/", "-c", "nginx.conf", "-e", "stderr"],
                         folder)

    def await_ready(self):
        poll(self.is_ready, "the gateway to listen")

    def is_ready(self):
        self.assert_alive()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class Broker(Process):
    """dev-broker: in memory, so its end is the end of its events."""

    def __init__(self, folder, partitions=64):
        self.control_path = folder / "broker.sock"
        super().__init__("dev-broker", [BIN / "dev-broker", "--control", self.control_path,
                                        "--partitions", partitions], folder)

    def address(self):
        """Waits for it."""
        return poll(self.printed_address, "dev-broker's address")

    def printed_address(self):
        self.assert_alive()
        found = re.search(r"^127\.0\.0\.1:\d+$", self.log.read_text(), re.MULTILINE)
        return found and found.group()

    def command(self, line):
        """A test command; see dev-broker --help."""
        with socket.socket(socket.AF_UNIX) as channel:
            channel.connect(str(self.control_path))
            with channel.makefile("rw") as lines:
                lines.write(line + "\n")
                lines.flush()
                answer = lines.readline().strip()
        assert answer.startswith("ok"), answer
        return answer


class Product:
    """user={…} and order={…} are settings on top of the usual ones for tests; kafka: a real one of
    the test's own, where prepare(product) makes the topic or does not."""

    def __init__(self, folder, user=None, order=None, partitions=64, kafka=None,
                 prepare=None):
        self.folder = folder
        folder.mkdir(parents=True)
        self.processes = []
        self.shared = {"BIND_ADDRESS": "127.0.0.1", "JWT_SECRET": secrets.token_urlsafe(48)}
        self.user_settings, self.order_settings = user or {}, order or {}
        self.partitions = partitions
        self.store_uris = {name: new_store_uri(folder, name) for name in ("user", "order")}
        self.kafka, self.prepare = kafka, prepare
        self.brokers = kafka.address if kafka else REAL_BROKERS
        self.topic = new_topic()

    def start(self):
        if not self.brokers:
            self.broker = self.add(Broker(self.folder, self.partitions))
        elif self.kafka:
            self.prepare(self)
        else:
            make_topic(self.brokers, self.topic)
        self.user_svc = self.add(self.make_user_svc())
        self.brokers = self.brokers or self.broker.address()
        self.order_svc = self.add(self.make_order_svc())
        self.gateway = self.add(Gateway(self.folder, self.user_svc.port, self.order_svc.port))
        for process in (self.user_svc, self.order_svc, self.gateway):
            process.await_ready()
        self.url = self.gateway.url

    def add(self, process):
        """Starts it, and ends it with the product."""
        self.processes.append(process)
        process.start()
        return process

    def make_user_svc(self, name=None):
        (self.folder / "mail").mkdir(exist_ok=True)
        return Service("user-svc", self.folder, self.shared | {
            "STORE_URI": self.store_uris["user"],
            "REFRESH_SECRET": self.shared["JWT_SECRET"][::-1],
            "PUBLIC_URL": "http://arch.homework",
            "MAIL_SPOOL_DIR": f"{self.folder}/mail",
            "TRUSTED_PROXIES": "127.0.0.1",
            "ADMIN_USERNAME": "admin",
            "ADMIN_EMAIL": "admin@arch.homework",
            "ADMIN_PASSWORD": "nine-brown-ladders",
        } | self.user_settings, name)

    def make_order_svc(self, name=None):
        """Another name makes another replica, once it is given to add()."""
        return Service("order-svc", self.folder, self.shared | {
            "STORE_URI": self.store_uris["order"],
            "KAFKA_BROKERS": self.brokers,
            "KAFKA_TOPIC": self.topic,
            "TRUSTED_PROXIES": "127.0.0.1",
        } | self.order_settings, name)

    def new_client(self):
        return client.Client(self.url)

    def events(self):
        """All that the topic holds now (see topic.read_topic), each as docs/asyncapi.yaml says."""
        events = read_topic(self.brokers, self.topic)
        for event in events:
            asyncapi.check(event)
        return events

    def stop(self):
        """The broker and the gateway last: services drain through them."""
        for process in reversed(sorted(self.processes, key=lambda p: isinstance(p, Service))):
            process.stop()

    def assert_clean_logs(self):
        for log in {process.log for process in self.processes}:
            text = log.read_text(errors="replace")
            found = SANITIZER_REPORT.search(text)
            assert not found, f"{log.name}:\n{text[found.start():][:6000]}"
