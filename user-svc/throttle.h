/* Limits guesses at passwords, and requests for reset mails, across all replicas through the
 * store's counters, by time only:
 *
 *   one account, one source   5 failures, then a wait of 1, 2, 4, … s, up to 15 min, behind each
 *                             further one; forgotten 15 min after the last, or a right password
 *   one source                100 failures in 15 min over all accounts; then none until they end;
 *                             and apart from them 100 requests for a mail
 *
 * A source's failures are its own: a stranger's never lock the owner out. A guess is counted as a
 * failure before its hash, and taken back when it was right, so guesses side by side do not slip
 * through. An account that is not there is limited alike, by the name that was typed, with the same
 * calls of the store. Failures are as in session.h. */
#ifndef THROTTLE_H
#define THROTTLE_H

#include <stdbool.h>
#include <stdint.h>
#include "base/error.h"
#include "refresh_token.h"
#include "user.h"

struct users;

enum { THROTTLE_KEY_BYTES = 32 };

struct throttle {
    uint8_t key[THROTTLE_KEY_BYTES]; /* counters' names in the store tell nobody who and where */
    bool by_source; /* the limits of a source: only where a proxy is not taken for everybody */
};

/* All replicas have the same refresh key, so the same counters. */
struct throttle throttle_of(const struct refresh_key *key, bool by_source);

struct guess {
    const struct id *user_id; /* NULL: there is no such account */
    const char *name;         /* what was typed, at most EMAIL_MAX bytes; where there is none */
    const struct source *source;
};

/* Counts the guess, before its hash. *wait_s > 0: it must not be tried, and was not counted; from
 * so many seconds on it may be. */
bool throttle_count(const struct users *users, const struct guess *guess, unsigned *wait_s,
                    struct error *err) MUST_USE;

/* The guess was right: the account's count for this source is gone, the source's is one less. That
 * it cannot be stored is logged, and is no reason to refuse. */
void throttle_clear(const struct users *users, const struct guess *guess);

enum check_result {
    CHECK_RIGHT,
    CHECK_WRONG,     /* counted */
    CHECK_THROTTLED, /* not looked at */
};

/* A password that is asked for again (currentPassword): counts like a login, with the same count.
 * `wait_s` is set when it is throttled. */
bool throttle_check_password(const struct users *users, const struct account *account,
                             const struct source *source, const char *password,
                             enum check_result *result, unsigned *wait_s, struct error *err)
    MUST_USE;

/* Counts a request for a reset mail; not `allowed`: it is one too many of its source. Whose mail it
 * would be has no say in it. */
bool throttle_count_asking(const struct users *users, const struct source *source, bool *allowed,
                           struct error *err) MUST_USE;

#endif
