"""Both images, built without a registry, are what a cluster expects of them."""

import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LAB = ROOT / "tests" / "k8s-lab"
BASE = "docker.io/library/debian:trixie-slim"
OVER_BASE_MAX = 60_000_000  # bytes: the program and the libraries it needs
SERVICES = ("user-svc", "order-svc")


def image(service):
    return f"docker.io/archhomework/{service}:test"


def buildah(*arguments):
    """In the lab's own storage; nothing is ever pulled."""
    storage = Path(os.environ["K8S_LAB_CACHE"]) / "storage" / "storage.conf"
    environment = os.environ | {
        "CONTAINERS_CONF": str(LAB / "images" / "containers.conf"),
        "CONTAINERS_STORAGE_CONF": str(storage),
        "BUILDAH_ISOLATION": "chroot",
    }
    return subprocess.run(["buildah", *arguments], env=environment, check=True, text=True,
                          capture_output=True).stdout


@pytest.fixture(scope="session", params=SERVICES)
def service(request):
    name = request.param
    images = str(LAB / "images" / "images.sh")
    subprocess.run([images, "base", "trixie"], check=True)
    dockerfile = ROOT / f"Dockerfile.{name.removesuffix('-svc')}"
    subprocess.run([images, "build", image(name), str(ROOT), str(dockerfile)], check=True)
    return name


@pytest.fixture
def root(service):
    """The image's files."""
    name = buildah("from", "--pull-never", image(service)).strip()
    yield Path(buildah("mount", name).strip())
    buildah("rm", name)


def run(root, service, *arguments):
    """As the image's user, and nothing of this machine's environment."""
    return subprocess.run(["/usr/sbin/chroot", "--userspec=10001:10001", str(root),
                           f"/usr/local/bin/{service}", *arguments],
                          env={}, check=False, text=True, capture_output=True)


def size(reference):
    sizes = json.loads(buildah("images", "--json", reference))
    number, unit = sizes[0]["size"].split()
    return float(number) * {"KB": 1e3, "MB": 1e6, "GB": 1e9}[unit]


def test_it_adds_little_to_its_base(service):
    assert size(image(service)) - size(BASE) < OVER_BASE_MAX


def test_it_names_a_numeric_user_who_is_not_root_and_says_what_it_is(service):
    config = json.loads(buildah("inspect", "--type", "image", image(service)))["OCIv1"]["config"]
    assert config["User"] == "10001:10001"
    assert config["Entrypoint"] == [f"/usr/local/bin/{service}"]
    assert config["Labels"]["org.opencontainers.image.title"] == service


def test_its_version_is_the_products(service):
    config = json.loads(buildah("inspect", "--type", "image", image(service)))["OCIv1"]["config"]
    cmake = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    version = config["Labels"]["org.opencontainers.image.version"]
    assert f"VERSION {version} " in cmake
    manifest = ROOT / "k8s" / service.removesuffix("-svc") / "deployment.yaml"
    assert f"{service}:{version}\n" in manifest.read_text(encoding="utf-8")


def test_it_holds_all_that_the_program_needs(service, root):
    assert run(root, service, "--version").stdout.startswith(service)


def test_it_refuses_to_start_unconfigured_in_readable_lines(service, root):
    refusal = run(root, service)
    assert refusal.returncode == 2
    assert "STORE_URI: " in refusal.stderr


def test_nothing_to_build_with_is_in_it(root):
    assert not [tool for tool in ("gcc", "cmake", "ninja", "make")
                if (root / "usr" / "bin" / tool).exists()]
