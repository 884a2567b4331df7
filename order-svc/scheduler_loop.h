/* The scheduler's threads: one sweeps until nothing is due and purges, the other watches backlog,
 * store and broker. */
#ifndef SCHEDULER_LOOP_H
#define SCHEDULER_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include "base/auto.h"
#include "base/clock.h"
#include "base/error.h"
#include "events/publisher.h"
#include "obs/health.h"
#include "obs/metrics.h"
#include "scheduler.h"
#include "store/order_store.h"

struct scheduler_loop_options {
    bool enabled;        /* false: it only watches; another replica, or a test, does the work */
    int64_t interval_ms; /* pause between rounds, of work and of watching */
    const struct clock *clock; /* borrowed */
};

struct scheduler_loop;

/* Starts the threads; borrows all until scheduler_loop_stop(). NULL: ERR_NO_MEMORY, ERR_SYSTEM. */
struct scheduler_loop *scheduler_loop_start(const struct scheduler_loop_options *options,
                                            struct scheduler *scheduler, struct order_store *store,
                                            struct publisher *publisher, struct health *health,
                                            struct metrics *metrics, struct error *err) MUST_USE;

/* Claims nothing more from now on; returns at once. */
void scheduler_loop_quiesce(struct scheduler_loop *loop);

/* Waits for the batch under way (reports, confirms, releases), ends the threads, frees. NULL is
 * fine. */
void scheduler_loop_stop(struct scheduler_loop *loop);
AUTO_DEFINE(scheduler_loop, struct scheduler_loop *, scheduler_loop_stop);

#endif
