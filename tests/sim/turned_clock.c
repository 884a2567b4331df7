/* A clock that stands still until a test turns it. */
#include "sim/turned_clock.h"

/* The clock is the first member, so its address is the whole's. */
static const struct turned_clock *whole(const struct clock *clock)
{
    return (const struct turned_clock *)clock;
}

static int64_t wall(const struct clock *clock)
{
    return atomic_load(&whole(clock)->wall_ms);
}

static int64_t monotonic(const struct clock *clock)
{
    return atomic_load(&whole(clock)->monotonic_ms);
}

void turned_clock_init(struct turned_clock *clock, int64_t wall_ms)
{
    clock->clock = (struct clock){ wall, monotonic };
    atomic_init(&clock->wall_ms, wall_ms);
    atomic_init(&clock->monotonic_ms, HOUR_MS);
}

void turned_clock_pass(struct turned_clock *clock, int64_t ms)
{
    atomic_fetch_add(&clock->wall_ms, ms);
    atomic_fetch_add(&clock->monotonic_ms, ms);
}
