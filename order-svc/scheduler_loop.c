/* Two threads: one works the outbox off, the other watches. A broker that hangs keeps the first for
 * as long as publishing may take, and just then the second has something to tell. */
#include "scheduler_loop.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/stopper.h"

enum {
    /* After each look at the backlog, so many times what it took. The store counts all that is
     * pending: after an hour without broker that may be a second's work, for each replica. */
    BACKLOG_REST = 9,
    /* But a look may also take long because the store stalls, and then the gauges must not stay
     * old: so long is what is common between two scrapes. */
    BACKLOG_REST_MAX_MS = 15 * SECOND_MS,
};

struct scheduler_loop {
    struct scheduler_loop_options options;
    struct scheduler *scheduler;
    struct order_store *store;
    struct publisher *publisher;
    struct health *health;
    struct gauge *pending, *oldest_seconds, *parked, *broker_degraded;

    int64_t next_look_at_ms; /* at the backlog; the watcher's, once that runs */

    pthread_t worker, watcher;
    struct stopper stopper;
};

static int64_t now_ms(const struct scheduler_loop *loop)
{
    return clock_monotonic_ms(loop->options.clock);
}

/* The first failure of a row is told, not each: an outage lasts many rounds. */
static void store_failed(struct scheduler_loop *loop, const char *event, const struct error *err)
{
    if (!atomic_exchange(&loop->health->store_degraded, true))
        log_error(event, LOG_ERR(err));
}

/* --- Working. --- */

/* One batch; whether more may be due. */
static bool sweep(struct scheduler_loop *loop)
{
    struct error err;
    size_t claimed = 0;

    if (!scheduler_sweep(loop->scheduler, &claimed, &err)) {
        store_failed(loop, "sweep failed", &err);
        return false;
    }
    return claimed > 0;
}

static bool purge(struct scheduler_loop *loop)
{
    struct error err;
    size_t purged = 0;

    if (!scheduler_purge(loop->scheduler, &purged, &err)) {
        store_failed(loop, "purge failed", &err);
        return false;
    }
    return purged == PURGE_BATCH_MAX;
}

/* Batch by batch in turns, so that neither a day's purge nor an endless stream of orders keeps the
 * other waiting. A round is over when nothing is left, or after an interval, so that what ended
 * early in it is looked at again. True: nothing is left. */
static bool work_round(struct scheduler_loop *loop)
{
    const int64_t ends_at = now_ms(loop) + loop->options.interval_ms;
    bool sweeping = true, purging = true;

    while ((sweeping || purging) && !stopper_told_within(&loop->stopper, 0)) {
        sweeping = sweeping && sweep(loop);
        if (stopper_told_within(&loop->stopper, 0))
            break;
        purging = purging && purge(loop);
        if (now_ms(loop) >= ends_at)
            break;
    }
    return !sweeping && !purging;
}

static void *work(void *context)
{
    struct scheduler_loop *loop = context;

    while (!stopper_told_within(&loop->stopper, work_round(loop) ? loop->options.interval_ms : 0))
        ;
    return NULL;
}

/* --- Watching. --- */

static void look_at_backlog(struct scheduler_loop *loop)
{
    struct outbox_stats stats;
    struct error err;

    if (!order_store_stats(loop->store, &stats, &err)) {
        store_failed(loop, "backlog cannot be read", &err);
        return;
    }
    int64_t oldest_ms =
        stats.oldest_pending_at ? order_store_now(loop->store) - stats.oldest_pending_at : 0;
    gauge_set(loop->pending, (double)stats.pending);
    gauge_set(loop->parked, (double)stats.parked);
    gauge_set(loop->oldest_seconds, (double)oldest_ms / SECOND_MS);
}

static void watch_backlog(struct scheduler_loop *loop)
{
    const int64_t began_ms = now_ms(loop);
    if (began_ms < loop->next_look_at_ms)
        return;

    look_at_backlog(loop);
    const int64_t ended_ms = now_ms(loop), rest_ms = BACKLOG_REST * (ended_ms - began_ms);
    loop->next_look_at_ms =
        ended_ms + (rest_ms < BACKLOG_REST_MAX_MS ? rest_ms : BACKLOG_REST_MAX_MS);
}

