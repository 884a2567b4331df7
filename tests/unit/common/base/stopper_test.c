/* What threads sleep on until they are told to stop. */
#include "unit/support/tests.h"

#include <pthread.h>

#include "base/clock.h"
#include "base/stopper.h"

enum { LONG_MS = 10 * MINUTE_MS, SHORT_MS = 5 };

static void one_that_was_not_told_sleeps_its_time(void **state)
{
    (void)state;
    struct stopper stopper;

    stopper_init(&stopper);
    const int64_t before = clock_monotonic_ms(&system_clock);
    assert_false(stopper_told_within(&stopper, SHORT_MS));
    assert_true(clock_monotonic_ms(&system_clock) - before >= SHORT_MS - 1);
    assert_false(stopper_told_within(&stopper, 0));
    stopper_done(&stopper);
}

/* Or this test does not end. */
static void one_that_was_told_stays_told(void **state)
{
    (void)state;
    struct stopper stopper;

    stopper_init(&stopper);
    stopper_tell(&stopper);
    for (int looks = 0; looks < 3; looks++)
        assert_true(stopper_told_within(&stopper, LONG_MS));
    assert_true(stopper_told_within(&stopper, 0));
    stopper_done(&stopper);
}

static void *sleep_long(void *context)
{
    return stopper_told_within(context, LONG_MS) ? context : NULL;
}

static void a_sleeping_thread_wakes(void **state)
{
    (void)state;
    struct stopper stopper;
    pthread_t thread;
    void *told = NULL;

    stopper_init(&stopper);
    assert_int_equal(pthread_create(&thread, NULL, sleep_long, &stopper), 0);
    stopper_tell(&stopper);
    pthread_join(thread, &told);
    assert_ptr_equal(told, &stopper);
    stopper_done(&stopper);
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_TEST(&tests, one_that_was_not_told_sleeps_its_time);
    ADD_TEST(&tests, one_that_was_told_stays_told);
    ADD_TEST(&tests, a_sleeping_thread_wakes);
    return tests_run("stopper", &tests);
}
