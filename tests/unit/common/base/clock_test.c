/* The host's clock, and how a test build turns it. */
#include "unit/support/tests.h"

#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

static void wall_time_is_the_hosts(void **state)
{
    (void)state;
    int64_t before = (int64_t)time(NULL) * SECOND_MS;
    int64_t now = clock_wall_ms(&system_clock);

    assert_true(now >= before - SECOND_MS); /* time() may lag by a tick */
    assert_true(now < before + MINUTE_MS);
}

static void monotonic_time_never_goes_back(void **state)
{
    (void)state;
    int64_t last = clock_monotonic_ms(&system_clock);

    for (int i = 0; i < 10000; i++) {
        int64_t now = clock_monotonic_ms(&system_clock);
        assert_true(now >= last);
        last = now;
    }
}

#ifdef TEST_POINTS
static void a_test_moves_wall_time_only(void **state)
{
    (void)state;
    int64_t wall = clock_wall_ms(&system_clock);
    int64_t monotonic = clock_monotonic_ms(&system_clock);

    setenv("TEST_CLOCK_OFFSET_MS", "86400000", 1);
    int64_t moved = clock_wall_ms(&system_clock) - wall;
    int64_t unmoved = clock_monotonic_ms(&system_clock) - monotonic;
    unsetenv("TEST_CLOCK_OFFSET_MS");

    assert_true(moved >= DAY_MS && moved < DAY_MS + MINUTE_MS);
    assert_true(unmoved < MINUTE_MS);
}
#endif

int main(void)
{
    struct tests tests = { 0 };
    ADD_TEST(&tests, wall_time_is_the_hosts);
    ADD_TEST(&tests, monotonic_time_never_goes_back);
#ifdef TEST_POINTS
    ADD_TEST(&tests, a_test_moves_wall_time_only);
#endif
    return tests_run("clock", &tests);
}
