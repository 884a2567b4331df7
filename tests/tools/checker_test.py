"""The checker itself: each way to break the promise is seen, and a kept one is not blamed; on either
kind of store."""
import json
import sqlite3
from contextlib import closing

import pytest

import checker
from engines import REAL_STORE, new_store_uri
from store_reader import MongoStore, SqliteStore, open_store

USER = "0123456789abcdef01234567"
ID = checker.order_id(USER, "req-1")
OTHER = checker.order_id(USER, "req-2")


def test_computes_the_id_of_the_contract():
    assert ID == "ec4ea0c0187dfa1d5c055c3f"


def world():
    """One order of 399.99 that went all the way."""
    return {
        "clients": [{"user": USER, "requestId": "req-1", "price": 39999},
                    {"user": USER, "requestId": "req-1", "price": 39999, "status": 201, "orderId": ID}],
        "orders": {ID: (USER, 39999, "processing")},
        "records": {ID: "done"},
        "events": [event(ID, "399.99")],
    }


def event(order_id, price, event_id=None):
    value = (f'{{"orderId":"{order_id}","userId":"{USER}","price":{price},"status":"new",'
             f'"date":"2026-01-31T12:00:00.000Z"}}')
    return {"key": order_id, "value": value,
            "headers": {"ce_id": event_id or f"{order_id}.created"}}


def fill_sqlite(store, orders, records):
    with closing(sqlite3.connect(store.path)) as db, db:
        db.execute("CREATE TABLE orders (id, user_id, price, status)")
        db.execute("CREATE TABLE records (order_id, state)")
        db.executemany("INSERT INTO orders VALUES (?, ?, ?, ?)", [
            (bytes.fromhex(i), bytes.fromhex(user), price, store.STATUSES.index(status))
            for i, (user, price, status) in orders.items()])
        db.executemany("INSERT INTO records VALUES (?, ?)", [
            (bytes.fromhex(i), store.STATES.index(state)) for i, state in records.items()])


def fill_mongo(store, orders, records):
    from bson import Int64, ObjectId
    for i, (user, price, status) in orders.items():
        store.database.orders.insert_one({
            "_id": ObjectId(i), "userId": ObjectId(user), "price": Int64(price), "status": status})
    for i, state in records.items():
        store.database.records.insert_one({"_id": ObjectId(i), "state": state})


@pytest.fixture
def sqlite_store(tmp_path):
    return fill_sqlite, SqliteStore(tmp_path / "order.db")


@pytest.fixture(scope="module")
def mongo_database():
    store = open_store(new_store_uri(None, "checker"))
    yield store
    store.drop()


@pytest.fixture
def mongo_store(mongo_database):
    for collection in (mongo_database.database.orders, mongo_database.database.records):
        collection.delete_many({})
    return fill_mongo, mongo_database


@pytest.fixture(params=["sqlite_store"] + ["mongo_store"] * bool(REAL_STORE))
def judge(request, tmp_path):
    """judge(world): what the checker says once the world's orders and records are in a store."""
    fill, store = request.getfixturevalue(request.param)

    def judged(world):
        fill(store, world["orders"], world["records"])
        log = tmp_path / "clients.jsonl"
        log.write_text("".join(json.dumps(line) + "\n" for line in world["clients"]))
        assert store.pending() == list(world["records"].values()).count("pending")
        return checker.judge(checker.read_wishes([log]), *store.read(), world["events"],
                             world.get("most_repeats"))
    return judged


def test_a_kept_promise_is_not_blamed(judge):
    kept = world()
    kept["events"] *= 2  # at least once is what was promised
    kept["most_repeats"] = 1
    faults, summary = judge(kept)
    assert not faults
    assert "1 repeats" in summary


def test_half_a_line_of_a_killed_client_is_left_out(tmp_path):
    log = tmp_path / "clients.jsonl"
    log.write_text(json.dumps(world()["clients"][0]) + '\n{"user": "01')
    assert len(checker.read_wishes([log])) == 1


BREACHES = {
    "acknowledged, and lost": (lambda w: (w["orders"].clear(), w["records"].clear(),
                                          w["events"].clear()), "LOST"),
    "stored with another price": (lambda w: w["orders"].update({ID: (USER, 1, "processing")}),
                                  "acknowledged price"),
    "of another user": (lambda w: w["orders"].update({ID: ("f" * 24, 39999, "processing")}),
                        "acknowledged price"),
    "told another id": (lambda w: w["clients"][1].update(orderId=OTHER), "not the computed id"),
    "told two ids": (lambda w: w["clients"].append(
        {**w["clients"][1], "orderId": OTHER}), "several order ids"),
    "422 for the stored price": (lambda w: w["clients"].append(
        {**w["clients"][0], "status": 422}), "422 for the very price"),
    "still new": (lambda w: w["orders"].update({ID: (USER, 39999, "new")}), "still new"),
    "still pending": (lambda w: w["records"].update({ID: "pending"}), "still pending"),
    "done, never processing": (lambda w: w["orders"].update({ID: (USER, 39999, "new")}),
                               "done, but its order is"),
    "in no topic": (lambda w: w["events"].clear(), "in no topic"),
    "repeats of other bytes": (lambda w: w["events"].append(event(ID, "400")), "repeats differ"),
    "an event id of its own": (lambda w: w.update(events=[event(ID, "399.99", "x")]), "ce_id is x"),
    "more repeats than were possible": (lambda w: w.update(events=w["events"] * 3, most_repeats=1),
                                        "2 repeats, and 1 were possible"),
    "an event of no order": (lambda w: w["events"].append(event(OTHER, "1")), "of no order"),
    "an event of other content": (lambda w: w.update(events=[event(ID, "400")]), "says"),
    "an order nobody asked for": (lambda w: w["orders"].update({OTHER: (USER, 1, "processing")}),
                                  "nobody asked for it"),
    "a record nobody asked for": (lambda w: w["records"].update({OTHER: "done"}),
                                  "nobody asked for it"),
}


@pytest.mark.parametrize("name", BREACHES)
def test_sees(judge, name):
    broken = world()
    breach, words = BREACHES[name]
    breach(broken)
    faults, summary = judge(broken)
    assert any(words in fault for fault in faults), faults
    assert "FAULTS" in summary


def test_a_parked_order_may_stay_new(judge):
    parked = world()
    parked["orders"][ID] = (USER, 39999, "new")
    parked["records"][ID] = "parked"
    parked["events"].clear()
    faults, summary = judge(parked)
    assert not faults
    assert "1 parked" in summary


def test_repeats_are_possible_for_each_cause_and_each_death():
    metrics = [{'relay_repeats_possible_total{cause="lease lost"}': 2.0, "orders_pending": 7.0},
               {'relay_repeats_possible_total{cause="lease lost"}': 0.0,
                'relay_repeats_possible_total{cause="confirm failed"}': 1.0}]
    assert checker.repeats_max(metrics, deaths=4, batch_max=20) == (3 + 4) * 20


def test_a_store_is_known_by_its_uri(tmp_path):
    assert isinstance(open_store(f"sqlite:{tmp_path}/order.db"), SqliteStore)
    mongo = open_store("mongodb://127.0.0.1:1/orders")  # nobody is there, until it is read
    assert isinstance(mongo, MongoStore)
    mongo.client.close()
    with pytest.raises(ValueError, match="not postgres:"):
        open_store("postgres://h/d")
