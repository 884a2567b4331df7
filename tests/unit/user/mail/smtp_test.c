/* Mails by SMTP, to a server of canned replies: what it takes, refuses, cannot now. TLS is tested
 * over whole processes (tests/e2e/smtp_test.py). */
#include "unit/user/mail/smtp_server.h"

#include <time.h>

#include "base/clock.h"
#include "mail/smtp.h"
#include "unit/user/mail/some_mail.h"

#define HELLO   "220 mail.example\r\n"
#define OK      "250 fine\r\n"
#define GO_ON   "354 go on\r\n"
#define BYE     "221 bye\r\n"
#define NO_AUTH "250-mail.example\r\n250 8BITMIME\r\n"

static struct mailer *open_smtp(const struct smtp_options *options)
{
    struct error err = { 0 };
    struct mailer *mailer = smtp_open(options, &some_sender, &err);

    if (!mailer)
        fail_msg("smtp: %s", err.detail);
    return mailer;
}

/* Sends one mail to that server. */
static enum mail_outcome sent_to(const char *url, bool plain, struct error *err)
{
    const struct smtp_options options = { .url = url, .plain = plain };
    AUTO(mailer) struct mailer *mailer = open_smtp(&options);
    AUTO(buffer) struct buffer body = { 0 };
    const struct mail mail = some_mail(&body);

    return mailer_send(mailer, &mail, err);
}

static void assert_heard(const struct smtp_server *server, const char *text)
{
    if (!memmem(server->heard.data, server->heard.length, text, strlen(text)))
        fail_msg("%s is not in: %s", text, server->heard.data);
}

/* A line that is a dot ends a mail, so a dot that begins a line is doubled on its way. */
static void a_mail_arrives_as_it_is(void **state)
{
    (void)state;
    static const char *const replies[] = { HELLO, NO_AUTH, OK, OK, GO_ON, OK, BYE, NULL };
    AUTO(buffer) struct buffer body = { 0 };
    const struct mail mail = some_mail(&body);
    AUTO(buffer) struct buffer text = some_text(&mail);
    struct smtp_server server;
    struct error err = { 0 };

    smtp_server_open(&server, "127.0.0.1", replies);
    assert_int_equal(sent_to(server.url, false, &err), MAIL_SENT);
    smtp_server_join(&server);
    assert_heard(&server, "MAIL FROM:<no-reply@arch.homework>\r\n");
    assert_heard(&server, "RCPT TO:<alice@example.org>\r\n");
    char *dot = strstr(text.data, ".a dot");
    assert_non_null(dot);
    *dot = '\0';
    assert_heard(&server, text.data);
    assert_heard(&server, "\r\n..a dot\r\n.\r\n");
    smtp_server_done(&server);
}

static const struct reply_case {
    const char *name;
    const char *host;
    bool plain;
    const char *replies[SMTP_REPLIES_MAX];
    enum mail_outcome outcome;
} reply_cases[] = {
    { "taken", "127.0.0.1", false, { HELLO, NO_AUTH, OK, OK, GO_ON, OK, BYE }, MAIL_SENT },
    { "taken on this host", "localhost", false, { HELLO, OK, OK, OK, GO_ON, OK, BYE }, MAIL_SENT },
    { "taken without TLS", "0.0.0.0", true, { HELLO, OK, OK, OK, GO_ON, OK, BYE }, MAIL_SENT },
    { "no TLS is had", "0.0.0.0", false, { HELLO, NO_AUTH, BYE }, MAIL_DEFERRED },
    { "TLS is refused",
      "0.0.0.0",
      false,
      { HELLO, "250-mail.example\r\n250 STARTTLS\r\n", "502 no\r\n", BYE },
      MAIL_DEFERRED },
    { "greeting: busy", "127.0.0.1", false, { "421 busy\r\n" }, MAIL_DEFERRED },
    { "sender: not now", "127.0.0.1", false, { HELLO, OK, "451 later\r\n", BYE }, MAIL_DEFERRED },
    { "sender: never", "127.0.0.1", false, { HELLO, OK, "550 who?\r\n", BYE }, MAIL_REFUSED },
    { "recipient: not now",
      "127.0.0.1",
      false,
      { HELLO, OK, OK, "450 greylisted\r\n", BYE },
      MAIL_DEFERRED },
    { "recipient: never",
      "127.0.0.1",
      false,
      { HELLO, OK, OK, "550 no such mailbox\r\n", BYE },
      MAIL_REFUSED },
    { "mail: not now",
      "127.0.0.1",
      false,
      { HELLO, OK, OK, OK, GO_ON, "452 full\r\n", BYE },
      MAIL_DEFERRED },
    { "mail: never",
      "127.0.0.1",
      false,
      { HELLO, OK, OK, OK, GO_ON, "554 spam\r\n", BYE },
      MAIL_REFUSED },
    { "it hangs up", "127.0.0.1", false, { HELLO, OK, SMTP_HANG_UP }, MAIL_DEFERRED },
};

