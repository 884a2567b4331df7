/* What an access token says, by our own strict reading. For the auth room only. */
#ifndef AUTH_CLAIMS_H
#define AUTH_CLAIMS_H

#include <jansson.h>
#include <stdint.h>
#include "auth/caller.h"
#include "auth/token.h"
#include "base/error.h"

struct claims {
    struct caller caller;
    int64_t issued_at; /* seconds since 1970 */
};

/* Reads the payload and holds it to the rules at `now_s`. NULL: `out` is filled; else a static
 * reason why the token is refused. */
const char *claims_read(const json_t *payload, const struct token_rules *rules, int64_t now_s,
                        struct claims *out) MUST_USE;

#endif
