/* One connection a mail: such mails are rare, servers end idle connections, and so nothing is left
 * to close when we stop. */
#include "mail/smtp.h"

#include <curl/curl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"

enum {
    CONNECT_MS = 10 * SECOND_MS, /* name, TCP and TLS, over a bad line */
    SEND_MS = 30 * SECOND_MS,    /* all of it; a server may look at a mail for seconds */
};

struct smtp {
    struct mailer base;
    const struct smtp_options *options;
    const struct sender *from;
    CURL *curl;
    _Atomic int64_t ends_at; /* monotonic: when a mail under way is given up */
};

AUTO_DEFINE(curl_url, CURLU *, curl_url_cleanup);
AUTO_DEFINE(curl_text, char *, curl_free);
AUTO_DEFINE(curl_list, struct curl_slist *, curl_slist_free_all);

/* --- The URL. --- */

const char *smtp_url_fault(const char *text)
{
    AUTO(curl_url) CURLU *url = curl_url();
    AUTO(curl_text) char *scheme = NULL;

    if (!url || curl_url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK ||
        curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK)
        return "must be smtp://HOST:PORT or smtps://HOST:PORT";
    if (strcmp(scheme, "smtp") != 0 && strcmp(scheme, "smtps") != 0)
        return "must begin with smtp:// or smtps://";
    return NULL;
}

static bool is_this_host(const char *text)
{
    AUTO(curl_url) CURLU *url = curl_url();
    AUTO(curl_text) char *host = NULL;

    return url && curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK &&
           curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
           (strcmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 ||
            strcmp(host, "[::1]") == 0);
}

/* --- A mail. --- */

struct reading {
    const struct buffer *message;
    size_t at;
};

static size_t read_message(char *out, size_t size, size_t count, void *context)
{
    struct reading *reading = context;
    const size_t left = reading->message->length - reading->at, room = size * count;
    const size_t taken = left < room ? left : room;

    memcpy(out, reading->message->data + reading->at, taken);
    reading->at += taken;
    return taken;
}

static bool is_over(struct smtp *smtp)
{
    return clock_monotonic_ms(&system_clock) >= atomic_load(&smtp->ends_at);
}

/* libcurl asks at least once a second; not 0 ends the mail. */
static int ask_whether_over(void *context, curl_off_t down_all, curl_off_t down, curl_off_t up_all,
                            curl_off_t up)
{
    (void)down_all;
    (void)down;
    (void)up_all;
    (void)up;
    return is_over(context);
}

/* Of 5xx the server says that a repeat is of no use. That it does not take our password, or that
 * TLS cannot be had, is no word about the mail. */
static enum mail_outcome outcome_of(CURLcode code, long reply)
{
    if (code == CURLE_OK)
        return MAIL_SENT;
    return reply / 100 == 5 && code != CURLE_LOGIN_DENIED && code != CURLE_USE_SSL_FAILED
               ? MAIL_REFUSED
               : MAIL_DEFERRED;
}

/* False: no memory. */
static bool set_options(struct smtp *smtp, struct reading *reading, const struct mailbox *from,
                        struct curl_slist *to)
{
    CURL *curl = smtp->curl;
    const struct smtp_options *options = smtp->options;
    const long tls =
        options->plain || is_this_host(options->url) ? CURLUSESSL_NONE : CURLUSESSL_ALL;

    curl_easy_reset(curl);
    return curl_easy_setopt(curl, CURLOPT_URL, options->url) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps") == CURLE_OK &&
           /* Else the environment could send mail another way. */
           curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_USE_SSL, tls) == CURLE_OK &&
           (!options->ca_file ||
            curl_easy_setopt(curl, CURLOPT_CAINFO, options->ca_file) == CURLE_OK) &&
           curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)SEND_MS) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, ask_whether_over) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_XFERINFODATA, smtp) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from->text) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_READFUNCTION, read_message) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_READDATA, reading) == CURLE_OK;
}

static enum mail_outcome send_message(struct smtp *smtp, const struct mail *mail,
                                      const struct buffer *message, struct error *err)
{
    const struct mailbox from = mailbox_of(smtp->from->address), to = mailbox_of(mail->to);
    AUTO(curl_list) struct curl_slist *recipients = curl_slist_append(NULL, to.text);
    struct reading reading = { .message = message };
    long reply = 0;

    if (!recipients || !set_options(smtp, &reading, &from, recipients)) {
        error_set(err, ERR_NO_MEMORY, 0, "smtp");
        return MAIL_DEFERRED;
    }
    const CURLcode code = curl_easy_perform(smtp->curl);
    curl_easy_getinfo(smtp->curl, CURLINFO_RESPONSE_CODE, &reply);
    if (code != CURLE_OK)
        error_set(err, ERR_UNAVAILABLE, (int)code, "smtp: %s; last reply %ld",
                  curl_easy_strerror(code), reply);
    return outcome_of(code, reply);
}

static enum mail_outcome smtp_send(struct mailer *mailer, const struct mail *mail,
                                   struct error *err)
{
    struct smtp *smtp = (struct smtp *)mailer;
    AUTO(buffer) struct buffer message = { 0 };

    if (!message_write(mail, smtp->from, &message, err))
        return err->code == ERR_BUG ? MAIL_REFUSED : MAIL_DEFERRED;
    return send_message(smtp, mail, &message, err);
}

static void smtp_interrupt(struct mailer *mailer, int64_t grace_ms)
{
    struct smtp *smtp = (struct smtp *)mailer;

    atomic_store(&smtp->ends_at, clock_monotonic_ms(&system_clock) + grace_ms);
}

static bool smtp_is_interrupted(struct mailer *mailer)
{
    return is_over((struct smtp *)mailer);
}

static void smtp_close(struct mailer *mailer)
{
    struct smtp *smtp = (struct smtp *)mailer;

    curl_easy_cleanup(smtp->curl);
    curl_global_cleanup();
    free(smtp);
}

struct mailer *smtp_open(const struct smtp_options *options, const struct sender *from,
                         struct error *err)
{
    static const struct mailer_functions functions = {
        .close = smtp_close,
        .send = smtp_send,
        .interrupt = smtp_interrupt,
        .is_interrupted = smtp_is_interrupted,
    };
    struct smtp *smtp = malloc(sizeof *smtp);

    if (!smtp || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(smtp);
        error_set(err, ERR_NO_MEMORY, 0, "smtp");
        return NULL;
    }
    *smtp = (struct smtp){ .base.functions = &functions,
                           .options = options,
                           .from = from,
                           .curl = curl_easy_init(),
                           .ends_at = INT64_MAX };
    if (!smtp->curl) {
        smtp_close(&smtp->base);
        error_set(err, ERR_NO_MEMORY, 0, "smtp");
        return NULL;
    }
    return &smtp->base;
}
