/* JWS compact serialization (RFC 7515), read strictly. For the auth room only. */
#ifndef AUTH_JWS_H
#define AUTH_JWS_H

#include <jansson.h>
#include <stddef.h>
#include "auth/token.h"
#include "json/decode.h"

struct jws {
    json_t *header; /* objects, owned */
    json_t *payload;
    size_t signature_bytes;
};

/* Three parts, each canonical base64url, the first two JSON objects without duplicate members.
 * VALID here means only that it can be read; else `why` says why. Release `out` (zeroed by the
 * caller) either way. */
enum token_result jws_read(const char *text, size_t length, struct jws *out, const char **why)
    MUST_USE;

/* Whether the header asks for nothing that we lack. NULL, or a static reason against it. */
const char *jws_header_check(const json_t *header) MUST_USE;

void jws_done(struct jws *jws);

/* AUTO(jws) struct jws jws = { 0 }; */
static inline void auto_jws(struct jws *jws)
{
    jws_done(jws);
}

#endif
