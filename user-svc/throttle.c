/* Each count is one counter of the store, changed by compare and swap. */
#include "throttle.h"

#include <sodium.h>
#include <string.h>
#include "base/address.h"
#include "base/log.h"
#include "password.h"
#include "users.h"

enum {
    WINDOW_MS = 15 * MINUTE_MS,

    /* A person mistypes a few times; OWASP has accounts wait after 3 to 5. */
    ACCOUNT_FAILURES_MAX = 5,
    WAIT_MAX_MS = 15 * MINUTE_MS,
    WAIT_DOUBLINGS_MAX = 10, /* 1024 s: beyond the longest wait */

    /* An office behind one address mistypes less than that; who guesses at many accounts, more. Of
     * mails it needs less still, and a flood of requests would keep those of others waiting. */
    SOURCE_COUNT_MAX = 100,

    /* In each round of a race for a counter one wins, and at most as many take part as threads hash
     * in all replicas. Whoever loses that often is one of too many. */
    CHANGE_TRIES = 16,
    CONTENDED_WAIT_MS = SECOND_MS,
};

/* --- The keys of counters. --- */

/* Of what, so that no two ever meet. */
enum kind { KIND_ID = 1, KIND_NAME, KIND_SOURCE, KIND_ASKING };

struct throttle throttle_of(const struct refresh_key *key, bool by_source)
{
    struct throttle throttle = { .by_source = by_source };

    _Static_assert(sizeof key->bytes == crypto_kdf_KEYBYTES, "a master key of libsodium's");
    crypto_kdf_derive_from_key(throttle.key, sizeof throttle.key, 1, "throttle", key->bytes);
    return throttle;
}

/* What cannot be read as an address is one source. */
static struct address site_of(const struct source *source)
{
    struct address address = { { 0 } };

    (void)address_parse(source->text, strlen(source->text), &address);
    return address_site(&address);
}

/* The source, which has a fixed size, comes last: nothing of two kinds or lengths reads alike. */
static struct digest key_of(const struct throttle *throttle, enum kind kind, const void *whose,
                            size_t length, const struct source *source)
{
    const uint8_t prefix = (uint8_t)kind;
    const struct address site = site_of(source);
    crypto_generichash_state state;
    struct digest key;

    crypto_generichash_init(&state, throttle->key, sizeof throttle->key, sizeof key.bytes);
    crypto_generichash_update(&state, &prefix, 1);
    crypto_generichash_update(&state, whose, length);
    crypto_generichash_update(&state, site.bytes, sizeof site.bytes);
    crypto_generichash_final(&state, key.bytes, sizeof key.bytes);
    return key;
}

static struct digest account_key(const struct users *users, const struct guess *guess)
{
    if (guess->user_id)
        return key_of(&users->throttle, KIND_ID, guess->user_id->bytes, ID_BYTES, guess->source);
    const struct user_key name = user_key_of(guess->name);
    return key_of(&users->throttle, KIND_NAME, name.text, strlen(name.text), guess->source);
}

static struct digest source_key(const struct users *users, const struct guess *guess)
{
    return key_of(&users->throttle, KIND_SOURCE, NULL, 0, guess->source);
}

/* --- What a counter becomes. --- */

/* `now` is within the counter's time, or it is zeroed. */
typedef struct counter next_counter(const struct counter *counter, int64_t now);

static int64_t wait_after(uint32_t failures)
{
    if (failures < ACCOUNT_FAILURES_MAX)
        return 0;
    const uint32_t doublings = failures - ACCOUNT_FAILURES_MAX;
    const int64_t wait = (int64_t)SECOND_MS
                         << (doublings < WAIT_DOUBLINGS_MAX ? doublings : WAIT_DOUBLINGS_MAX);
    return wait < WAIT_MAX_MS ? wait : WAIT_MAX_MS;
}

/* Forgotten by quiet, not by the first failure's age: so in no 15 minutes are there more than five
 * without a wait. */
static struct counter account_failed(const struct counter *counter, int64_t now)
{
    struct counter next = *counter;
    const int64_t wait = wait_after(++next.count);

    if (next.count == 1)
        next.since = now;
    next.blocked_until = wait > 0 ? now + wait : 0;
    next.expires_at = now + wait + WINDOW_MS;
    return next;
}

/* A busy source has a failure now and then for ever: its count begins anew with each window. */
static struct counter source_at(struct counter counter)
{
    counter.expires_at = counter.since + WINDOW_MS;
    counter.blocked_until = counter.count < SOURCE_COUNT_MAX ? 0 : counter.expires_at;
    return counter;
}

static struct counter source_counted(const struct counter *counter, int64_t now)
{
    struct counter next = *counter;

    if (++next.count == 1)
        next.since = now;
    return source_at(next);
}

static struct counter source_taken_back(const struct counter *counter)
{
    struct counter next = *counter;

