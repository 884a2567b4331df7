"""Polls with a deadline, in place of sleeping and hoping."""
import time

PAUSE_S = 0.05
DEADLINE_S = 30  # far beyond what anything takes here, on a machine that is busy with other tests


def poll(attempt, what, seconds=DEADLINE_S):
    """Repeats attempt() until it gives something true, and gives that."""
    deadline = time.monotonic() + seconds
    while True:
        got = attempt()
        if got:
            return got
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(PAUSE_S)
