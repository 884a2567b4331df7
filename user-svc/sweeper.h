/* Deletes what is over: sessions, counters, audit events, each in bounded batches, so that no sweep
 * keeps requests waiting. Any number of replicas may sweep at one time.
 *
 * Reset tokens need no sweeping, they are part of their accounts; recoveries delete themselves. */
#ifndef SWEEPER_H
#define SWEEPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/error.h"
#include "obs/metrics.h"
#include "store/user_store.h"

enum {
    SWEEPS = SWEEP_AUDIT + 1,
    SWEEP_BATCH_MAX = 500,
};

struct sweeper {
    struct user_store *store;
    int64_t audit_retention_ms;
    struct counter *swept[SWEEPS];
};

/* Makes the counters; the rest is the caller's to fill. */
bool sweeper_count(struct sweeper *sweeper, struct metrics *metrics, struct error *err) MUST_USE;

/* One batch. `more`: there may be more. */
bool sweeper_sweep(const struct sweeper *sweeper, enum sweep what, bool *more, struct error *err)
    MUST_USE;

#endif
