/* Mails as files, one `<time>-<id>.eml` each, for whoever takes them from there. */
#ifndef MAIL_SPOOL_H
#define MAIL_SPOOL_H

#include "base/error.h"
#include "base/random.h"
#include "mail/mailer.h"
#include "mail/message.h"

/* What is wrong with a folder for mails, which need not be there yet; NULL: nothing. Leaves nothing
 * behind. */
const char *spool_fault(const char *directory);

/* Makes the folder when it is not there. A file is whole, on disk and the owner's alone (0600) once
 * it has its name. `from` and `random` are borrowed. NULL: ERR_CONFIG (no folder that can be
 * written), ERR_NO_MEMORY. */
struct mailer *spool_open(const char *directory, const struct sender *from,
                          const struct random *random, struct error *err) MUST_USE;

#endif
