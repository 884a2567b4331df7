"""Tests that can fail: each planted fault breaks the promise, and the checker must see it."""
import pytest

from engines import needs_embedded_store, needs_real_store, uri_through
from store_proxy import StoreProxy, insert_into, no_majority
from waiting import poll
from world import DAY_MS, LEASE_MS

NO_BROKER = "127.0.0.1:1"  # nobody listens there


def run_with(world, orders_each=25, **plan):
    world.start(**plan)
    with world.load(seed="planted", orders_each=orders_each) as load:
        load.join()
    return load


def faults_of(world):
    faults, summary = world.verdict()
    print(summary, *faults[:5], sep="\n")
    return faults


def recover(world):
    world.turn_clock(2 * LEASE_MS)
    world.start()
    world.await_settled()


def test_confirm_before_acknowledgement_is_caught(make_world):
    """The order is `processing`, then the process dies: the event never comes."""
    world = make_world()
    world.start(TEST_FAULT="confirm-before-acknowledgement", TEST_KILL_AT="relay.produce.before")
    with world.load(seed="planted") as load:
        world.await_death()
        recover(world)
        load.join()
    world.await_settled()
    assert any("in no topic" in fault for fault in faults_of(world))


def test_purge_of_pending_is_caught(make_world):
    """Records wait for a broker out of reach; two days on the purge takes them all the same."""
    world = make_world({"SCHEDULER_BATCH_MAX": "500", "PUBLISH_TIMEOUT_MS": "1000"})
    run_with(world, SCHEDULER_ENABLED="false")
    world.service.stop()
    world.turn_clock(2 * DAY_MS)
    world.start(TEST_FAULT="purge-of-pending", KAFKA_BROKERS=NO_BROKER)
    world.await_settled()  # nothing is pending, because nothing is left
    assert any("still new" in fault for fault in faults_of(world))


@needs_embedded_store  # on MongoDB each step is durable by itself
def test_acknowledged_before_commit_is_caught(make_world):
    world = make_world()
    world.start(TEST_FAULT="acknowledged-before-commit")
    with world.load(seed="planted", orders_each=5) as load:
        load.join()
    world.service.kill()
    recover(world)
    assert any("LOST" in fault for fault in faults_of(world))


def test_done_despite_a_failed_order_confirm_is_caught(make_world):
    world = make_world()
    run_with(world, TEST_FAULT="done-despite-failed-confirm")
    world.await_settled()
    faults = faults_of(world)
    assert any("still new" in fault for fault in faults)
    assert any("done, but its order is" in fault for fault in faults)


def test_no_write_ahead_record_is_caught(make_world):
    """Nobody promised to publish these orders."""
    world = make_world()
    run_with(world, TEST_FAULT="no-write-ahead-record")
    assert any("still new, record None" in fault for fault in faults_of(world))


@needs_real_store  # where one transaction holds both, their order shows nowhere
def test_an_order_before_its_record_is_caught(make_world):
    """Dead between the two, and the client never comes back: an order that nobody will publish."""
    world = make_world()
    world.start(TEST_FAULT="order-before-record", TEST_KILL_AT="intake.order.after")
    with world.load(seed="planted") as load:
        world.await_death()
        load.stop.set()
    recover(world)
    assert any("still new, record None" in fault for fault in faults_of(world))


@pytest.fixture
def proxied(make_world):
    """A world whose order-svc reaches the store through a proxy that loses records on their way."""
    world = make_world()
    proxy = StoreProxy(world.store.address())
    proxy.loses = insert_into("records")
    world.service.base["STORE_URI"] = uri_through(proxy.address, world.store_uri)
    yield world, proxy
    proxy.close()


# What order-svc hears of a record that is lost: nothing, or that a primary wrote it alone, which is
# no primary any more.
LOST = {"order-despite-unknown-record": None, "write-concern-error-ignored": no_majority}


@needs_real_store
@pytest.mark.parametrize("fault", LOST)
def test_an_order_despite_a_record_of_unknown_fate_is_caught(proxied, fault):
    world, proxy = proxied
    proxy.replies = LOST[fault]
    run_with(world, orders_each=3, TEST_FAULT=fault)
    assert proxy.lost
    assert any("still new, record None" in told for told in faults_of(world))


@needs_real_store
@pytest.mark.parametrize("replies", LOST.values(), ids=["no answer", "no majority"])
def test_records_lost_on_their_way_leave_no_order_behind(proxied, replies):
    """The same without the fault: clients hear that nobody knows, and a repeat ends well."""
    world, proxy = proxied
    proxy.replies = replies
    world.start()
    with world.load(seed="lost", orders_each=3) as load:
        poll(lambda: proxy.lost >= 5, "records to be lost")
        assert world.store.read() == ({}, {}) and load.answered == 0
        proxy.loses = None
        load.join()
    assert not load.refused
    world.await_settled()
    world.assert_promise_kept()
