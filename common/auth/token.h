/* Access tokens: JWS compact (RFC 7515) with the claims of contract.md, issued and verified.
 *
 * The verifier decides by its own strict parse; libjwt makes and checks signatures and nothing
 * else, since it lets through what it should not (see docs). */
#ifndef AUTH_TOKEN_H
#define AUTH_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "auth/caller.h"
#include "auth/keys.h"
#include "base/buffer.h"
#include "base/error.h"

enum {
    TOKEN_MAX_BYTES = 4096, /* ours have under 500; more is no token but an attack on the parser */
    TOKEN_LEEWAY_S = 30,    /* clocks of two hosts */
};

struct token_rules {
    const char *issuer;   /* JWT_ISSUER */
    const char *audience; /* "arch.homework" */
    int64_t ttl_s;        /* JWT_TTL: a token that lives longer is not one of ours */
};

enum token_result {
    TOKEN_VALID,
    TOKEN_INVALID,
    TOKEN_UNDECIDED, /* out of memory or the like: 503, never an allow */
};

/* `now_s`: seconds since 1970. `out` is filled only when VALID; `why` (may be NULL) then points to
 * a short static reason for a debug log otherwise. */
enum token_result token_verify(const struct key_set *keys, const struct token_rules *rules,
                               int64_t now_s, const char *text, size_t length, struct caller *out,
                               const char **why) MUST_USE;

/* Appends a token for the caller, signed by the active key, that lives from now_s for
 * rules->ttl_s. False: ERR_NO_MEMORY, ERR_CONFIG (no key signs). */
bool token_issue(const struct key_set *keys, const struct token_rules *rules, int64_t now_s,
                 const struct caller *caller, struct buffer *out, struct error *err) MUST_USE;

#endif
