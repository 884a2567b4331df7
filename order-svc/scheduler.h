/* The scheduler: publishes what records promised, confirms it, and purges what is done.
 *
 * Any number of replicas may run one each; what a record's owner token does not cover they leave
 * alone. These functions are the whole protocol, plain and blocking, each safe to repeat: tests
 * drive them over an in-memory store and publisher, scheduler_loop.h runs them on a thread. */
#ifndef SCHEDULER_H
#define SCHEDULER_H

#include <stdbool.h>
#include <stdint.h>
#include "base/auto.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "events/publisher.h"
#include "obs/metrics.h"
#include "store/order_store.h"

struct scheduler_options {
    int64_t lease_ms; /* how long a claim holds; more than twice publisher_publish_max_ms() */
    size_t batch_max; /* records in a claim, <= ORDER_UNIT_MAX */
};

struct scheduler; /* one thread at a time */

/* What must be left of a lease before anything is published under it, by the longest time that
 * publishing takes. */
int64_t scheduler_lease_min_ms(int64_t publish_max_ms);

/* Borrows all until scheduler_free(). `metrics` may be NULL. NULL: ERR_NO_MEMORY. */
struct scheduler *scheduler_new(const struct scheduler_options *options, struct order_store *store,
                                struct publisher *publisher, const struct clock *clock,
                                const struct random *random, struct metrics *metrics,
                                struct error *err) MUST_USE;
void scheduler_free(struct scheduler *scheduler);
AUTO_DEFINE(scheduler, struct scheduler *, scheduler_free);

/* One batch: claim -> complete -> publish -> confirm; `claimed` is how many records it took. False:
 * the store failed on the way; what was claimed and not confirmed comes back when its lease ends.
 */
bool scheduler_sweep(struct scheduler *scheduler, size_t *claimed, struct error *err) MUST_USE;

/* One bounded batch of the purge: done records created before 00:00 UTC of yesterday. `purged` is
 * how many; PURGE_BATCH_MAX means there may be more. */
bool scheduler_purge(struct scheduler *scheduler, size_t *purged, struct error *err) MUST_USE;

/* A short write transaction, so that a purge never keeps intake waiting. */
enum { PURGE_BATCH_MAX = 500 };

#endif
