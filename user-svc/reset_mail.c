#include "reset_mail.h"

#include <string.h>
#include "account_change.h"
#include "base/backoff.h"
#include "base/log.h"
#include "reset_token.h"

enum {
    TOKEN_TTL_MS = 10 * MINUTE_MS,

    /* A mailbox is not to be flooded by strangers; who mistypes twice has a third one. */
    MAILS_PER_HOUR = 3,
    COUNT_TRIES = 16, /* one wins in each round, and as many take part as there are replicas */

    /* Twice the longest sending (mail/smtp.c), so that none is sent under a lease that ran out. */
    LEASE_MS = MINUTE_MS,
    BACKOFF_MIN_MS = 5 * SECOND_MS, /* a server that restarts */
    BACKOFF_MAX_MS = 5 * MINUTE_MS, /* one that is down: a mail comes at most so long after it */
    /* Nobody waits longer for such a mail; who does asks again. */
    GIVE_UP_MS = HOUR_MS,
};

/* --- Three an hour. --- */

/* In no hour more: it begins anew with each that was allowed. */
static bool count_mail(const struct users *users, const struct id *user_id, bool *allowed,
                       struct error *err)
{
    const struct digest key = reset_counter_key(&users->reset_key, user_id);
    const int64_t now = user_store_now(users->store);

    for (int tries = 0; tries < COUNT_TRIES; tries++) {
        struct counter from;
        if (!user_store_get_counter(users->store, &key, &from, err))
            return false;
        const uint32_t count = now < from.expires_at ? from.count : 0;
        *allowed = count < MAILS_PER_HOUR;
        if (!*allowed)
            return true;
        const struct counter to = { .count = count + 1, .since = now, .expires_at = now + HOUR_MS };
        bool put = false;
        if (!user_store_put_counter(users->store, &key, &from, &to, &put, err))
            return false;
        if (put)
            return true;
    }
    return error_set(err, ERR_BUSY, 0, "a counter kept moving on");
}

/* --- The account's token. --- */

struct grant {
    const struct recovery *recovery;
    struct digest digest; /* of its token */
    bool counted;
};

static bool is_same(const struct password_reset *reset, const struct grant *grant)
{
    return reset->requested_at == grant->recovery->created_at &&
           memcmp(reset->digest.bytes, grant->digest.bytes, DIGEST_BYTES) == 0;
}

/* What holds was asked for later, or was used since this one was asked for. */
static bool is_superseded(const struct password_reset *reset, const struct grant *grant)
{
    return reset->requested_at >= grant->recovery->created_at && !is_same(reset, grant);
}

/* The e-mail may have become another's since it was looked up. */
static bool is_recipient(const struct user *user, const char *email)
{
    const struct user_key has = user_key_of(user->email), wants = user_key_of(email);

    return user->active && strcmp(has.text, wants.text) == 0;
}

/* A token that was set by an earlier try lives anew: who gets the mail only now has his time too.
 */
static bool edit_to_granted(const struct users *users, void *context, struct account *account,
                            enum change_result *result, struct error *err)
{
    struct grant *grant = context;

    *result = CHANGE_GONE;
    if (!is_recipient(&account->user, grant->recovery->email) ||
        is_superseded(&account->reset, grant))
        return true;
    if (!grant->counted && !is_same(&account->reset, grant)) {
        if (!count_mail(users, &account->user.id, &grant->counted, err))
            return false;
        if (!grant->counted)
            return true;
    }
    account->reset =
        (struct password_reset){ .digest = grant->digest,
                                 .requested_at = grant->recovery->created_at,
                                 .expires_at = user_store_now(users->store) + TOKEN_TTL_MS };
    *result = CHANGE_DONE;
    return true;
}

/* Not `granted`: nobody gets a mail. */
static bool grant_token(const struct users *users, const struct recovery *recovery,
                        struct account *account, struct reset_token *token, bool *granted,
                        struct error *err)
{
    const struct user_key key = user_key_of(recovery->email);
    enum change_result result = CHANGE_GONE;
    bool found = false;

    if (!user_store_find_account(users->store, &key, account, &found, err))
        return false;
    if (found) {
        *token = reset_token_of(&users->reset_key, &account->user.id, &recovery->id);
        struct grant grant = { .recovery = recovery, .digest = reset_token_digest(token) };
        const struct id id = account->user.id;
        if (!account_change(users, &id, edit_to_granted, &grant, account, &result, err))
            return false;
    }
    *granted = result == CHANGE_DONE;
    return true;
}

/* --- The mail. --- */

/* Less the slashes at its end: the link brings one. */
static int url_length(const char *url)
{
    int length = (int)strlen(url);

    while (length > 0 && url[length - 1] == '/')
        length--;
    return length;
}

