/* The outbox of reset mails: what ask_for_reset() noted becomes a token and a mail.
 *
 * Any number of replicas may run one each: a recovery is one claim's at a time, each step is safe
 * to repeat, and a mail that is sent twice has the same link and the same Message-ID. */
#ifndef RESET_MAIL_H
#define RESET_MAIL_H

#include <stdbool.h>
#include "base/error.h"
#include "mail/mailer.h"
#include "obs/metrics.h"
#include "users.h"

enum reset_mail_fate {
    RESET_MAIL_SENT,
    RESET_MAIL_DROPPED,  /* no such account, inactive, too many, or a later request was faster */
    RESET_MAIL_DEFERRED, /* it could not be sent now and is tried again */
    RESET_MAIL_REFUSED,  /* the server will never take it */
    RESET_MAIL_EXPIRED,  /* it could not be sent for an hour */
    RESET_MAIL_FATES,
};

struct reset_mails {
    const struct users *users;
    struct mailer *mailer;
    const char *public_url;
    struct counter *counts[RESET_MAIL_FATES];
};

/* Makes the counters; the rest is the caller's to fill. */
bool reset_mails_count(struct reset_mails *mails, struct metrics *metrics, struct error *err)
    MUST_USE;

/* The one that is due longest; not `found`: none is. False: the store failed; what was claimed
 * comes back when its lease ends. */
bool reset_mails_send_one(const struct reset_mails *mails, bool *found, struct error *err) MUST_USE;

#endif
