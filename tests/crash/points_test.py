"""kill -9 at every named point of intake and scheduler, under load: the first time the point is
passed, again while the restarted process recovers, and then the checker judges."""
import pytest

from world import DAY_MS, LEASE_MS

INTAKE = [f"intake.{step}.{side}" for step in ("record", "order", "commit")
          for side in ("before", "after")]
# Sweeps that find nothing pass these too, so the first death comes a little later.
EMPTY_SWEEPS = {"relay.claim.before": 15, "relay.claim.after": 15}
RELAY = ["relay.claim.before", "relay.claim.after",
         "relay.complete.before", "relay.complete.after",
         "relay.produce.before", "relay.produce.after",
         "relay.report.before", "relay.report.after",
         "relay.confirm-order.before", "relay.confirm-order.after",
         "relay.confirm-record.before", "relay.confirm-record.after"]
PURGE = ["relay.purge.before", "relay.purge.after"]


@pytest.mark.parametrize("point", INTAKE + RELAY)
def test_killed_at(make_world, point):
    world = make_world()
    world.start(wait=False, TEST_KILL_AT=f"{point}:{EMPTY_SWEEPS.get(point, 3)}")
    with world.load(seed=point) as load:
        world.await_death()

        # Recovery begins with what the dead one left: its leases are over.
        world.turn_clock(2 * LEASE_MS)
        world.start(wait=False, TEST_KILL_AT=point)
        world.await_death()

        world.turn_clock(2 * LEASE_MS)
        world.start()
        load.join()
    assert not load.refused
    world.await_settled()
    world.assert_promise_kept()


@pytest.mark.parametrize("point", RELAY)
def test_held_at_while_orders_come_in_then_killed(make_world, point):
    world = make_world()
    world.start(TEST_HOLD_AT=f"{point}:2")
    with world.load(seed=point) as load:
        load.join()
    world.service.kill()

    world.turn_clock(2 * LEASE_MS)
    world.start()
    assert not load.refused
    world.await_settled()
    world.assert_promise_kept()


@pytest.mark.parametrize("point", PURGE)
def test_killed_at_purge(make_world, point):
    world = make_world()
    world.start()
    with world.load(seed=point) as load:
        load.join()
    world.await_settled()
    world.service.stop()

    world.turn_clock(2 * DAY_MS)
    world.start(wait=False, TEST_KILL_AT=point)
    world.await_death()
    world.start(wait=False, TEST_KILL_AT=f"{point}:2")
    world.await_death()
    world.start()

    # The same requests, purged or not, get the same answers.
    with world.load(seed=point) as again:
        again.join()
    assert not again.refused
    world.await_settled()
    world.assert_promise_kept()


def test_nobody_dies_at_a_point_without_a_plan(make_world):
    """So that the tests above prove something: their deaths are planned."""
    world = make_world()
    world.start()
    with world.load(seed="no plan") as load:
        load.join()
    world.await_settled()
    summary = world.assert_promise_kept()
    assert " 0 repeats" in summary
