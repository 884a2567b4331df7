/* Mails by SMTP, to the server that relays them. */
#ifndef MAIL_SMTP_H
#define MAIL_SMTP_H

#include <stdbool.h>
#include "base/error.h"
#include "mail/mailer.h"
#include "mail/message.h"

struct smtp_options {
    const char *url;     /* smtp_url_fault() found none */
    bool plain;          /* no TLS asked of smtp:// */
    const char *ca_file; /* NULL: the system's authorities */
};

/* What is wrong with an URL, without a word of it; NULL: nothing. */
const char *smtp_url_fault(const char *url);

/* smtp:// is STARTTLS or nothing, unless it is `plain` or the server is on this very host. All is
 * borrowed. NULL: ERR_NO_MEMORY. */
struct mailer *smtp_open(const struct smtp_options *options, const struct sender *from,
                         struct error *err) MUST_USE;

#endif
