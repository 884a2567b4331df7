/* A mailer that tests look into, and the outbox over it. */
#ifndef UNIT_USER_MAILING_H
#define UNIT_USER_MAILING_H

#include "unit/user/accounts.h"

#include "mail/mailer.h"
#include "recovery.h"
#include "reset_mail.h"

/* Answers as it is told, and keeps the last mail. */
struct kept_mailer {
    struct mailer base;
    enum mail_outcome outcome;
    bool interrupted;
    unsigned sent; /* mails it was given */
    struct id id;
    char to[EMAIL_MAX + 1];
    char body[1024];
};

static inline enum mail_outcome kept_send(struct mailer *mailer, const struct mail *mail,
                                          struct error *err)
{
    struct kept_mailer *kept = (struct kept_mailer *)mailer;

    kept->sent++;
    kept->id = mail->id;
    snprintf(kept->to, sizeof kept->to, "%s", mail->to);
    snprintf(kept->body, sizeof kept->body, "%s", mail->body->data);
    if (kept->outcome != MAIL_SENT)
        error_set(err, ERR_UNAVAILABLE, 0, "told to fail");
    return kept->outcome;
}

static inline bool kept_is_interrupted(struct mailer *mailer)
{
    return ((const struct kept_mailer *)mailer)->interrupted;
}

static inline void kept_interrupt(struct mailer *mailer, int64_t grace_ms)
{
    (void)grace_ms;
    ((struct kept_mailer *)mailer)->interrupted = true;
}

static inline struct kept_mailer kept_mailer(void)
{
    static const struct mailer_functions functions = { .send = kept_send,
                                                       .interrupt = kept_interrupt,
                                                       .is_interrupted = kept_is_interrupted };

    return (struct kept_mailer){ .base.functions = &functions, .outcome = MAIL_SENT };
}

/* Somebody asks; must not fail. */
static inline void ask_from(struct fixture *f, const char *email, const struct source *source)
{
    struct error err = { 0 };

    if (!ask_for_reset(&f->users, email, source, &err))
        fail_msg("ask: %s", err.detail);
}

static inline void ask(struct fixture *f, const char *email)
{
    ask_from(f, email, &fixture_source);
}

static inline struct reset_mails mails_over(struct fixture *f, struct kept_mailer *mailer)
{
    return (struct reset_mails){ .users = &f->users,
                                 .mailer = &mailer->base,
                                 .public_url = "http://arch.homework" };
}

/* Works on the one that is due; gives back whether there was one. */
static inline bool send_one(const struct reset_mails *mails)
{
    struct error err = { 0 };
    bool found = false;

    if (!reset_mails_send_one(mails, &found, &err))
        fail_msg("send_one: %s", err.detail);
    return found;
}

/* The token of the link in the last mail. */
static inline struct refresh_text mailed_token(const struct kept_mailer *mailer)
{
    static const char link[] = "\nhttp://arch.homework/reset-password?token=";
    const char *found = strstr(mailer->body, link);
    struct refresh_text text;

    assert_non_null(found);
    memcpy(text.text, found + sizeof link - 1, REFRESH_TOKEN_LENGTH);
    text.text[REFRESH_TOKEN_LENGTH] = '\0';
    assert_int_equal(found[sizeof link - 1 + REFRESH_TOKEN_LENGTH], '\n');
    return text;
}

/* Asked for and mailed, a moment after whatever was before. */
static inline struct refresh_text next_token(struct fixture *f, const char *email)
{
    struct kept_mailer mailer = kept_mailer();
    const struct reset_mails mails = mails_over(f, &mailer);

    f->clock.now_ms += SECOND_MS;
    ask(f, email);
    assert_true(send_one(&mails));
    assert_int_equal(mailer.sent, 1);
    return mailed_token(&mailer);
}

#define RESET_PASSWORD "seven-quiet-harbours"

static inline struct reset_password reset_request(const struct refresh_text *token,
                                                  const char *password)
{
    struct reset_password request = { .token = *token, .source = SOME_SOURCE };

    snprintf(request.password, sizeof request.password, "%s", password);
    return request;
}

/* Must not fail. */
static inline enum change_result try_reset(struct fixture *f, const struct refresh_text *token,
                                           const char *password)
{
    struct reset_password request = reset_request(token, password);
    struct error err = { 0 };

    if (!reset_password(&f->users, &request, &err))
        fail_msg("reset: %s", err.detail);
    return request.result;
}

#endif
