"""What the product stands on in tests of whole processes: SQLite and dev-broker, or the engines that
TEST_MONGODB_URI and TEST_KAFKA_BROKERS name. Those are shared, so each test has a database and a
topic of its own there."""
import os
import pathlib
import re
import secrets
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("PRODUCT_BIN", ROOT / "build" / "dev" / "bin"))
REAL_STORE = os.environ.get("TEST_MONGODB_URI")
REAL_BROKERS = os.environ.get("TEST_KAFKA_BROKERS")
STACK_DIR = os.environ.get("TEST_STACK_DIR")  # of a stack that tests may stop
STACK_TIMEOUT_S = 120
# What a service finds there before its settings. libmongoc keeps counters in /dev/shm by process id
# and complains, before main and so past our log, about those that a killed process left.
BARE_ENVIRONMENT = {"PATH": os.environ["PATH"], "MONGOC_DISABLE_SHM": "1"}

needs_dev_broker = pytest.mark.skipif(bool(REAL_BROKERS), reason="commands dev-broker")
needs_embedded_store = pytest.mark.skipif(bool(REAL_STORE), reason="a fault of transactions")
needs_real_store = pytest.mark.skipif(not REAL_STORE, reason="needs TEST_MONGODB_URI")
needs_stack = pytest.mark.skipif(
    not (REAL_STORE and REAL_BROKERS and STACK_DIR),
    reason="stops engines: needs TEST_STACK_DIR beside TEST_MONGODB_URI and TEST_KAFKA_BROKERS, as "
           "scripts/test real-crash sets them")


def uri_with_database(uri, database):
    address, _, options = uri.partition("?")
    return f"{address.rstrip('/')}/{database}" + (f"?{options}" if options else "")


def uri_through(address, uri):
    """The same database, by way of a proxy at that address."""
    return re.sub(r"//([^@/]*@)?[^/]+/([^?]*).*", rf"//\g<1>{address}/\g<2>?directConnection=true", uri)


def new_store_uri(folder, name):
    """Of a store that nobody else uses."""
    if REAL_STORE:
        return uri_with_database(REAL_STORE, f"arch-test-{secrets.token_hex(6)}-{name}")
    return f"sqlite:{folder}/{name}.db"


def new_topic():
    return f"order-created-{secrets.token_hex(6)}" if REAL_BROKERS else "order-created"


def turned_clock(ms):
    """Variables that put a test build's clocks ahead: its host's, and its store's where that has one
    of its own."""
    return {"TEST_CLOCK_OFFSET_MS": str(ms), "TEST_STORE_OFFSET_MS": str(ms)}


def stack(action, part):
    """scripts/stack stop|start|pause|resume store|kafka."""
    done = subprocess.run([ROOT / "scripts" / "stack", action, part], text=True,
                          env=os.environ | {"STACK_DIR": STACK_DIR},
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=STACK_TIMEOUT_S)
    assert done.returncode == 0, f"scripts/stack {action} {part}:\n{done.stdout}"
