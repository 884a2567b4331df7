/* The port by which mail goes out. Two adapters: SMTP, and files in a spool. One thread sends at a
 * time; any thread may interrupt. */
#ifndef MAIL_MAILER_H
#define MAIL_MAILER_H

#include <stdbool.h>
#include <stdint.h>
#include "base/auto.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/id.h"

/* The same id and date make the same Message-ID and the same file, however often it is sent. */
struct mail {
    struct id id;
    int64_t date;              /* when it was asked for */
    const char *to;            /* an e-mail address */
    const char *subject;       /* one line of ASCII */
    const struct buffer *body; /* lines of ASCII, each ended by \n */
};

enum mail_outcome {
    MAIL_SENT,     /* the server has it, or the disk */
    MAIL_DEFERRED, /* not now; or interrupted, and then it may be sent all the same */
    MAIL_REFUSED,  /* never */
};

struct mailer; /* an adapter begins with this */

struct mailer_functions {
    void (*close)(struct mailer *mailer);
    enum mail_outcome (*send)(struct mailer *mailer, const struct mail *mail, struct error *err);
    void (*interrupt)(struct mailer *mailer, int64_t grace_ms);
    bool (*is_interrupted)(struct mailer *mailer);
};

struct mailer {
    const struct mailer_functions *functions;
};

/* `err` tells why, unless it was sent. */
static inline enum mail_outcome mailer_send(struct mailer *mailer, const struct mail *mail,
                                            struct error *err)
{
    return mailer->functions->send(mailer, mail, err);
}

/* The mail under way has that much time left; later ones none. */
static inline void mailer_interrupt(struct mailer *mailer, int64_t grace_ms)
{
    mailer->functions->interrupt(mailer, grace_ms);
}

/* Whether that time is over. */
static inline bool mailer_is_interrupted(struct mailer *mailer)
{
    return mailer->functions->is_interrupted(mailer);
}

/* NULL is fine. */
static inline void mailer_close(struct mailer *mailer)
{
    if (mailer)
        mailer->functions->close(mailer);
}
AUTO_DEFINE(mailer, struct mailer *, mailer_close);

#endif
