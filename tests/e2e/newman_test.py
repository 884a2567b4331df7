"""The Postman collection against the product, and against products that are broken on purpose."""
import json
import subprocess

import pytest

from product import ROOT, Gateway

NEWMAN_S = 180  # the first run installs newman

REQUESTS = ["Sign Up User", "Make Order", "Make Order Copy", "Get All Orders", "Make New Order",
            "Make New Order Copy", "Get All Orders 2"]
BROKEN = [
    ("order-svc is down", {}, lambda product: product.order_svc.terminate()),
    ("user-svc is down", {}, lambda product: product.user_svc.terminate()),
    ("no event goes out", {"SCHEDULER_ENABLED": "false"}, lambda product: None),
]


def run_newman(url, folder):
    """-> (exit code, report)"""
    report = folder / "newman.json"
    done = subprocess.run(
        [ROOT / "scripts" / "newman", "--env-var", f"baseUrl={url}", "--reporters", "json",
         "--reporter-json-export", report],
        capture_output=True, text=True, timeout=NEWMAN_S, check=False)
    assert report.exists(), done.stdout + done.stderr
    return done.returncode, json.loads(report.read_text())["run"]


def test_collection_passes(start_product, tmp_path):
    code, run = run_newman(start_product().url, tmp_path)
    assert run["failures"] == []
    # The wait before the last request counts as executions of it.
    assert list(dict.fromkeys(done["item"]["name"] for done in run["executions"])) == REQUESTS
    assert run["stats"]["assertions"]["total"] >= 30
    assert code == 0


@pytest.mark.parametrize("settings,damage", [case[1:] for case in BROKEN],
                         ids=[case[0] for case in BROKEN])
def test_collection_fails_where(start_product, tmp_path, settings, damage):
    product = start_product(order=settings)
    damage(product)
    code, run = run_newman(product.url, tmp_path)
    assert run["failures"] != []
    assert code != 0


def test_collection_fails_where_routes_are_swapped(start_product, tmp_path):
    product = start_product()
    swapped = product.add(Gateway(product.folder, product.order_svc.port, product.user_svc.port,
                                  "swapped-gateway"))
    swapped.await_ready()
    code, run = run_newman(swapped.url, tmp_path)
    assert run["failures"] != []
    assert code != 0
