/* What the scheduler counts. */
#include "scheduler_metrics.h"

static const char *const repeat_labels[REPEAT_CAUSES] = {
    [REPEAT_LEASE_LOST] = "cause=\"lease lost\"",
    [REPEAT_PRODUCER_REBUILT] = "cause=\"producer rebuilt\"",
    [REPEAT_DELIVERY_TIMEOUT] = "cause=\"delivery timeout\"",
    [REPEAT_CONFIRM_FAILED] = "cause=\"confirm failed\"",
};

bool scheduler_metrics_make(struct metrics *metrics, struct scheduler_metrics *out,
                            struct error *err)
{
    if (!metrics)
        return true;

    struct scheduler_metrics made = {
        .published = metrics_counter(metrics, "orders_published_total",
                                     "Events that the broker acknowledged.", "", err),
        .purged = metrics_counter(metrics, "records_purged_total",
                                  "Idempotency records deleted after their time.", "", err),
    };
    bool all = made.published && made.purged;

    for (size_t i = 0; i < REPEAT_CAUSES; i++) {
        made.repeats[i] = metrics_counter(metrics, "relay_repeats_possible_total",
                                          "Batches of which events may be in the topic twice.",
                                          repeat_labels[i], err);
        all &= made.repeats[i] != NULL;
    }
    if (all)
        *out = made;
    return all;
}