static void write_body(const struct reset_mails *mails, const struct user *user,
                       const struct reset_token *token, struct buffer *body)
{
    const struct refresh_text text = reset_token_format(&mails->users->reset_key, token);

    buffer_format(
        body,
        "Hello %s,\n\n"
        "somebody, probably you, forgot the password of your account. This link lets you\n"
        "choose another one, once and within %d minutes:\n\n"
        "%.*s/reset-password?token=%s\n\n"
        "If it was not you, ignore this mail: your password is as it was.\n",
        user->username, TOKEN_TTL_MS / MINUTE_MS, url_length(mails->public_url), mails->public_url,
        text.text);
}

static enum mail_outcome send_mail(const struct reset_mails *mails, const struct recovery *recovery,
                                   const struct user *user, const struct reset_token *token,
                                   struct error *err)
{
    AUTO(buffer) struct buffer body = { 0 };
    const struct mail mail = { .id = recovery->id,
                               .date = recovery->created_at,
                               .to = user->email,
                               .subject = "Reset your password",
                               .body = &body };

    write_body(mails, user, token, &body);
    return mailer_send(mails->mailer, &mail, err);
}

/* The log names the recovery, not the person. */
static void log_fate(const char *event, const struct recovery *recovery, const struct error *err)
{
    const struct id_text id = id_format(&recovery->id);

    log_warn(event, LOG_TEXT("recovery", id.hex), LOG_INT("attempts", recovery->attempts),
             LOG_ERR(err));
}

static bool try_to_send(const struct reset_mails *mails, const struct recovery *recovery,
                        enum reset_mail_fate *fate, struct error *err)
{
    static const enum reset_mail_fate fates[] = {
        [MAIL_SENT] = RESET_MAIL_SENT,
        [MAIL_DEFERRED] = RESET_MAIL_DEFERRED,
        [MAIL_REFUSED] = RESET_MAIL_REFUSED,
    };
    struct account account;
    struct reset_token token;
    struct error sending = { 0 };
    bool granted = false;

    if (!grant_token(mails->users, recovery, &account, &token, &granted, err))
        return false;
    *fate = RESET_MAIL_DROPPED;
    if (!granted)
        return true;
    *fate = fates[send_mail(mails, recovery, &account.user, &token, &sending)];
    if (*fate == RESET_MAIL_DEFERRED)
        log_fate("reset mail not sent, tried again later", recovery, &sending);
    if (*fate == RESET_MAIL_REFUSED)
        log_fate("reset mail refused, given up", recovery, &sending);
    return true;
}

static bool decide(const struct reset_mails *mails, const struct recovery *recovery,
                   enum reset_mail_fate *fate, struct error *err)
{
    if (user_store_now(mails->users->store) - recovery->created_at < GIVE_UP_MS)
        return try_to_send(mails, recovery, fate, err);
    const struct error late = { .detail = "not sent within an hour" };
    log_fate("reset mail given up", recovery, &late);
    *fate = RESET_MAIL_EXPIRED;
    return true;
}

static bool settle_recovery(const struct reset_mails *mails, const struct recovery *recovery,
                            const struct id *claim, enum reset_mail_fate fate, struct error *err)
{
    const struct users *users = mails->users;

    counter_add(mails->counts[fate], 1);
    if (fate != RESET_MAIL_DEFERRED)
        return user_store_delete_recovery(users->store, &recovery->id, claim, err);
    /* One that was interrupted because we stop is another replica's at once. */
    const int64_t pause =
        mailer_is_interrupted(mails->mailer)
            ? 0
            : backoff_ms(users->random, recovery->attempts - 1, BACKOFF_MIN_MS, BACKOFF_MAX_MS);
    return user_store_postpone_recovery(users->store, &recovery->id, claim,
                                        user_store_now(users->store) + pause, err);
}

bool reset_mails_send_one(const struct reset_mails *mails, bool *found, struct error *err)
{
    const struct users *users = mails->users;
    const struct id claim = id_random(users->random);
    const int64_t now = user_store_now(users->store);
    struct recovery recovery;
    enum reset_mail_fate fate;
    bool claimed = false;

    if (!user_store_claim_recovery(users->store, &claim, now, now + LEASE_MS, &recovery, &claimed,
                                   err))
        return false;
    if (claimed && (!decide(mails, &recovery, &fate, err) ||
                    !settle_recovery(mails, &recovery, &claim, fate, err)))
        return false;
    *found = claimed;
    return true;
}

bool reset_mails_count(struct reset_mails *mails, struct metrics *metrics, struct error *err)
{
    static const char *const labels[RESET_MAIL_FATES] = {
        [RESET_MAIL_SENT] = "outcome=\"sent\"",
        [RESET_MAIL_DROPPED] = "outcome=\"dropped\"",
        [RESET_MAIL_DEFERRED] = "outcome=\"deferred\"",
        [RESET_MAIL_REFUSED] = "outcome=\"refused\"",
        [RESET_MAIL_EXPIRED] = "outcome=\"expired\"",
    };

    for (int fate = 0; fate < RESET_MAIL_FATES; fate++) {
        mails->counts[fate] =
            metrics_counter(metrics, "mails_total",
                            "Requests for a reset mail by what became of them; dropped: no such "
                            "account, or too many.",
                            labels[fate], err);
        if (!mails->counts[fate])
            return false;
    }
    return true;
}
