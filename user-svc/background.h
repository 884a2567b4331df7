/* The thread that does what no request waits for: it sends reset mails and sweeps. */
#ifndef BACKGROUND_H
#define BACKGROUND_H

#include <stdint.h>
#include "base/auto.h"
#include "base/error.h"
#include "base/random.h"
#include "obs/health.h"
#include "reset_mail.h"
#include "sweeper.h"

struct background_options {
    int64_t mail_interval_ms;  /* how often it looks for mails that are due */
    int64_t sweep_interval_ms; /* on average; jittered, so that replicas do not march in step */
    int64_t stop_grace_ms;     /* for the mail under way when it is stopped */
};

struct background;

/* Starts the thread. All is borrowed until background_stop(), but the options. NULL: ERR_NO_MEMORY,
 * ERR_SYSTEM. */
struct background *background_start(const struct background_options *options,
                                    const struct reset_mails *mails, const struct sweeper *sweeper,
                                    const struct random *random, struct health *health,
                                    struct error *err) MUST_USE;

/* Begins nothing new from now on; returns at once. */
void background_quiesce(struct background *background);

/* Gives the mail under way its grace, after which it is another replica's; ends the thread, frees.
 * NULL is fine. */
void background_stop(struct background *background);
AUTO_DEFINE(background, struct background *, background_stop);

#endif
