/* Requests say that the store fails (http/routes.c), and this thread alone says that it works: that
 * some read or some request went well proves nothing while every write fails. */
#include "store_watch.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"

enum { NS_PER_MS = 1000000, NS_PER_S = 1000000000 };

struct store_watch {
    struct user_store *store;
    struct health *health;
    int64_t interval_ms;
    pthread_t thread;
    sem_t quiesced; /* posted once or more: the thread is to end */
};

static void probe_if_degraded(struct store_watch *watch)
{
    struct error err;

    if (!atomic_load(&watch->health->store_degraded) || !user_store_probe(watch->store, &err))
        return;
    atomic_store(&watch->health->store_degraded, false);
    log_info("store works again", LOG_END);
}

/* By the monotonic clock: the other one may jump. */
static struct timespec after(int64_t ms)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / SECOND_MS;
    until.tv_nsec += (ms % SECOND_MS) * NS_PER_MS;
    if (until.tv_nsec >= NS_PER_S) {
        until.tv_sec++;
        until.tv_nsec -= NS_PER_S;
    }
    return until;
}

/* True at once when it is quiesced, false after the interval. */
static bool quiesced_meanwhile(struct store_watch *watch)
{
    const struct timespec until = after(watch->interval_ms);
    int rc;

    do
        rc = sem_clockwait(&watch->quiesced, CLOCK_MONOTONIC, &until);
    while (rc != 0 && errno == EINTR);
    return rc == 0;
}

static void *run(void *context)
{
    struct store_watch *watch = context;

    while (!quiesced_meanwhile(watch))
        probe_if_degraded(watch);
    return NULL;
}

static void free_watch(struct store_watch *watch)
{
    sem_destroy(&watch->quiesced);
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
    sem_init(&watch->quiesced, 0, 0);
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
    sem_post(&watch->quiesced);
}

void store_watch_stop(struct store_watch *watch)
{
    if (!watch)
        return;
    store_watch_quiesce(watch);
    pthread_join(watch->thread, NULL);
    free_watch(watch);
}
