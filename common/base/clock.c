/* The host's clock. */
#include "base/clock.h"

#include <time.h>

#include "base/test_point.h"

static int64_t read_ms(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * SECOND_MS + now.tv_nsec / 1000000;
}

static int64_t system_wall_ms(const struct clock *clock)
{
    (void)clock;
    return read_ms(CLOCK_REALTIME) + TEST_OFFSET_MS("TEST_CLOCK_OFFSET_MS");
}

static int64_t system_monotonic_ms(const struct clock *clock)
{
    (void)clock;
    return read_ms(CLOCK_MONOTONIC);
}

const struct clock system_clock = { system_wall_ms, system_monotonic_ms };
