"""Three replicas on one database, clients at all of them, and whatever can end or stop does so, at
moments drawn from CRASH_SEED: each replica dies five times, one sleeps beyond its lease, the broker
is away for 20 s and the store for 5 s, and the hosts' clocks are 20 s apart."""
import random
import threading
import time
from dataclasses import dataclass
from typing import Callable

from engines import needs_stack, stack
from waiting import poll
from world import SEED

ORDERS = 20_000
REPEAT_SHARE = 0.3    # of all requests; half of them while the first may be under way
THREADS_EACH = 6      # of each of four clients
REQUEST_TIMEOUT_S = 3 # then another replica is asked
CLOCKS_MS = (-10_000, 0, 10_000)
DEATHS_EACH = 5
DOWN_S = 1.0          # at most, between a death and the start
LEASE_MS = 7_000      # as short as PUBLISH_TIMEOUT_MS lets it be
PAUSE_S = 2 * LEASE_MS / 1000
BROKER_AWAY_S = 20
STORE_AWAY_S = 5
LOAD_S = 900          # no run takes that long

SETTINGS = {
    "SCHEDULER_LEASE_MS": str(LEASE_MS),
    "SCHEDULER_BATCH_MAX": "100",
    "PUBLISH_TIMEOUT_MS": "1000",
}


@dataclass
class Action:
    """Due when so many requests are answered, so that a slow machine is as busy meanwhile."""
    due: int
    what: str
    act: Callable[[], None]


def restart(replica, down_s):
    replica.kill()
    time.sleep(down_s)
    replica.start()
    replica.await_ready()


def sleep_beyond_lease(replica):
    replica.pause()
    time.sleep(PAUSE_S)
    replica.resume()


def outage(part, seconds):
    stack("stop", part)
    time.sleep(seconds)
    stack("start", part)


def make_plan(rng, replicas):
    """-> for each replica, and for the engines: its actions, one after the other."""
    def due(first, last):
        return int(rng.uniform(first, last) * ORDERS)

    plan = [[Action(due(0.02, 1.2), f"kill {replica.name}",
                    lambda replica=replica, down_s=rng.uniform(0, DOWN_S): restart(replica, down_s))
             for _ in range(DEATHS_EACH)] for replica in replicas]
    sleeper = rng.randrange(len(replicas))
    plan[sleeper].append(Action(due(0.05, 1), f"pause {replicas[sleeper].name}",
                                lambda: sleep_beyond_lease(replicas[sleeper])))
    plan.append([Action(due(0.05, 0.3), "stop store", lambda: outage("store", STORE_AWAY_S)),
                 Action(due(0.3, 0.6), "stop kafka", lambda: outage("kafka", BROKER_AWAY_S))])
    return [sorted(actions, key=lambda action: action.due) for actions in plan]


def carry_out(actions, load):
    started = time.monotonic()
    for action in actions:
        poll(lambda: load.answered >= action.due, f"{action.due} answers", seconds=LOAD_S)
        print(f"{time.monotonic() - started:6.1f} s, {load.answered:6} answers: {action.what}")
        action.act()


@needs_stack
def test_replicas_lose_and_double_nothing(make_world):
    print(f"CRASH_SEED={SEED}")
    rng = random.Random(SEED)
    world = make_world(SETTINGS, replicas=len(CLOCKS_MS), rng=rng)
    for replica, clock_ms in zip(world.replicas, CLOCKS_MS):
        replica.environment = replica.base | {"TEST_CLOCK_OFFSET_MS": str(clock_ms)}
        replica.start()
    for replica in world.replicas:
        replica.await_ready()

    load = world.load(SEED, ORDERS // len(world.users), repeat_share=REPEAT_SHARE,
                      threads_each=THREADS_EACH, timeout_s=REQUEST_TIMEOUT_S)
    plan = make_plan(rng, world.replicas)
    actors = [threading.Thread(target=carry_out, args=(actions, load)) for actions in plan]
    with load:
        for actor in actors:
            actor.start()
        load.join()
        for actor in actors:
            actor.join()
    assert not load.refused
    world.await_settled()
    summary = world.assert_promise_kept()
    assert f"{ORDERS} acknowledged, {ORDERS} orders" in summary
    assert " 0 parked" in summary
