/* What the scheduler counts. */
#ifndef SCHEDULER_METRICS_H
#define SCHEDULER_METRICS_H

#include <stdbool.h>
#include "base/error.h"
#include "obs/metrics.h"

/* Why events may be in the topic twice; one count is at most one batch of them. */
enum repeat_cause {
    REPEAT_LEASE_LOST,
    REPEAT_PRODUCER_REBUILT,
    REPEAT_DELIVERY_TIMEOUT,
    REPEAT_CONFIRM_FAILED,
    REPEAT_CAUSES,
};

struct scheduler_metrics {
    struct counter *published;
    struct counter *purged;
    struct counter *repeats[REPEAT_CAUSES];
};

/* NULL metrics: nothing is counted. */
bool scheduler_metrics_make(struct metrics *metrics, struct scheduler_metrics *out,
                            struct error *err) MUST_USE;

#endif
