/* A mail to send. */
#ifndef UNIT_USER_MAIL_SOME_MAIL_H
#define UNIT_USER_MAIL_SOME_MAIL_H

#include "mail/mailer.h"
#include "mail/message.h"

static const struct sender some_sender = { "", "no-reply@arch.homework" };

/* `body` holds its lines. */
static inline struct mail some_mail(struct buffer *body)
{
    buffer_clear(body);
    buffer_text(body, "Hello,\n.a dot\n");
    return (struct mail){ .id = { { 0xab } },
                          .date = INT64_C(1800000000123),
                          .to = "alice@example.org",
                          .subject = "Hello",
                          .body = body };
}

/* Its text, for the caller to free. */
static inline struct buffer some_text(const struct mail *mail)
{
    struct buffer text = { 0 };

    if (!message_write(mail, &some_sender, &text, NULL))
        buffer_clear(&text);
    return text;
}

#endif
