"""scripts/stack as far as it goes without engines: what it says, what it refuses, what is not its own."""
import os
import re
import signal
import subprocess

import pytest

from product import ROOT


@pytest.fixture
def stack(tmp_path):
    """stack(ARGUMENT…, VARIABLE=…): runs it with a folder of its own."""
    def run(*arguments, **variables):
        environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        environment |= {"STACK_DIR": str(tmp_path / "stack")} | variables
        return subprocess.run([ROOT / "scripts" / "stack", *arguments], env=environment, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    return run


@pytest.fixture
def sleeper():
    """A process of somebody else's."""
    with subprocess.Popen(["sleep", "60"]) as child:
        yield child
        child.kill()


def start_ticks(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        return int(stat.read().rpartition(")")[2].split()[19])


def record(folder, name, pid, ticks):
    """As if `up` from packages had started that process as NAME of the broker."""
    for path, text in ((f"pid/{name}", f"{pid} {ticks}\n"), ("source/kafka", "packages\n")):
        (folder / "stack" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "stack" / path).write_text(text)


@pytest.mark.parametrize("arguments", [(), ("upp",), ("up", "store"), ("pause",), ("pause", "zoo")])
def test_bad_arguments(stack, arguments):
    done = stack(*arguments)
    assert done.returncode == 1
    assert done.stdout == "" and done.stderr.count("\n") == 1 and "--help" in done.stderr


def test_help(stack):
    done = stack("--help")
    assert done.returncode == 0 and "usage: scripts/stack" in done.stdout


def test_status_when_down(stack, tmp_path):
    done = stack("status")
    assert (done.returncode, done.stderr) == (1, "")
    assert [line.strip() for line in done.stdout.splitlines()] == ["store: down", "kafka: down"]
    assert not (tmp_path / "stack").exists()


def test_down_when_down(stack):
    assert stack("down").returncode == 0


@pytest.mark.parametrize("action", ["pause", "resume", "stop", "start"])
def test_no_part_is_disturbed_that_is_down(stack, action):
    done = stack(action, "kafka")
    assert done.returncode == 1 and "scripts/stack up" in done.stderr


def test_what_is_given_is_taken_and_not_touched(stack, tmp_path):
    given = {"MONGODB_URI": "mongodb://h:1/?a=b&c=$d", "KAFKA_BROKERS": "h:2,h:3"}
    assert stack("up", **given).returncode == 0
    sourced = subprocess.run(["sh", "-c", '. "$1"; echo "$MONGODB_URI $KAFKA_BROKERS"', "sh",
                              tmp_path / "stack" / "run.env"], capture_output=True, text=True, check=True)
    assert sourced.stdout.split() == list(given.values())
    assert stack("status", **given).returncode == 0
    refused = stack("stop", "kafka", **given)
    assert refused.returncode == 1 and "KAFKA_BROKERS" in refused.stderr
    assert stack("down", **given).returncode == 0
    assert not (tmp_path / "stack" / "run.env").exists()


def test_a_process_is_paused_resumed_and_ended(stack, tmp_path, sleeper):
    record(tmp_path, "kafka", sleeper.pid, start_ticks(sleeper.pid))
    assert f"kafka: runs, PID {sleeper.pid}" in stack("status").stdout
    assert stack("pause", "kafka").returncode == 0
    assert f"kafka: paused, PID {sleeper.pid}" in stack("status").stdout
    assert stack("resume", "kafka").returncode == 0
    assert f"kafka: runs, PID {sleeper.pid}" in stack("status").stdout
    assert stack("pause", "kafka").returncode == 0  # a paused one ends too
    assert stack("down").returncode == 0
    assert sleeper.wait(0) == -signal.SIGTERM


def test_a_pid_that_somebody_else_has_now_is_left_alone(stack, tmp_path, sleeper):
    record(tmp_path, "kafka", sleeper.pid, start_ticks(sleeper.pid) - 1)
    assert "kafka: ended" in stack("status").stdout
    for action in ("pause", "stop"):
        stack(action, "kafka")
    assert stack("down").returncode == 0
    with pytest.raises(subprocess.TimeoutExpired):
        sleeper.wait(0.1)  # a signal would have been delivered long ago


# Says yes to everything but what DOCKER_REFUSES names, lists all that it is asked about, and writes
# down what it was asked.
DOCKER = """#!/bin/sh
echo "$*" >>"$0.calls"
echo "$GATEWAY_PORT" >"$0.gateway"
case " $* " in
*" ${DOCKER_REFUSES:-nothing} "*) echo "no such thing: $DOCKER_REFUSES" >&2; exit 1 ;;
*--status*) for word in $*; do case $word in mongo-?|kafka) echo "$word" ;; esac; done ;;
esac
"""


@pytest.fixture
def docker(tmp_path):
    """docker(): what it was asked for until now, without the options that are always the same."""
    program = tmp_path / "bin" / "docker"
    program.parent.mkdir()
    program.write_text(DOCKER)
    program.chmod(0o755)

    def calls():
        lines = program.with_suffix(".calls").read_text().splitlines()
        return [re.sub("^compose --file [^ ]* --project-name [^ ]* ", "", line) for line in lines]
    calls.environment = {"PATH": f"{program.parent}:{os.environ['PATH']}"}
    calls.gateway_port = lambda: program.with_suffix(".gateway").read_text().strip()
    return calls


def test_containers_are_preferred(stack, tmp_path, docker):
    assert stack("up", **docker.environment).returncode == 0
    assert "up --detach --wait mongo-1 mongo-2 mongo-3" in docker()
    assert "up --detach --wait kafka" in docker()
    addresses = (tmp_path / "stack" / "run.env").read_text()
    assert re.fullmatch(r"MONGODB_URI=mongodb://127\.0\.0\.1:\d+,127\.0\.0\.1:\d+,127\.0\.0\.1:\d+"
                        r"/\?replicaSet=rs0\nKAFKA_BROKERS=127\.0\.0\.1:\d+\n", addresses)

    assert stack("up", **docker.environment).returncode == 0  # on the same ports
    assert (tmp_path / "stack" / "run.env").read_text() == addresses
    assert docker().count("down --volumes") == 1  # what an older stack left, and only then
    assert stack("status", **docker.environment).returncode == 0


def test_containers_are_disturbed_and_ended(stack, docker):
    assert stack("up", **docker.environment).returncode == 0
    for action, call in (("pause", "pause"), ("resume", "unpause"), ("stop", "stop"),
                         ("start", "up --detach --wait")):
        assert stack(action, "store", **docker.environment).returncode == 0
        assert docker()[-1] == f"{call} mongo-1 mongo-2 mongo-3"
    assert stack("down", **docker.environment).returncode == 0
    assert docker()[-1] == "down"
    assert "store: down" in stack("status", **docker.environment).stdout


def test_containers_take_no_port_that_somebody_may_want(stack, docker):
    """scripts/run --real has a gateway of its own, and looked whether its port is free before."""
    assert stack("up", GATEWAY_PORT="8080", **docker.environment).returncode == 0
    assert 20000 <= int(docker.gateway_port()) < 32000


def test_containers_that_do_not_start_say_why(stack, tmp_path, docker):
    done = stack("up", DOCKER_REFUSES="--wait", **docker.environment)
    log = tmp_path / "stack" / "log" / "compose.log"
    assert done.returncode == 1
    assert f"docker compose up failed: no such thing: --wait (log: {log})" in done.stderr
    assert not (tmp_path / "stack" / "run.env").exists()


@pytest.mark.parametrize("refuses, usable, said", [
    ("nothing", True, ""),
    ("info", False, ""),
    ("version", False, "docker is here, but not its compose, or not the images: taking packages"),
    ("pull", False, "docker is here, but not its compose, or not the images: taking packages"),
], ids=["all there", "no engine", "no compose", "no images"])
def test_packages_are_taken_where_containers_cannot_be_had(tmp_path, docker, refuses, usable, said):
    (tmp_path / "log").mkdir()
    done = subprocess.run(
        ["bash", "-c", 'cd "$1" && . ./common.sh && . ./stack_containers.sh && containers_usable',
         "bash", ROOT / "scripts" / "lib"], capture_output=True, text=True, check=False,
        env=docker.environment | {"STACK": str(tmp_path), "DOCKER_REFUSES": refuses})
    assert (done.returncode == 0, done.stdout.strip(), done.stderr) == (usable, said, "")


@pytest.mark.parametrize("uri, with_database", [
    ("mongodb://h:1", "mongodb://h:1/d"),
    ("mongodb://h:1/", "mongodb://h:1/d"),
    ("mongodb://u:p@h:1,i:2/?replicaSet=rs0", "mongodb://u:p@h:1,i:2/d?replicaSet=rs0"),
    ("mongodb+srv://h?tls=true", "mongodb+srv://h/d?tls=true"),
    ("mongodb://h:1/mine", "mongodb://h:1/mine"),
    ("mongodb://h:1/mine?a=/b", "mongodb://h:1/mine?a=/b"),
])
def test_a_uri_gets_a_database_unless_it_names_one(uri, with_database):
    told = subprocess.run(["bash", "-c", '. "$1"; uri_with_database "$2" d', "bash",
                           ROOT / "scripts" / "lib" / "engines.sh", uri],
                          capture_output=True, text=True, check=True)
    assert told.stdout == with_database + "\n"
