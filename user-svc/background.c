#include "background.h"

#include <pthread.h>
#include <stdlib.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/stopper.h"

struct background {
    struct background_options options;
    const struct reset_mails *mails;
    const struct sweeper *sweeper;
    const struct random *random;
    struct health *health;
    pthread_t thread;
    struct stopper stopper;
};

static bool is_stopped(struct background *background)
{
    return stopper_told_within(&background->stopper, 0);
}

/* The first failure of a row is told, not each: an outage lasts many rounds. */
static void store_failed(struct background *background, const char *event, const struct error *err)
{
    if (!atomic_exchange(&background->health->store_degraded, true))
        log_error(event, LOG_ERR(err));
}

static void send_what_is_due(struct background *background)
{
    struct error err;
    bool found = true;

    while (found && !is_stopped(background)) {
        if (!reset_mails_send_one(background->mails, &found, &err)) {
            store_failed(background, "reset mails wait for the store", &err);
            return;
        }
    }
}

static void sweep_all(struct background *background)
{
    struct error err;

    for (int what = 0; what < SWEEPS; what++) {
        bool more = true;
        while (more && !is_stopped(background)) {
            if (!sweeper_sweep(background->sweeper, (enum sweep)what, &more, &err)) {
                store_failed(background, "sweep failed", &err);
                return;
            }
        }
    }
}

/* From half to one and a half of the interval. */
static int64_t next_sweep(const struct background *background)
{
    const int64_t interval = background->options.sweep_interval_ms;

    return clock_monotonic_ms(&system_clock) + interval / 2 +
           random_below(background->random, (uint32_t)interval);
}

static void *run(void *context)
{
    struct background *background = context;
    int64_t sweep_at = next_sweep(background);

    while (!stopper_told_within(&background->stopper, background->options.mail_interval_ms)) {
        send_what_is_due(background);
        if (clock_monotonic_ms(&system_clock) >= sweep_at) {
            sweep_all(background);
            sweep_at = next_sweep(background);
        }
    }
    return NULL;
}

static void free_background(struct background *background)
{
    stopper_done(&background->stopper);
    free(background);
}

struct background *background_start(const struct background_options *options,
                                    const struct reset_mails *mails, const struct sweeper *sweeper,
                                    const struct random *random, struct health *health,
                                    struct error *err)
{
    struct background *background = malloc(sizeof *background);

    if (!background) {
        error_set(err, ERR_NO_MEMORY, 0, "background thread");
        return NULL;
    }
    *background = (struct background){
        .options = *options, .mails = mails, .sweeper = sweeper, .random = random, .health = health
    };
    stopper_init(&background->stopper);
    const int rc = pthread_create(&background->thread, NULL, run, background);
    if (rc != 0) {
        error_set(err, ERR_SYSTEM, rc, "cannot start the background thread");
        free_background(background);
        return NULL;
    }
    return background;
}

void background_quiesce(struct background *background)
{
    stopper_tell(&background->stopper);
}

void background_stop(struct background *background)
{
    if (!background)
        return;
    background_quiesce(background);
    mailer_interrupt(background->mails->mailer, background->options.stop_grace_ms);
    pthread_join(background->thread, NULL);
    free_background(background);
}