    next.count--;
    return source_at(next);
}

/* --- Counters in the store. --- */

/* A counter as it is in the store, and what of it counts. */
struct reading {
    struct counter stored, live;
};

static bool read_counter(const struct users *users, const struct digest *key, int64_t now,
                         struct reading *out, struct error *err)
{
    struct reading reading = { 0 };

    if (!user_store_get_counter(users->store, key, &reading.stored, err))
        return false;
    if (now < reading.stored.expires_at)
        reading.live = reading.stored;
    *out = reading;
    return true;
}

static int64_t wait_of(const struct reading *reading, int64_t now)
{
    const int64_t until = reading->live.blocked_until;

    return until > now ? until - now : 0;
}

/* *wait_ms > 0: blocked, or too many others were at it; not counted. */
static bool count(const struct users *users, const struct digest *key, next_counter *next,
                  int64_t now, int64_t *wait_ms, struct error *err)
{
    for (int tries = 0; tries < CHANGE_TRIES; tries++) {
        struct reading reading;
        bool put = false;
        if (!read_counter(users, key, now, &reading, err))
            return false;
        *wait_ms = wait_of(&reading, now);
        if (*wait_ms > 0)
            return true;
        const struct counter to = next(&reading.live, now);
        if (!user_store_put_counter(users->store, key, &reading.stored, &to, &put, err))
            return false;
        if (put)
            return true;
    }
    *wait_ms = CONTENDED_WAIT_MS;
    return true;
}

static bool look(const struct users *users, const struct digest *key, int64_t now, int64_t *wait_ms,
                 struct error *err)
{
    struct reading reading;

    if (!read_counter(users, key, now, &reading, err))
        return false;
    *wait_ms = wait_of(&reading, now);
    return true;
}

static bool count_both(const struct users *users, const struct guess *guess, int64_t *wait_ms,
                       struct error *err)
{
    const struct digest account = account_key(users, guess), source = source_key(users, guess);
    const int64_t now = user_store_now(users->store);

    if (!users->throttle.by_source)
        return count(users, &account, account_failed, now, wait_ms, err);
    /* A guess that its source may not make is none at the account. */
    if (!look(users, &source, now, wait_ms, err))
        return false;
    if (*wait_ms == 0 && !count(users, &account, account_failed, now, wait_ms, err))
        return false;
    return *wait_ms > 0 || count(users, &source, source_counted, now, wait_ms, err);
}

bool throttle_count(const struct users *users, const struct guess *guess, unsigned *wait_s,
                    struct error *err)
{
    int64_t wait_ms = 0;

    if (!count_both(users, guess, &wait_ms, err))
        return false;
    *wait_s = (unsigned)((wait_ms + SECOND_MS - 1) / SECOND_MS);
    return true;
}

/* One that is taken back by nobody, because too many are at it, errs on the safe side. */
static bool take_back(const struct users *users, const struct digest *key, struct error *err)
{
    const int64_t now = user_store_now(users->store);
    bool put = false;

    for (int tries = 0; tries < CHANGE_TRIES && !put; tries++) {
        struct reading reading;
        if (!read_counter(users, key, now, &reading, err))
            return false;
        if (reading.live.count == 0)
            return true;
        const struct counter to = source_taken_back(&reading.live);
        if (!user_store_put_counter(users->store, key, &reading.stored, &to, &put, err))
            return false;
    }
    return true;
}

void throttle_clear(const struct users *users, const struct guess *guess)
{
    const struct digest account = account_key(users, guess), source = source_key(users, guess);
    struct error err = { 0 };

    if (!user_store_delete_counter(users->store, &account, &err) ||
        (users->throttle.by_source && !take_back(users, &source, &err)))
        log_warn("failed logins not forgotten", LOG_ERR(&err));
}

bool throttle_check_password(const struct users *users, const struct account *account,
                             const struct source *source, const char *password,
                             enum check_result *result, unsigned *wait_s, struct error *err)
{
    const struct guess guess = { .user_id = &account->user.id, .source = source };
    bool right = false;

    if (!throttle_count(users, &guess, wait_s, err))
        return false;
    if (*wait_s > 0) {
        *result = CHECK_THROTTLED;
        return true;
    }
    if (!password_verify(&account->password, password, strlen(password), &right, err))
        return false;
    if (right)
        throttle_clear(users, &guess);
    *result = right ? CHECK_RIGHT : CHECK_WRONG;
    return true;
}

bool throttle_count_asking(const struct users *users, const struct source *source, bool *allowed,
                           struct error *err)
{
    const struct digest key = key_of(&users->throttle, KIND_ASKING, NULL, 0, source);
    const int64_t now = user_store_now(users->store);
    int64_t wait_ms = 0;

    if (users->throttle.by_source && !count(users, &key, source_counted, now, &wait_ms, err))
        return false;
    *allowed = wait_ms == 0;
    return true;
}
