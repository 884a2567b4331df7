/* Requests say that the store fails (http/routes.c), and this thread alone says that it works: that
 * some read or some request went well proves nothing while every write fails. */
#include "store_watch.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/stopper.h"

struct store_watch {
    struct user_store *store;
    struct health *health;
    int64_t interval_ms;
    pthread_t thread;
    struct stopper stopper;
};

static void probe_if_degraded(struct store_watch *watch)
{
    struct error err;

    if (!atomic_load(&watch->health->store_degraded) || !user_store_probe(watch->store, &err))
        return;
    atomic_store(&watch->health->store_degraded, false);
    log_info("store works again", LOG_END);
}

static void *run(void *context)
{
    struct store_watch *watch = context;

    while (!stopper_told_within(&watch->stopper, watch->interval_ms))
        probe_if_degraded(watch);
    return NULL;
}

static void free_watch(struct store_watch *watch)
{
    stopper_done(&watch->stopper);
    free(watch);
}

struct store_watch *store_watch_start(struct user_store *store, struct health *health,
                                      int64_t interval_ms, struct error *err)
{
    struct store_watch *watch = calloc(1, sizeof *watch);

    if (!watch) {
        error_set(err, ERR_NO_MEMORY, 0, "the store's watch");
        return NULL;
    }
    watch->store = store;
    watch->health = health;
    watch->interval_ms = interval_ms;
    stopper_init(&watch->stopper);
    const int rc = pthread_create(&watch->thread, NULL, run, watch);
    if (rc != 0) {
        error_set(err, ERR_SYSTEM, rc, "cannot start the store's watch");
        free_watch(watch);
        return NULL;
    }
    return watch;
}

void store_watch_quiesce(struct store_watch *watch)
{
    stopper_tell(&watch->stopper);
}

void store_watch_stop(struct store_watch *watch)
{
    if (!watch)
        return;
    store_watch_quiesce(watch);
    pthread_join(watch->thread, NULL);
    free_watch(watch);
}