/* Once something failed, only a write that works shows that orders would be taken again. */
static void watch_store(struct scheduler_loop *loop)
{
    struct error err;

    if (!atomic_load(&loop->health->store_degraded) || !order_store_probe(loop->store, &err))
        return;
    atomic_store(&loop->health->store_degraded, false);
    log_info("store works again", LOG_END);
}

static void watch_broker(struct scheduler_loop *loop)
{
    bool down = !publisher_healthy(loop->publisher);

    gauge_set(loop->broker_degraded, down);
    if (atomic_exchange(&loop->health->broker_degraded, down) == down)
        return;
    if (down)
        log_warn("broker out of reach: orders are taken, their events wait", LOG_END);
    else
        log_info("broker works again", LOG_END);
}

static void *watch(void *context)
{
    struct scheduler_loop *loop = context;

    do {
        watch_store(loop);
        watch_broker(loop);
        watch_backlog(loop);
    } while (!stopper_told_within(&loop->stopper, loop->options.interval_ms));
    return NULL;
}

/* --- Starting and stopping. --- */

static bool make_gauges(struct scheduler_loop *loop, struct metrics *metrics, struct error *err)
{
    if (!metrics)
        return true;

    loop->pending = metrics_gauge(metrics, "orders_pending",
                                  "Orders whose event is not acknowledged yet.", "", err);
    loop->oldest_seconds = metrics_gauge(metrics, "orders_oldest_pending_seconds",
                                         "Age of the oldest of them.", "", err);
    loop->parked = metrics_gauge(metrics, "orders_parked",
                                 "Orders whose event the broker refuses for its content.", "", err);
    loop->broker_degraded = metrics_gauge(metrics, "broker_degraded",
                                          "1: the broker is out of reach, events wait.", "", err);
    return loop->pending && loop->oldest_seconds && loop->parked && loop->broker_degraded;
}

static void free_loop(struct scheduler_loop *loop)
{
    stopper_done(&loop->stopper);
    free(loop);
}

AUTO_DEFINE(unstarted_loop, struct scheduler_loop *, free_loop);

static bool start_threads(struct scheduler_loop *loop, struct error *err)
{
    int rc = pthread_create(&loop->watcher, NULL, watch, loop);

    if (rc == 0 && loop->options.enabled) {
        rc = pthread_create(&loop->worker, NULL, work, loop);
        if (rc != 0) {
            stopper_tell(&loop->stopper);
            pthread_join(loop->watcher, NULL);
        }
    }
    return rc == 0 || error_set(err, ERR_SYSTEM, rc, "cannot start the scheduler's threads");
}

struct scheduler_loop *scheduler_loop_start(const struct scheduler_loop_options *options,
                                            struct scheduler *scheduler, struct order_store *store,
                                            struct publisher *publisher, struct health *health,
                                            struct metrics *metrics, struct error *err)
{
    struct scheduler_loop *allocated = calloc(1, sizeof *allocated);
    if (!allocated) {
        error_set(err, ERR_NO_MEMORY, 0, "scheduler's threads");
        return NULL;
    }
    stopper_init(&allocated->stopper);
    AUTO(unstarted_loop) struct scheduler_loop *loop = allocated;
    loop->options = *options;
    loop->scheduler = scheduler;
    loop->store = store;
    loop->publisher = publisher;
    loop->health = health;
    if (!make_gauges(loop, metrics, err))
        return NULL;
    watch_backlog(loop); /* so that the first scrape tells what the last run left */
    if (!start_threads(loop, err))
        return NULL;
    return STEAL(loop);
}

void scheduler_loop_quiesce(struct scheduler_loop *loop)
{
    stopper_tell(&loop->stopper);
}

void scheduler_loop_stop(struct scheduler_loop *loop)
{
    if (!loop)
        return;
    scheduler_loop_quiesce(loop);
    if (loop->options.enabled)
        pthread_join(loop->worker, NULL);
    pthread_join(loop->watcher, NULL);
    free_loop(loop);
}