static void a_reply_decides(void **state)
{
    const struct reply_case *c = *state;
    struct smtp_server server;
    struct error err = { 0 };

    smtp_server_open(&server, c->host, c->replies);
    assert_int_equal(sent_to(server.url, c->plain, &err), c->outcome);
    smtp_server_join(&server);
    assert_int_equal(err.code, c->outcome == MAIL_SENT ? ERR_NONE : ERR_UNAVAILABLE);
    smtp_server_done(&server);
}

/* What no TLS protects is not said. */
static void nothing_is_told_without_tls(void **state)
{
    (void)state;
    static const char *const replies[] = { HELLO, "250-mail.example\r\n250 AUTH PLAIN\r\n", BYE,
                                           NULL };
    struct smtp_server server;
    struct error err = { 0 };

    smtp_server_open(&server, "user:secret@0.0.0.0", replies);
    assert_int_equal(sent_to(server.url, false, &err), MAIL_DEFERRED);
    smtp_server_join(&server);
    assert_null(strstr(server.heard.data, "AUTH"));
    assert_null(strstr(server.heard.data, "MAIL"));
    assert_null(strstr(err.detail, "secret"));
    smtp_server_done(&server);
}

static const struct login_case {
    const char *name, *reply;
    enum mail_outcome outcome;
} logins[] = {
    { "login: right", "235 fine\r\n", MAIL_SENT },
    { "login: wrong", "535 no\r\n", MAIL_DEFERRED }, /* a setting to mend, no fault of the mail */
};

/* AUTH PLAIN of "\0user\0p@ss". */
static void a_server_may_want_a_password(void **state)
{
    const struct login_case *c = *state;
    const bool right = c->outcome == MAIL_SENT;
    const char *const replies[] = { HELLO,
                                    "250-mail.example\r\n250 AUTH PLAIN\r\n",
                                    "334 \r\n",
                                    c->reply,
                                    right ? OK : BYE,
                                    OK,
                                    GO_ON,
                                    OK,
                                    BYE,
                                    NULL };
    struct smtp_server server;
    struct error err = { 0 };

    smtp_server_open(&server, "user:p%40ss@127.0.0.1", replies);
    const enum mail_outcome outcome = sent_to(server.url, false, &err);
    smtp_server_join(&server);
    assert_int_equal(outcome, c->outcome);
    assert_heard(&server, "AUTH PLAIN\r\nAHVzZXIAcEBzcw==\r\n");
    smtp_server_done(&server);
}

static void where_nobody_listens_it_is_deferred(void **state)
{
    (void)state;
    struct error err = { 0 };

    assert_int_equal(sent_to("smtp://127.0.0.1:1", false, &err), MAIL_DEFERRED);
    assert_int_equal(err.code, ERR_UNAVAILABLE);
}

