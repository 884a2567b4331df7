"""The Postman collection against the product, and against products that are broken on purpose."""
import json
import os
import subprocess

import pytest

from product import ROOT, Gateway, Process
from waiting import poll

NEWMAN_S = 180  # the first run installs newman

REQUESTS = ["Sign Up User", "Make Order", "Make Order Copy", "Get All Orders", "Make New Order",
            "Make New Order Copy", "Get All Orders 2"]
ACCOUNTS = ["Sign Up", "Sign Up Again", "Log In With A Wrong Password", "Log In", "Refresh",
            "Refresh Copy", "Get Me", "Change Me", "Make Me An Admin", "List Users As A Player"]
BY_MAIL = ["Forgot Password", "Reset Password", "Reset Password Again", "Get Me By The Old Token",
           "Log In With The New Password"]
BY_ADMIN = ["Log In As Admin", "Make User", "Get User", "Change User", "Change User Copy",
            "List Users", "Delete User", "Get Deleted User", "Read The Audit Log"]
END = ["Log Out", "Get Me After Log Out"]
ADMIN_PASSWORD = "nine-brown-ladders"  # product.make_user_svc has it

BROKEN = [
    ("order-svc is down", {}, lambda product: product.order_svc.terminate()),
    ("user-svc is down", {}, lambda product: product.user_svc.terminate()),
    ("no event goes out", {"SCHEDULER_ENABLED": "false"}, lambda product: None),
]


def run_newman(url, folder, *options, admin_password=""):
    """-> (exit code, report)"""
    report = folder / "newman.json"
    done = subprocess.run(
        [ROOT / "scripts" / "newman", "--env-var", f"baseUrl={url}", "--reporters", "json",
         "--reporter-json-export", report, *options],
        env=os.environ | {"ADMIN_PASSWORD": admin_password}, capture_output=True, text=True,
        timeout=NEWMAN_S, check=False)
    assert report.exists(), done.stdout + done.stderr
    return done.returncode, json.loads(report.read_text())["run"]


def answered(run):
    """Names, once each: a wait before a request counts as executions of it."""
    return list(dict.fromkeys(done["item"]["name"] for done in run["executions"]
                              if "response" in done))


def read_mails(product):
    """-> mailReader, of its spool"""
    program = ROOT / "tests" / "tools" / "spool_reader.py"
    reader = product.add(Process("spool-reader", [program, product.folder / "mail"], product.folder))
    return poll(lambda: reader.log.read_text().strip(), "the reader's URL")


def test_collection_passes(start_product, tmp_path):
    product = start_product()
    code, run = run_newman(product.url, tmp_path, "--env-var", f"mailReader={read_mails(product)}",
                           admin_password=ADMIN_PASSWORD)
    assert run["failures"] == []
    assert answered(run) == REQUESTS + ACCOUNTS + BY_MAIL + BY_ADMIN + END
    assert run["stats"]["assertions"]["total"] >= 150
    assert code == 0


def test_collection_leaves_out_what_it_has_no_means_for(start_product, tmp_path):
    code, run = run_newman(start_product().url, tmp_path)
    assert run["failures"] == []
    assert answered(run) == REQUESTS + ACCOUNTS + END
    assert code == 0


def test_orders_pass_alone(start_product, tmp_path):
    alone = [option for name in REQUESTS for option in ("--folder", name)]
    code, run = run_newman(start_product().url, tmp_path, *alone)
    assert run["failures"] == []
    assert answered(run) == REQUESTS
    assert run["stats"]["assertions"]["total"] >= 30
    assert code == 0


def test_collection_fails_where_the_admin_has_another_password(start_product, tmp_path):
    code, run = run_newman(start_product().url, tmp_path, admin_password="another-password")
    assert run["failures"] != []
    assert code != 0


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
