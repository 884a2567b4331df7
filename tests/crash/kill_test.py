"""Deaths at moments that nobody chose."""
import random
import time

from world import LEASE_MS, SEED

ROUNDS = 20


def test_killed_twenty_times_under_load(make_world):
    print(f"CRASH_SEED={SEED}")
    rng = random.Random(SEED)
    world = make_world()
    world.start()
    with world.load(seed=SEED, orders_each=100_000) as load:
        for _ in range(ROUNDS):
            time.sleep(rng.uniform(0.05, 0.4))  # the moment of death is the test's very input
            world.service.kill()
            world.turn_clock(2 * LEASE_MS)
            world.start(wait=False)
        world.service.await_ready()
    assert not load.refused
    world.await_settled()
    world.assert_promise_kept()


def test_terminated_under_load_every_request_in_flight_is_answered(make_world):
    """SIGTERM: what was begun ends, what comes later is refused before it begins."""
    world = make_world({"DRAIN_DELAY_MS": "300"})
    world.start()
    for turn in range(5):
        with world.load(seed=f"{SEED}/{turn}", orders_each=100_000) as load:
            time.sleep(0.3)  # load is under way
            assert world.service.terminate() == 0
            load.stop.set()
        assert load.unanswered == 0
        world.start()
    world.await_settled()
    world.assert_promise_kept()