static void a_bad_mail_is_refused(void **state)
{
    (void)state;
    static const struct smtp_options options = { .url = "smtp://127.0.0.1:1" };
    AUTO(mailer) struct mailer *mailer = open_smtp(&options);
    AUTO(buffer) struct buffer body = { 0 };
    struct mail mail = some_mail(&body);
    struct error err = { 0 };

    mail.to = "a@b\r\nRCPT TO:<x@y>";
    assert_int_equal(mailer_send(mailer, &mail, &err), MAIL_REFUSED);
    assert_int_equal(err.code, ERR_BUG);
}

/* --- Interrupting. --- */

static void *interrupt_soon(void *mailer)
{
    nanosleep(&(struct timespec){ .tv_nsec = 50000000 }, NULL); /* most likely while it waits */
    mailer_interrupt(mailer, 0);
    return NULL;
}

/* The server never answers; whichever is first, the mail or the interruption, it ends long before
 * its time is over. */
static void an_interrupted_one_is_deferred(void **state)
{
    (void)state;
    static const char *const replies[] = { HELLO, NULL };
    struct smtp_server server;
    pthread_t thread;
    struct error err = { 0 };

    smtp_server_open(&server, "127.0.0.1", replies);
    const struct smtp_options options = { .url = server.url };
    struct mailer *mailer = open_smtp(&options);
    AUTO(buffer) struct buffer body = { 0 };
    const struct mail mail = some_mail(&body);
    const int64_t before = clock_monotonic_ms(&system_clock);

    assert_false(mailer_is_interrupted(mailer));
    assert_int_equal(pthread_create(&thread, NULL, interrupt_soon, mailer), 0);
    assert_int_equal(mailer_send(mailer, &mail, &err), MAIL_DEFERRED);
    assert_true(clock_monotonic_ms(&system_clock) - before < 20 * SECOND_MS);
    assert_true(mailer_is_interrupted(mailer));
    pthread_join(thread, NULL);
    mailer_close(mailer);
    shutdown(server.listener, SHUT_RDWR); /* it may never have been reached */
    smtp_server_join(&server);
    smtp_server_done(&server);
}

static void one_with_grace_goes_on(void **state)
{
    (void)state;
    static const struct smtp_options options = { .url = "smtp://127.0.0.1:1" };
    AUTO(mailer) struct mailer *mailer = open_smtp(&options);

    mailer_interrupt(mailer, HOUR_MS);
    assert_false(mailer_is_interrupted(mailer));
}

/* --- URLs. --- */

static const struct url_case {
    const char *name, *url;
    bool good;
} urls[] = {
    { "URL: a host", "smtp://mail.example", true },
    { "URL: all of it", "smtps://user:p%40ss@mail.example:465/ehlo.example", true },
    { "URL: IPv6", "smtp://[::1]:25", true },
    { "URL: another scheme", "https://mail.example", false },
    { "URL: an unknown scheme", "mail://mail.example", false },
    { "URL: no scheme", "mail.example:25", false },
    { "URL: no host", "smtp://", false },
    { "URL: a bad port", "smtp://mail.example:99999", false },
    { "URL: nothing", "", false },
};

static void an_url_is_judged(void **state)
{
    const struct url_case *c = *state;

    assert_int_equal(smtp_url_fault(c->url) == NULL, c->good);
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_TEST(&tests, a_mail_arrives_as_it_is);
    ADD_ROWS(&tests, a_reply_decides, reply_cases);
    ADD_TEST(&tests, nothing_is_told_without_tls);
    ADD_ROWS(&tests, a_server_may_want_a_password, logins);
    ADD_TEST(&tests, where_nobody_listens_it_is_deferred);
    ADD_TEST(&tests, a_bad_mail_is_refused);
    ADD_TEST(&tests, an_interrupted_one_is_deferred);
    ADD_TEST(&tests, one_with_grace_goes_on);
    ADD_ROWS(&tests, an_url_is_judged, urls);
    return tests_run("smtp", &tests);
}
