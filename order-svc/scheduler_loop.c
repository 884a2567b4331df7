/* The scheduler's thread. Its pauses end early when it is told to stop. */
#include "scheduler_loop.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"

struct scheduler_loop {
    struct scheduler_loop_options options;
    struct scheduler *scheduler;
    struct order_store *store;
    struct publisher *publisher;
    struct health *health;
    struct gauge *pending, *oldest_seconds, *parked;

    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    bool quiesced; /* under the mutex */
};

static bool quiesced(struct scheduler_loop *loop)
{
    LOCKED(&loop->mutex);
    return loop->quiesced;
}

/* The first failure of a row is told, not each: an outage lasts many rounds. */
static void store_failed(struct scheduler_loop *loop, const char *event, const struct error *err)
{
    if (!atomic_exchange(&loop->health->store_degraded, true))
        log_error(event, LOG_ERR(err));
}

static void sweep_until_nothing_is_due(struct scheduler_loop *loop)
{
    struct error err;
    size_t claimed = 1;

    while (claimed > 0 && !quiesced(loop)) {
        if (!scheduler_sweep(loop->scheduler, &claimed, &err)) {
            store_failed(loop, "sweep failed", &err);
            return;
        }
    }
}

static void purge_what_is_done(struct scheduler_loop *loop)
{
    struct error err;
    size_t purged = PURGE_BATCH_MAX;

    while (purged == PURGE_BATCH_MAX && !quiesced(loop)) {
        if (!scheduler_purge(loop->scheduler, &purged, &err)) {
            store_failed(loop, "purge failed", &err);
            return;
        }
    }
}

static void watch_backlog(struct scheduler_loop *loop)
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
    if (atomic_exchange(&loop->health->broker_degraded, down) == down)
        return;
    if (down)
        log_warn("broker out of reach: orders are taken, their events wait", LOG_END);
    else
        log_info("broker works again", LOG_END);
}

static void sleep_until_next_round(struct scheduler_loop *loop)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += loop->options.interval_ms / SECOND_MS;
    until.tv_nsec += (loop->options.interval_ms % SECOND_MS) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }

    LOCKED(&loop->mutex);
    while (!loop->quiesced &&
           pthread_cond_timedwait(&loop->wake, &loop->mutex, &until) != ETIMEDOUT)
        ;
}

static void *run(void *context)
{
    struct scheduler_loop *loop = context;

    while (!quiesced(loop)) {
        if (loop->options.enabled) {
            sweep_until_nothing_is_due(loop);
            purge_what_is_done(loop);
        }
        watch_store(loop);
        watch_broker(loop);
        watch_backlog(loop);
        sleep_until_next_round(loop);
    }
    return NULL;
}

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
    return loop->pending && loop->oldest_seconds && loop->parked;
}

/* Condition variables wait by the wall clock unless told otherwise, and that one may jump. */
static void init_wake(struct scheduler_loop *loop)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&loop->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&loop->mutex, NULL);
}

static void free_loop(struct scheduler_loop *loop)
{
    pthread_cond_destroy(&loop->wake);
    pthread_mutex_destroy(&loop->mutex);
    free(loop);
}

AUTO_DEFINE(unstarted_loop, struct scheduler_loop *, free_loop);

struct scheduler_loop *scheduler_loop_start(const struct scheduler_loop_options *options,
                                            struct scheduler *scheduler, struct order_store *store,
                                            struct publisher *publisher, struct health *health,
                                            struct metrics *metrics, struct error *err)
{
    struct scheduler_loop *allocated = calloc(1, sizeof *allocated);
    if (!allocated) {
        error_set(err, ERR_NO_MEMORY, 0, "scheduler's thread");
        return NULL;
    }
    init_wake(allocated);
    AUTO(unstarted_loop) struct scheduler_loop *loop = allocated;
    loop->options = *options;
    loop->scheduler = scheduler;
    loop->store = store;
    loop->publisher = publisher;
    loop->health = health;
    if (!make_gauges(loop, metrics, err))
        return NULL;
    watch_backlog(loop); /* so that the first scrape tells what the last run left */

    int rc = pthread_create(&loop->thread, NULL, run, loop);
    if (rc != 0) {
        error_set(err, ERR_SYSTEM, rc, "cannot start the scheduler's thread");
        return NULL;
    }
    return STEAL(loop);
}

void scheduler_loop_quiesce(struct scheduler_loop *loop)
{
    LOCKED(&loop->mutex);
    loop->quiesced = true;
    pthread_cond_signal(&loop->wake);
}

void scheduler_loop_stop(struct scheduler_loop *loop)
{
    if (!loop)
        return;
    scheduler_loop_quiesce(loop);
    pthread_join(loop->thread, NULL);
    free_loop(loop);
}
