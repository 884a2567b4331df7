/* The one place that knows algorithms, and libjwt. For the auth room only. */
#ifndef AUTH_SIGNATURE_H
#define AUTH_SIGNATURE_H

#include <stddef.h>
#include "auth/claims.h"
#include "auth/keys.h"
#include "base/buffer.h"
#include "base/error.h"

enum signature_result {
    SIGNATURE_GOOD,
    SIGNATURE_BAD,
    SIGNATURE_UNDECIDED, /* out of memory */
};

/* As in a token's `alg`. */
const char *signature_algorithm_name(enum key_algorithm algorithm);

/* How long its signatures are, always. */
size_t signature_length(enum key_algorithm algorithm);

/* Checks the signature of a token (with its NUL) that was found well-formed and says `claims`. */
enum signature_result signature_check(const struct key *key, const char *token,
                                      const struct claims *claims) MUST_USE;

/* Appends a signed token that says `claims`, checked. False: ERR_NO_MEMORY. */
bool signature_make(const struct key *key, const struct token_rules *rules,
                    const struct claims *claims, struct buffer *out, struct error *err) MUST_USE;

/* Signs with the key and checks that. BAD: it is no use for signing, its halves do not match. */
enum signature_result signature_try(const struct key *key) MUST_USE;

#endif
