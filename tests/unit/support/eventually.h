/* Waits for what another thread does, by polling. */
#ifndef UNIT_SUPPORT_EVENTUALLY_H
#define UNIT_SUPPORT_EVENTUALLY_H

#include "unit/support/tests.h"

#include <time.h>

#include "base/clock.h"

enum { EVENTUALLY_MS = 20 * SECOND_MS }; /* for what takes milliseconds, on a busy machine */

/* Polls until `condition` holds. */
#define EVENTUALLY(condition)                                                                      \
    do {                                                                                           \
        const int64_t until_ = clock_monotonic_ms(&system_clock) + EVENTUALLY_MS;                  \
        while (!(condition)) {                                                                     \
            assert_true(clock_monotonic_ms(&system_clock) < until_);                               \
            nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);                             \
        }                                                                                          \
    } while (0)

#endif
