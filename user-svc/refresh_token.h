/* Refresh tokens: opaque to clients, kept by us as digests only.
 *
 * A token is 12 bytes of session id, 32 secret bytes and a 16-byte tag, in base64url. The first
 * secret is random, each later one is the keyed BLAKE2b of the one before: whoever repeats a
 * refresh whose answer was lost gets the same child, from any replica. The tag proves that we made
 * the token for that session. So a token that is ours but no longer the session's is known as an
 * old one, however old, without a list of them; and a forged one never reaches the store. */
#ifndef REFRESH_TOKEN_H
#define REFRESH_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/id.h"
#include "base/random.h"
#include "user.h"

enum {
    REFRESH_SECRET_MIN = 32, /* bytes of the setting: no less than what it protects */
    REFRESH_SECRET_MAX = 4096,
    REFRESH_KEY_BYTES = 32,
    REFRESH_TOKEN_SECRET = 32, /* 256 bits */
    REFRESH_TOKEN_TAG = 16,    /* 128 bits: a forger has one try a request */
    REFRESH_TOKEN_BYTES = ID_BYTES + REFRESH_TOKEN_SECRET + REFRESH_TOKEN_TAG,
    REFRESH_TOKEN_LENGTH = REFRESH_TOKEN_BYTES / 3 * 4, /* 60 bytes: no padding, no spare bits */
};

/* Made of REFRESH_SECRET. Another one disowns every token: all log in again. */
struct refresh_key {
    uint8_t bytes[REFRESH_KEY_BYTES];
};

struct refresh_token {
    struct id session_id;
    uint8_t secret[REFRESH_TOKEN_SECRET];
};

struct refresh_text {
    char text[REFRESH_TOKEN_LENGTH + 1];
};

/* `secret`: REFRESH_SECRET_MIN bytes or more. */
struct refresh_key refresh_key_of(const char *secret, size_t length);

struct refresh_token refresh_token_new(const struct random *random, const struct id *session_id);
struct refresh_token refresh_token_child(const struct refresh_key *key,
                                         const struct refresh_token *parent);

struct digest refresh_token_digest(const struct refresh_token *token);

struct refresh_text refresh_token_format(const struct refresh_key *key,
                                         const struct refresh_token *token);

/* False, and `out` untouched, unless it is a token that we made. */
bool refresh_token_parse(const struct refresh_key *key, const char *text, size_t length,
                         struct refresh_token *out);

#endif
