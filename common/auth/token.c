/* Issues and verifies access tokens. The verifier goes from the outside in: form, header, key,
 * claims, and last the signature, over bytes that can by then be read in one way only. */
#include "auth/token.h"

#include <string.h>

#include "auth/claims.h"
#include "auth/jws.h"
#include "auth/signature.h"

/* The key that the header's kid names, provided the header agrees on its algorithm. */
static const struct key *choose_key(const struct key_set *keys, const json_t *header,
                                    const char **why)
{
    const json_t *kid = json_object_get(header, "kid");
    const char *algorithm = json_string_value(json_object_get(header, "alg"));
    const struct key *key = kid ? NULL : key_set_single(keys);

    *why = "no key of that kid";
    if (json_is_string(kid))
        key = key_set_find(keys, json_string_value(kid), json_string_length(kid));
    if (!key)
        return NULL;

    *why = "alg is not the key's";
    if (!algorithm || strcmp(algorithm, signature_algorithm_name(key->algorithm)) != 0)
        return NULL;
    return key;
}

static enum token_result check_signature(const struct key *key, const char *text, size_t length,
                                         const struct claims *claims)
{
    char token[TOKEN_MAX_BYTES + 1]; /* libjwt wants a NUL */

    memcpy(token, text, length);
    token[length] = '\0';

    switch (signature_check(key, token, claims)) {
    case SIGNATURE_GOOD:
        return TOKEN_VALID;
    case SIGNATURE_BAD:
        return TOKEN_INVALID;
    case SIGNATURE_UNDECIDED:
        break;
    }
    return TOKEN_UNDECIDED;
}

static enum token_result verify(const struct key_set *keys, const struct token_rules *rules,
                                int64_t now_s, const char *text, size_t length, struct claims *out,
                                const char **why)
{
    AUTO(jws) struct jws jws = { 0 };

    enum token_result read = jws_read(text, length, &jws, why);
    if (read != TOKEN_VALID)
        return read;

    *why = jws_header_check(jws.header);
    if (*why)
        return TOKEN_INVALID;

    const struct key *key = choose_key(keys, jws.header, why);
    if (!key)
        return TOKEN_INVALID;

    *why = claims_read(jws.payload, rules, now_s, out);
    if (*why)
        return TOKEN_INVALID;

    *why = "signature has another length";
    if (jws.signature_bytes != signature_length(key->algorithm))
        return TOKEN_INVALID; /* libjwt's empty digest must never meet an empty signature */

    *why = "signature is not the key's";
    return check_signature(key, text, length, out);
}

enum token_result token_verify(const struct key_set *keys, const struct token_rules *rules,
                               int64_t now_s, const char *text, size_t length, struct caller *out,
                               const char **why)
{
    struct claims claims = { 0 };
    const char *reason = "longer than 4096 bytes";
    enum token_result result = TOKEN_INVALID;

    if (length <= TOKEN_MAX_BYTES)
        result = verify(keys, rules, now_s, text, length, &claims, &reason);
    if (result == TOKEN_VALID)
        *out = claims.caller;
    else if (why)
        *why = result == TOKEN_UNDECIDED ? "out of memory" : reason;
    return result;
}

bool token_issue(const struct key_set *keys, const struct token_rules *rules, int64_t now_s,
                 const struct caller *caller, struct buffer *out, struct error *err)
{
    const struct key *key = key_set_active(keys);
    struct claims claims = { .caller = *caller, .issued_at = now_s };

    if (!key)
        return error_set(err, ERR_CONFIG, 0, "no key signs: JWT_ACTIVE_KID is not set");

    claims.caller.expires_at = now_s + rules->ttl_s;
    return signature_make(key, rules, &claims, out, err);
}
