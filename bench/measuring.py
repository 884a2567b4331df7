"""What both benchmarks have in common: a service with what /proc tells of it, load by wrk, medians."""
import json
import os
import pathlib
import re
import resource
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
STORED = 1000           # orders that replays, list and get find
READY_TIMEOUT_S = 30
TICK = os.sysconf("SC_CLK_TCK")
PASSWORD = "correct horse battery"
BATCH = tuple(f'lane_batch_size_{part}{{lane="orders-write"}}' for part in ("sum", "count"))


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
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen([binary], stderr=log, env={
                "PORT": str(self.port), "ADMIN_PORT": str(admin), **settings})
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


def sign_up(user_svc, name="bench"):
    """-> an access token"""
    return post(user_svc.url + "/signup", {
        "username": name, "firstName": "Ben", "lastName": "Ch", "phone": "+491234567",
        "email": f"{name}@example.org", "password": PASSWORD,
        "passwordConfirm": PASSWORD})["token"]


def place(order_svc, token, request_id):
    """-> the order's id"""
    return post(order_svc.url + "/api/v1/order/", {"price": 400},
                Authorization=f"Bearer {token}", X_Request_Id=request_id)["orderId"]


def run_wrk(product, load, connections, seconds, run_id):
    """`product` has the order-svc `order`, the `token` of somebody with orders, `one` of them, and
    the token of a `reader` of lists."""
    token = product.reader if load == "list-20" else product.token
    environment = {"PATH": os.environ["PATH"], "BENCH_DIR": str(HERE), "BENCH_RUN": run_id,
                   "BENCH_TOKEN": token, "BENCH_STORED": str(STORED),
                   "BENCH_ORDER_ID": product.one}
    done = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s",
         HERE / f"{load}.lua", product.order.url],
        env=environment, capture_output=True, text=True, timeout=seconds + 30, check=True)
    return json.loads(re.search(r"^RESULT (.*)$", done.stdout, re.M)[1])


class CpuShares:
    """What parts of all cores are taken from here on: by the machine, by a service, by the programs
    that were run to their end here (the load)."""

    def __init__(self, service):
        self.service = service
        self.before = self.read()

    def read(self):
        numbers = [int(n) for n in pathlib.Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
        load = resource.getrusage(resource.RUSAGE_CHILDREN)
        return {"all": sum(numbers) / TICK, "busy": (sum(numbers) - numbers[3] - numbers[4]) / TICK,
                "service": self.service.cpu_s(), "load": load.ru_utime + load.ru_stime}

    def taken(self):
        """-> {"busy": 0.97, "service": 0.2, "load": 0.1}, and "service_s" in seconds"""
        spent = {name: now - self.before[name] for name, now in self.read().items()}
        shares = {name: spent[name] / spent["all"] for name in ("busy", "service", "load")}
        return shares | {"service_s": spent["service"]}


def measure(product, load, connections, seconds, run_id):
    before = [product.order.metric(name) for name in BATCH]
    shares = CpuShares(product.order)
    result = run_wrk(product, load, connections, seconds, run_id)
    shares = shares.taken()
    orders, batches = (product.order.metric(n) - b for n, b in zip(BATCH, before))
    if result["failed"]:
        print(f"warning: {result['failed']} of {load} failed", file=sys.stderr)
    return {"rate": result["requests"] / result["seconds"], "p50": result["p50_ms"],
            "p99": result["p99_ms"], "cpu_us": shares["service_s"] * 1e6 / result["requests"],
            "rss": product.order.rss_mib(), "batch": orders / batches if batches else 0,
            **shares}


def median(rows, key):
    return statistics.median(row[key] for row in rows)


def spread(rows, key):
    middle = median(rows, key)
    return max(abs(row[key] - middle) for row in rows) / middle * 100 if middle else 0


def print_loads(results):
    """results: {(load, connections): [a row of measure() for each round]}"""
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
