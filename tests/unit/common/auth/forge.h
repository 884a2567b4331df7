/* Tokens that are made without the code under test: the HMAC is libsodium's. */
#ifndef UNIT_COMMON_AUTH_FORGE_H
#define UNIT_COMMON_AUTH_FORGE_H

#include "unit/support/tests.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/token.h"
#include "base/auto.h"

#define FORGE_SECRET  "kP3vXq8Zr5TnW2yB7dLmG4hJ9sFcA6eU"
#define FORGE_USER    "0123456789abcdef01234567"
#define FORGE_SESSION "89abcdef0123456789abcdef"

#define FORGE_HEADER "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"default\"}"
#define FORGE_PAYLOAD                                                                              \
    "{\"id\":\"" FORGE_USER "\",\"sub\":\"" FORGE_USER "\",\"sid\":\"" FORGE_SESSION               \
    "\",\"role\":\"player\",\"iss\":\"arch.homework\",\"aud\":\"arch.homework\","                  \
    "\"iat\":10000,\"exp\":13600}"

enum {
    FORGE_NOW_S = 10000,
    FORGE_TTL_S = 3600,
    FORGE_PART_BYTES = 8192,
    FORGE_TOKEN_BYTES = 3 * FORGE_PART_BYTES,
};

static const struct token_rules forge_rules = { "arch.homework", "arch.homework", FORGE_TTL_S };

struct forged {
    char text[FORGE_TOKEN_BYTES];
};

/* `text` with the first `find` replaced; it must be there. */
static inline void forge_replace(char *out, size_t size, const char *text, const char *find,
                                 const char *with)
{
    const char *at = strstr(text, find);

    assert_non_null(at);
    int length = snprintf(out, size, "%.*s%s%s", (int)(at - text), text, with, at + strlen(find));
    assert_in_range(length, 0, size - 1);
}

static inline void forge_base64(char *out, size_t size, const void *bytes, size_t length)
{
    assert_non_null(
        sodium_bin2base64(out, size, bytes, length, sodium_base64_VARIANT_URLSAFE_NO_PADDING));
}

/* The base64url of HMAC-SHA-256. */
static inline void forge_mac(char *out, size_t size, const char *text, const void *secret,
                             size_t secret_length)
{
    crypto_auth_hmacsha256_state hmac;
    unsigned char mac[crypto_auth_hmacsha256_BYTES];

    crypto_auth_hmacsha256_init(&hmac, secret, secret_length);
    crypto_auth_hmacsha256_update(&hmac, (const unsigned char *)text, strlen(text));
    crypto_auth_hmacsha256_final(&hmac, mac);
    forge_base64(out, size, mac, sizeof mac);
}

/* Signs parts that are base64url already, or meant to look so. */
static inline void forge_sign(struct forged *out, const char *header, const char *payload,
                              const void *secret, size_t secret_length)
{
    char mac[64];

    int length = snprintf(out->text, sizeof out->text, "%s.%s", header, payload);
    assert_in_range(length, 1, sizeof out->text - sizeof mac - 1);
    forge_mac(mac, sizeof mac, out->text, secret, secret_length);
    strcat(out->text, ".");
    strcat(out->text, mac);
}

/* Header and payload as they are, signed with the secret. */
static inline void forge_bytes(struct forged *out, const char *header, const void *payload,
                               size_t payload_length)
{
    char head[FORGE_PART_BYTES], body[FORGE_PART_BYTES];

    forge_base64(head, sizeof head, header, strlen(header));
    forge_base64(body, sizeof body, payload, payload_length);
    forge_sign(out, head, body, FORGE_SECRET, strlen(FORGE_SECRET));
}

static inline void forge(struct forged *out, const char *header, const char *payload)
{
    forge_bytes(out, header, payload, strlen(payload));
}

static inline const struct key_set *forge_keys(const char *secret)
{
    const struct key_source source = { .secret = secret };
    struct error err = { 0 };
    AUTO(key_ring) struct key_ring *ring = key_ring_open(&source, &err);

    assert_string_equal(err.detail, "");
    assert_non_null(ring);
    return key_ring_take(ring);
}

/* Holds the text to FORGE_SECRET, and the promises about the other outputs. */
static inline enum token_result forge_verify_at(int64_t now_s, const char *text, size_t length)
{
    AUTO(key_set) const struct key_set *keys = forge_keys(FORGE_SECRET);
    struct caller untouched = { .expires_at = -1 };
    struct caller caller = untouched;
    const char *why = NULL;
    AUTO(memory) char *copy = malloc(length + !length); /* no NUL behind, for the sanitizer */

    assert_non_null(copy);
    memcpy(copy, text, length);
    enum token_result result = token_verify(keys, &forge_rules, now_s, copy, length, &caller, &why);
    if (result == TOKEN_VALID)
        assert_null(why);
    else
        assert_non_null(why);
    if (result != TOKEN_VALID)
        assert_memory_equal(&caller, &untouched, sizeof caller);
    return result;
}

static inline enum token_result forge_verify(const char *text)
{
    return forge_verify_at(FORGE_NOW_S, text, strlen(text));
}

#endif
