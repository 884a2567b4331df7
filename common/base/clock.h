/* Time comes in through this, so that tests can turn it. Any thread may read a clock. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

enum {
    SECOND_MS = 1000,
    MINUTE_MS = 60 * SECOND_MS,
    HOUR_MS = 60 * MINUTE_MS,
    DAY_MS = 24 * HOUR_MS,
};

struct clock {
    /* Milliseconds since 1970-01-01 UTC; may jump when the host's clock is set. */
    int64_t (*wall_ms)(const struct clock *clock);
    /* Milliseconds since some moment; never goes back. Deadlines and durations use it. */
    int64_t (*monotonic_ms)(const struct clock *clock);
};

/* The host's clock. A test build adds TEST_CLOCK_OFFSET_MS (environment) to wall_ms. */
extern const struct clock system_clock;

static inline int64_t clock_wall_ms(const struct clock *clock)
{
    return clock->wall_ms(clock);
}

static inline int64_t clock_monotonic_ms(const struct clock *clock)
{
    return clock->monotonic_ms(clock);
}

#endif
