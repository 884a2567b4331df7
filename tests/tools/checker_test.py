"""The checker itself: each way to break the promise is seen, and a kept one is not blamed."""
import json

import pytest

import checker

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


def judge(tmp_path, world):
    log = tmp_path / "clients.jsonl"
    log.write_text("".join(json.dumps(line) + "\n" for line in world["clients"]))
    return checker.judge(checker.read_wishes([log]), world["orders"], world["records"],
                         world["events"])


def test_a_kept_promise_is_not_blamed(tmp_path):
    kept = world()
    kept["events"] *= 2  # at least once is what was promised
    faults, summary = judge(tmp_path, kept)
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
    "an event of no order": (lambda w: w["events"].append(event(OTHER, "1")), "of no order"),
    "an event of other content": (lambda w: w.update(events=[event(ID, "400")]), "says"),
    "an order nobody asked for": (lambda w: w["orders"].update({OTHER: (USER, 1, "processing")}),
                                  "nobody asked for it"),
    "a record nobody asked for": (lambda w: w["records"].update({OTHER: "done"}),
                                  "nobody asked for it"),
}


@pytest.mark.parametrize("name", BREACHES)
def test_sees(tmp_path, name):
    broken = world()
    breach, words = BREACHES[name]
    breach(broken)
    faults, summary = judge(tmp_path, broken)
    assert any(words in fault for fault in faults), faults
    assert "FAULTS" in summary
