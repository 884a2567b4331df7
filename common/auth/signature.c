/* Signatures by libjwt, which is kept on a short rope: it gets the key and its exact length, and
 * its "yes" counts only when it read the same algorithm and claims as we did and no allocation
 * failed meanwhile. (With a key of no bytes it passes anything; out of memory it can answer yes
 * with an empty token, or compare with a digest that was never made.) What it signs is checked
 * before anybody gets it: out of memory it signs with garbage and tells nobody. */
#include "auth/signature.h"

#include <errno.h>
#include <jwt.h>
#include <string.h>

#include "json/memory.h"

static const struct algorithm {
    const char *name;
    jwt_alg_t libjwt;
    size_t signature_bytes;
} algorithms[] = {
    [KEY_HS256] = { "HS256", JWT_ALG_HS256, 32 },
    [KEY_ES256] = { "ES256", JWT_ALG_ES256, 64 },
};

/* Of an issued token jansson's tree and texts take 2 KiB. */
enum { SIGN_RESERVE_BYTES = 16 * 1024 };

AUTO_DEFINE(jwt, jwt_t *, jwt_free);

const char *signature_algorithm_name(enum key_algorithm algorithm)
{
    return algorithms[algorithm].name;
}

size_t signature_length(enum key_algorithm algorithm)
{
    return algorithms[algorithm].signature_bytes;
}

/* From here on no failed allocation of ours, OpenSSL's or jansson's goes unnoticed. */
static void watch_memory(void)
{
    json_memory_watch();
    errno = 0;
}

static bool memory_failed(int result)
{
    return result == ENOMEM || errno == ENOMEM || json_memory_failed();
}

static int decode(const struct key *key, const char *token, jwt_t **out)
{
    if (key->algorithm == KEY_ES256)
        return jwt_decode(out, token, (const unsigned char *)key->ec.public_pem,
                          (int)strlen(key->ec.public_pem));
    return jwt_decode(out, token, key->bytes, (int)key->length);
}

static bool says_the_same(jwt_t *jwt, const struct key *key, const struct claims *claims)
{
    struct id_text user = id_format(&claims->caller.user_id);
    struct id_text session = id_format(&claims->caller.session_id);
    const char *subject = jwt_get_grant(jwt, "sub");
    const char *session_id = jwt_get_grant(jwt, "sid");

    return jwt_get_alg(jwt) == algorithms[key->algorithm].libjwt && subject &&
           strcmp(subject, user.hex) == 0 && session_id && strcmp(session_id, session.hex) == 0 &&
           jwt_get_grant_int(jwt, "iat") == claims->issued_at &&
           jwt_get_grant_int(jwt, "exp") == claims->caller.expires_at;
}

enum signature_result signature_check(const struct key *key, const char *token,
                                      const struct claims *claims)
{
    AUTO(jwt) jwt_t *jwt = NULL;

    watch_memory();
    int result = decode(key, token, &jwt);
    if (memory_failed(result))
        return SIGNATURE_UNDECIDED;
    if (result != 0)
        return SIGNATURE_BAD;
    return says_the_same(jwt, key, claims) ? SIGNATURE_GOOD : SIGNATURE_UNDECIDED;
}

static int add_claims(jwt_t *jwt, const struct token_rules *rules, const struct claims *claims)
{
    struct id_text user = id_format(&claims->caller.user_id);
    struct id_text session = id_format(&claims->caller.session_id);
    const struct {
        const char *name, *value;
    } texts[] = {
        { "id", user.hex },       { "sub", user.hex },
        { "sid", session.hex },   { "role", role_name(claims->caller.role) },
        { "iss", rules->issuer }, { "aud", rules->audience },
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        int result = jwt_add_grant(jwt, texts[i].name, texts[i].value);
        if (result != 0)
            return result;
    }
    int result = jwt_add_grant_int(jwt, "iat", claims->issued_at);
    return result != 0 ? result : jwt_add_grant_int(jwt, "exp", claims->caller.expires_at);
}

static int fill(jwt_t *jwt, const struct key *key, const struct token_rules *rules,
                const struct claims *claims)
{
    int result = jwt_add_header(jwt, "kid", key->kid);
    if (result == 0)
        result = add_claims(jwt, rules, claims);
    if (result == 0)
        result = jwt_set_alg(jwt, algorithms[key->algorithm].libjwt, key->bytes, (int)key->length);
    return result;
}

/* A token for the caller to free; NULL: libjwt does not sign. */
static char *encode(const struct key *key, const struct token_rules *rules,
                    const struct claims *claims)
{
    AUTO(jwt) jwt_t *jwt = NULL;

    if (jwt_new(&jwt) != 0 || fill(jwt, key, rules, claims) != 0)
        return NULL;
    return jwt_encode_str(jwt);
}

/* Signs and checks; GOOD: *out is for the caller to free. */
static enum signature_result sign(const struct key *key, const struct token_rules *rules,
                                  const struct claims *claims, char **out)
{
    /* jwt_encode_str() takes the length of a text that jansson had no memory for. */
    if (!json_memory_reserve(SIGN_RESERVE_BYTES))
        return SIGNATURE_UNDECIDED;
    watch_memory();
    AUTO(memory) char *token = encode(key, rules, claims);
    bool failed = memory_failed(0);
    json_memory_release();

    if (failed)
        return SIGNATURE_UNDECIDED;
    if (!token)
        return SIGNATURE_BAD;

    enum signature_result result = signature_check(key, token, claims);
    if (result == SIGNATURE_GOOD)
        *out = STEAL(token);
    return result;
}

bool signature_make(const struct key *key, const struct token_rules *rules,
                    const struct claims *claims, struct buffer *out, struct error *err)
{
    AUTO(memory) char *token = NULL;

    /* Every key was tried when it was loaded, so what it fails for now is memory. */
    if (sign(key, rules, claims, &token) != SIGNATURE_GOOD)
        return error_set(err, ERR_NO_MEMORY, 0, "signing a token with key %s", key->kid);

    buffer_text(out, token);
    return !out->failed || error_set(err, ERR_NO_MEMORY, 0, "signing a token");
}

enum signature_result signature_try(const struct key *key)
{
    static const struct token_rules rules = { .issuer = "trial", .audience = "trial", .ttl_s = 1 };
    static const struct claims claims = { .issued_at = 1, .caller = { .expires_at = 2 } };
    AUTO(memory) char *token = NULL;

    return sign(key, &rules, &claims, &token);
}
