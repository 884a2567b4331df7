/* The keys that sign and check access tokens.
 *
 * Either one secret (JWT_SECRET, kid "default") or a directory with a file a key, <kid>.secret
 * (HS256) or <kid>.pem (EC P-256: ES256); one of them signs, every one verifies. A set is immutable
 * once loaded; a ring holds the current set and swaps it on reload, so a request that began with
 * one set ends with it. */
#ifndef AUTH_KEYS_H
#define AUTH_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include "auth/ec_pem.h"
#include "base/auto.h"
#include "base/error.h"

/* RFC 7518 section 3.2: an HS256 key has at least the size of the hash. */
enum { KEY_SECRET_MIN_BYTES = 32 };

enum key_algorithm { KEY_HS256, KEY_ES256 };

struct key {
    char kid[65];
    enum key_algorithm algorithm;
    unsigned char *bytes; /* secret, or PEM text; a NUL follows */
    size_t length;        /* without that NUL */
    bool can_sign;        /* a public PEM only verifies */
    struct ec_key ec;     /* ES256 only */
};

struct key_set; /* immutable, counted */

const struct key *key_set_find(const struct key_set *set, const char *kid, size_t length);
/* The only key, or NULL when there are more: a token without kid is good for a single key only. */
const struct key *key_set_single(const struct key_set *set);
/* The key that signs, or NULL: this set only verifies. */
const struct key *key_set_active(const struct key_set *set);
/* Every key, by kid: 0 .. size - 1. */
size_t key_set_size(const struct key_set *set);
const struct key *key_set_at(const struct key_set *set, size_t index);

struct key_source {
    const char *secret;     /* JWT_SECRET, or NULL */
    const char *directory;  /* JWT_KEYS_DIR, or NULL; exactly one of the two */
    const char *active_kid; /* JWT_ACTIVE_KID; with a directory only; NULL: verify only */
};

struct key_ring; /* any thread may use it */

/* Loads the keys. `source` is copied. NULL: ERR_CONFIG (says which file and what is wrong: a secret
 * under 32 bytes, a well-known sample, a kid that is not [A-Za-z0-9._-]{1,64}, no active key, …),
 * ERR_NO_MEMORY. */
struct key_ring *key_ring_open(const struct key_source *source, struct error *err) MUST_USE;
void key_ring_close(struct key_ring *ring);
AUTO_DEFINE(key_ring, struct key_ring *, key_ring_close);

/* Reads the source again and swaps the set; on false the old set stays. */
bool key_ring_reload(struct key_ring *ring, struct error *err) MUST_USE;

/* Whether a file of the directory came, went or was written since the keys were read, or were tried
 * to be: a faulty one is complained of once. Never of a secret, and not when it cannot be told. */
bool key_ring_is_stale(struct key_ring *ring);

/* The current set; give it back with key_set_release(). */
const struct key_set *key_ring_take(struct key_ring *ring);
void key_set_release(const struct key_set *set);
AUTO_DEFINE(key_set, const struct key_set *, key_set_release);

#endif
