#include "sweeper.h"

bool sweeper_sweep(const struct sweeper *sweeper, enum sweep what, bool *more, struct error *err)
{
    const int64_t now = user_store_now(sweeper->store);
    const int64_t before = what == SWEEP_AUDIT ? now - sweeper->audit_retention_ms : now;
    size_t deleted = 0;

    if (!user_store_sweep(sweeper->store, what, before, SWEEP_BATCH_MAX, &deleted, err))
        return false;
    counter_add(sweeper->swept[what], deleted);
    *more = deleted == SWEEP_BATCH_MAX;
    return true;
}

bool sweeper_count(struct sweeper *sweeper, struct metrics *metrics, struct error *err)
{
    static const char *const labels[SWEEPS] = {
        [SWEEP_SESSIONS] = "what=\"sessions\"",
        [SWEEP_COUNTERS] = "what=\"counters\"",
        [SWEEP_AUDIT] = "what=\"audit\"",
    };

    for (int what = 0; what < SWEEPS; what++) {
        sweeper->swept[what] = metrics_counter(
            metrics, "swept_total", "What was deleted because it was over.", labels[what], err);
        if (!sweeper->swept[what])
            return false;
    }
    return true;
}
