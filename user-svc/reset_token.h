/* Reset tokens, which mails carry and the account keeps the digest of.
 *
 * A token is made and written as a refresh token is (12 bytes of the user's id, 32 secret bytes, a
 * tag that proves we made it), under keys of its own, so that neither is ever taken for the other.
 * Its secret is the keyed BLAKE2b of the recovery that asked for it: when a mail is sent again, by
 * whichever replica, it has the same link. */
#ifndef RESET_TOKEN_H
#define RESET_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/id.h"
#include "refresh_token.h"
#include "user.h"

enum { RESET_KEY_BYTES = 32 };

/* Of REFRESH_SECRET, so the same on all replicas. */
struct reset_key {
    uint8_t secret[RESET_KEY_BYTES];
    struct refresh_key tag;
    uint8_t counter[RESET_KEY_BYTES]; /* counters' names in the store tell nobody whose they are */
};

struct reset_token {
    struct refresh_token token; /* its session_id is the user's id */
};

struct reset_key reset_key_of(const struct refresh_key *key);

struct reset_token reset_token_of(const struct reset_key *key, const struct id *user_id,
                                  const struct id *recovery_id);

struct refresh_text reset_token_format(const struct reset_key *key,
                                       const struct reset_token *token);

/* False, and `out` untouched, unless it is a token that we made. */
bool reset_token_parse(const struct reset_key *key, const char *text, struct reset_token *out);

struct digest reset_token_digest(const struct reset_token *token);

/* The counter of an account's reset mails. */
struct digest reset_counter_key(const struct reset_key *key, const struct id *user_id);

#endif
