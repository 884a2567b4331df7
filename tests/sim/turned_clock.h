/* A clock that stands still until a test turns it. Any thread may read or turn it. */
#ifndef SIM_TURNED_CLOCK_H
#define SIM_TURNED_CLOCK_H

#include <stdatomic.h>
#include <stdint.h>
#include "base/clock.h"

struct turned_clock {
    struct clock clock; /* what the code under test is given */
    _Atomic int64_t wall_ms;
    _Atomic int64_t monotonic_ms;
};

/* The monotonic side starts somewhere else than the wall's, so that nobody mixes them up unseen. */
void turned_clock_init(struct turned_clock *clock, int64_t wall_ms);

/* Time passes: both sides go on. */
void turned_clock_pass(struct turned_clock *clock, int64_t ms);

#endif
