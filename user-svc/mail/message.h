/* Mails as text (RFC 5322), with lines ended by CR LF. What goes into a header is judged here, so
 * no text of anybody's begins another header. */
#ifndef MAIL_MESSAGE_H
#define MAIL_MESSAGE_H

#include <stdbool.h>
#include "base/buffer.h"
#include "base/error.h"
#include "mail/mailer.h"
#include "user.h"

enum { SENDER_NAME_MAX = 64 };

/* Whom mail is from: `name <address>`, or the address alone. */
struct sender {
    char name[SENDER_NAME_MAX + 1]; /* "": none */
    char address[EMAIL_MAX + 1];
};

/* False, `out` untouched: it is no address, or its name is not printable ASCII or has one of
 * " \ < > in it. */
bool sender_parse(const char *text, struct sender *out);

/* An address as mail writes it, with the local part in quotes where it has dots that RFC 5322 does
 * not let stand alone. */
struct mailbox {
    char text[EMAIL_MAX + 2 + 1];
};

/* `address` is well-formed. */
struct mailbox mailbox_of(const char *address);

/* False: ERR_NO_MEMORY; ERR_BUG: recipient, subject or body are not as struct mail says. */
bool message_write(const struct mail *mail, const struct sender *from, struct buffer *out,
                   struct error *err) MUST_USE;

#endif
