"""scripts/run itself: that what it prints works, that it keeps data, and that nothing of it stays."""
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

import pytest

import client
from product import ROOT, free_port
from waiting import poll

START_S = 600  # the first start builds
END_S = 30

SECRETS = ["admin-password", "jwt-secret", "refresh-secret"]


class Run:
    """One scripts/run with a data folder of its own."""

    def __init__(self, data, **settings):
        self.data, self.port = data, free_port()
        self.output = data.with_suffix(".out")
        environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        environment |= {"DATA_DIR": str(data), "GATEWAY_PORT": str(self.port)} | settings
        with open(self.output, "wb") as output:
            self.child = subprocess.Popen([ROOT / "scripts" / "run"], stdin=subprocess.DEVNULL,
                                          stdout=output, stderr=subprocess.STDOUT, env=environment,
                                          start_new_session=True)

    @property
    def text(self):
        return self.output.read_text()

    def await_ready(self):
        """Until it has said what to try."""
        def ready():
            assert self.child.poll() is None, self.text
            return "kcat -b" in self.text and (self.data / "run.env").exists()
        poll(ready, "scripts/run to be ready", START_S)
        return self

    @property
    def env(self):
        lines = (self.data / "run.env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    def end(self, number=signal.SIGINT):
        self.child.send_signal(number)
        return self.child.wait(END_S)

    def left_running(self):
        """Processes that have our data folder in their arguments or environment."""
        found = []
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                argv = (process / "cmdline").read_bytes()
                environment = (process / "environ").read_bytes()
            except OSError:
                continue  # gone, or not ours
            if os.fsencode(self.data) in argv + environment:
                found.append((process.name, argv))
        return found


@pytest.fixture
def start_run(tmp_path):
    runs = []

    def start(folder="data", **settings):
        run = Run(tmp_path / folder, **settings)
        runs.append(run)
        return run

    yield start
    for run in runs:
        if run.child.poll() is None:
            run.end(signal.SIGTERM)
    for run in runs:
        assert run.left_running() == []


def printed_commands(run):
    return [line.strip() for line in run.text.splitlines() if line.startswith("    ")]


def bash(*lines):
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", "\n".join(lines)],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_it_prints_works(start_run):
    run = start_run().await_ready()
    *steps, read_events = printed_commands(run)
    said = bash(*steps)
    order_ids = set(re.findall(r'"orderId": *"([0-9a-f]{24})"', said))

    assert said.count("HTTP/1.1 201") == 2
    assert said.lower().count("idempotent-replayed: true") == 1
    assert len(order_ids) == 1
    assert re.search(r'"results": *1\b', said)
    assert re.search(r'"username": *"admin"', said)
    assert re.search(rf"{run.env['GATEWAY_URL']}/reset-password\?token=\S+$", said, re.MULTILINE)
    event = poll(lambda: bash(read_events), "the event")
    assert order_ids.pop() in event
    assert run.end() == 0


def test_second_start_keeps_data_and_secrets(start_run):
    first = start_run().await_ready()
    user = client.Client(first.env["GATEWAY_URL"])
    order_id = user.order(399.99).json["orderId"]
    secrets = {name: (first.data / name).read_bytes() for name in SECRETS}
    assert {(first.data / name).stat().st_mode & 0o777 for name in SECRETS} == {0o600}
    assert first.end() == 0

    second = start_run().await_ready()
    user.url = second.env["GATEWAY_URL"]
    assert [order["_id"] for order in user.orders()] == [order_id]
    assert user.request("GET", "/me").json["data"]["user"] == user.user
    assert {name: (second.data / name).read_bytes() for name in secrets} == secrets


def test_admin_of_ones_own_is_the_one_that_is_made(start_run):
    run = start_run(USER_ADMIN_USERNAME="root", ADMIN_PASSWORD="nine-brown-ladders")
    run.await_ready()
    assert "There is an admin, root, with the password that you set." in run.text
    assert not (run.data / "admin-password").exists()
    admin = client.LoggedIn(run.env["GATEWAY_URL"], "root", "nine-brown-ladders")
    assert admin.user["role"] == "admin"


def test_two_runs_side_by_side_know_nothing_of_each_other(start_run):
    one, other = start_run("one"), start_run("other")
    one.await_ready()
    other.await_ready()
    user = client.Client(one.env["GATEWAY_URL"])
    assert user.order(400).status == 201

    user.url = other.env["GATEWAY_URL"]
    assert user.request("GET", "/me").status == 401
    assert one.end() == 0
    assert client.request(other.env["GATEWAY_URL"], "GET", "/me").status == 401


def test_settings_reach_the_service_that_they_name(start_run):
    run = start_run(USER_JWT_TTL="120", ORDER_SCHEDULER_ENABLED="false", LOG_LEVEL="warn")
    run.await_ready()
    environments = {name: pathlib.Path(f"/proc/{run.env[name]}/environ").read_text().split("\0")
                    for name in ("USER_PID", "ORDER_PID")}
    assert "JWT_TTL=120" in environments["USER_PID"]
    assert "SCHEDULER_ENABLED=false" in environments["ORDER_PID"]
    assert "SCHEDULER_ENABLED=false" not in environments["USER_PID"]
    assert all("LOG_LEVEL=warn" in environment for environment in environments.values())


def one_error_line(run):
    """It ended, and said why in one line."""
    assert run.child.wait(START_S) == 1
    errors = [line for line in run.text.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1, run.text
    return errors[0]


def test_port_in_use_is_one_line(start_run):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert f"port {port} is in use" in one_error_line(start_run(GATEWAY_PORT=port))


def test_data_folder_in_use_is_one_line(start_run):
    start_run().await_ready()
    assert "another run uses" in one_error_line(start_run())


def test_data_folder_that_is_none_is_one_line(start_run, tmp_path):
    (tmp_path / "file").write_text("")
    assert "cannot be made" in one_error_line(start_run(DATA_DIR=str(tmp_path / "file" / "data")))


def test_setting_that_a_service_refuses_ends_all(start_run):
    run = start_run(ORDER_SCHEDULER_INTERVAL_MS="never")
    assert "order-svc did not start" in one_error_line(run)
    assert "SCHEDULER_INTERVAL_MS" in run.text


@pytest.mark.parametrize("delay_s", [0.05, 0.2, 0.5, 1])
def test_signal_while_it_starts_leaves_nothing(start_run, delay_s):
    run = start_run()
    time.sleep(delay_s)  # the moment itself is the case
    run.end(signal.SIGTERM)
    assert run.left_running() == []


def test_stopped_service_does_not_keep_it_from_ending(start_run):
    run = start_run().await_ready()
    os.kill(int(run.env["ORDER_PID"]), signal.SIGSTOP)
    assert run.end(signal.SIGTERM) == 0


def test_crash_of_a_service_ends_all(start_run):
    run = start_run().await_ready()
    os.kill(int(run.env["USER_PID"]), signal.SIGSEGV)
    assert "user-svc ended by itself" in one_error_line(run)


def test_its_own_death_leaves_nothing(start_run):
    run = start_run().await_ready()
    run.child.kill()
    run.child.wait()
    poll(lambda: run.left_running() == [], "the kernel to end what it started")


def test_service_starts_again_by_hand(start_run):
    run = start_run().await_ready()
    user = client.Client(run.env["GATEWAY_URL"])
    process = pathlib.Path("/proc") / run.env["ORDER_PID"]
    argv = (process / "cmdline").read_text().split("\0")[:-1]
    environment = dict(pair.split("=", 1)
                       for pair in (process / "environ").read_text().split("\0") if pair)
    os.kill(int(run.env["ORDER_PID"]), signal.SIGKILL)
    poll(lambda: "order-svc" in run.text.splitlines()[-1], "scripts/run to notice")

    again = subprocess.Popen(argv, env=environment, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
    try:
        poll(lambda: user.order(400, "by-hand").status == 201, "order-svc to be back")
        assert run.child.poll() is None
    finally:
        again.terminate()
        again.wait(END_S)
