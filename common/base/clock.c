/* The host's clock. */
#include "base/clock.h"

#include <stdlib.h>
#include <time.h>

static int64_t read_ms(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * SECOND_MS + now.tv_nsec / 1000000;
}

#ifdef TEST_POINTS
static int64_t offset_ms(void)
{
    const char *text = getenv("TEST_CLOCK_OFFSET_MS");
    return text ? strtoll(text, NULL, 10) : 0;
}
#else
static int64_t offset_ms(void)
{
    return 0;
}
#endif

static int64_t system_wall_ms(const struct clock *clock)
{
    (void)clock;
    return read_ms(CLOCK_REALTIME) + offset_ms();
}

static int64_t system_monotonic_ms(const struct clock *clock)
{
    (void)clock;
    return read_ms(CLOCK_MONOTONIC);
}

const struct clock system_clock = { system_wall_ms, system_monotonic_ms };
