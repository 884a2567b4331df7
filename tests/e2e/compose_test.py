"""compose.yaml as far as it goes without containers: what it says fits the services, nginx and
itself."""
import re
import subprocess

import pytest
import yaml

import client
from engines import BIN, ROOT
from product import Gateway, free_port

OURS = "docker.io/archhomework/"
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())


def filled(value, **variables):
    """As Compose puts variables in: ${NAME:-default}, and $$ for a $."""
    def put(found):
        if found[0] == "$$":
            return "$"
        return variables.get(found["name"], found["default"])
    return re.sub(r"\$\$|\$\{(?P<name>\w+):-(?P<default>[^}]*)\}", put, str(value))


def program(service):
    """Which of ours runs in it; None for another's."""
    image = service["image"]
    return image.removeprefix(OURS).partition(":")[0] if image.startswith(OURS) else None


ALL = COMPOSE["services"]
OWN = [name for name, service in ALL.items() if program(service)]
SERVING = [name for name in OWN if "command" not in ALL[name]]


def environment(name):
    return {key: filled(value) for key, value in ALL[name]["environment"].items()}


def run(name, *arguments, **options):
    return subprocess.run([BIN / program(ALL[name]), *arguments], text=True, capture_output=True,
                          check=False, **options)


@pytest.mark.parametrize("name", OWN)
def test_each_setting_is_one_of_the_service(name):
    known = set(re.findall(r"^  ([A-Z][A-Z0-9_]+) ", run(name, "--help").stdout, re.MULTILINE))
    assert {key.removesuffix("_FILE") for key in environment(name)} <= known


@pytest.fixture(scope="module")
def secrets(tmp_path_factory):
    """What the container `secrets` makes, made here."""
    folder = tmp_path_factory.mktemp("secrets")
    shell, options, script, name = ALL["secrets"]["entrypoint"]
    script = filled(script).replace("/secrets", str(folder)).replace("chown", ": chown")
    subprocess.run([shell, options, script, name, *ALL["secrets"]["command"]], check=True)
    return folder


@pytest.mark.parametrize("name", SERVING)
def test_the_settings_are_good(name, secrets):
    there = {key: value.replace("/secrets", str(secrets)) for key, value in environment(name).items()}
    checked = run(name, "--check-config", env=there)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_secrets_are_kept_from_start_to_start(secrets):
    before = {path: path.read_text() for path in secrets.iterdir() if path.is_file()}
    assert len(before) == 3 and len(set(before.values())) == 3
    script = filled(ALL["secrets"]["entrypoint"][2]).replace("/secrets", str(secrets))
    shown = subprocess.run(["sh", "-euc", script.replace("chown", ": chown"), "secrets", "cat",
                            secrets / "admin-password"], check=True, text=True, capture_output=True)
    assert shown.stdout == before[secrets / "admin-password"]
    assert before == {path: path.read_text() for path in before}


@pytest.mark.parametrize("name", ALL)
def test_each_image_is_of_one_version(name):
    version = ALL[name]["image"].rpartition(":")[2]
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    if name in OWN:
        assert f"VERSION {version} " in (ROOT / "CMakeLists.txt").read_text()


def test_everybody_listens_on_a_port_of_its_own():
    """They share one network."""
    defaults = {"user-svc": ("8081", "9081"), "order-svc": ("8082", "9082")}
    ports = []
    for name in SERVING:
        settings, (port, admin_port) = environment(name), defaults[program(ALL[name])]
        ports += [settings.get("PORT", port), settings.get("ADMIN_PORT", admin_port)]
        assert f"http://127.0.0.1:{ports[-1]}/readyz" in ALL["gateway"]["healthcheck"]["test"]
        assert f"server 127.0.0.1:{ports[-2]};" in COMPOSE["configs"]["gateway"]["content"]
    ports += [filled(port).split(":")[1] for port in ALL["loopback"]["ports"]]
    assert len(ports) == len(set(ports))


def gateway_configuration(of_run):
    """In the frame that nginx's image puts it into, on the port of scripts/run's; nobody answers."""
    listen = re.search(r"listen ([\d.:]+)", of_run)[1]
    content = filled(COMPOSE["configs"]["gateway"]["content"], GATEWAY_PORT=listen)
    assert "$$" not in content and "${" not in content
    content = re.sub(r"server 127.0.0.1:\d+", lambda _: f"server 127.0.0.1:{free_port()}", content)
    return ("daemon off; pid nginx.pid; error_log stderr; events {}\n"
            f"http {{ access_log off;\n{content}\n}}\n")


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    gateway = Gateway(tmp_path_factory.mktemp("gateway"), 0, 0, change=gateway_configuration)
    gateway.start()
    gateway.await_ready()
    yield gateway
    gateway.stop()


@pytest.mark.parametrize("method, path, slug", [
    ("GET", "/me", "not-accepted"),
    ("POST", "/signup", "outcome-unknown"),
    ("POST", "/api/v1/order/", "outcome-unknown"),
])
def test_silence_of_the_services_is_an_honest_503(gateway, method, path, slug):
    answer = client.request(gateway.url, method, path, headers={"X-Request-Id": "mine"})
    assert (answer.status, answer.json["type"]) == (503, f"/problems/{slug}")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["X-Request-Id"] == answer.json["instance"] == "mine"
    assert answer.headers["Retry-After"] == "1"
