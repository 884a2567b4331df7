#include "refresh_token.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

_Static_assert(REFRESH_TOKEN_BYTES % 3 == 0, "base64 has neither padding nor spare bits");

/* What a keyed hash is for goes into it, so that no tag is ever some token's child. */
enum purpose { PURPOSE_CHILD = 1, PURPOSE_TAG = 2 };

enum { BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING };

static void keyed_hash(const struct refresh_key *key, enum purpose purpose,
                       const struct refresh_token *token, uint8_t *out, size_t size)
{
    const uint8_t prefix = (uint8_t)purpose;
    crypto_generichash_state state;

    crypto_generichash_init(&state, key->bytes, sizeof key->bytes, size);
    crypto_generichash_update(&state, &prefix, 1);
    crypto_generichash_update(&state, token->session_id.bytes, ID_BYTES);
    crypto_generichash_update(&state, token->secret, sizeof token->secret);
    crypto_generichash_final(&state, out, size);
    sodium_memzero(&state, sizeof state);
}

struct refresh_key refresh_key_of(const char *secret, size_t length)
{
    struct refresh_key key;

    assert(length >= REFRESH_SECRET_MIN);
    crypto_generichash(key.bytes, sizeof key.bytes, (const unsigned char *)secret, length, NULL, 0);
    return key;
}

struct refresh_token refresh_token_new(const struct random *random, const struct id *session_id)
{
    struct refresh_token token = { .session_id = *session_id };

    random_fill(random, token.secret, sizeof token.secret);
    return token;
}

struct refresh_token refresh_token_child(const struct refresh_key *key,
                                         const struct refresh_token *parent)
{
    struct refresh_token child = { .session_id = parent->session_id };

    keyed_hash(key, PURPOSE_CHILD, parent, child.secret, sizeof child.secret);
    return child;
}

struct digest refresh_token_digest(const struct refresh_token *token)
{
    struct digest digest;

    crypto_generichash(digest.bytes, sizeof digest.bytes, token->secret, sizeof token->secret, NULL,
                       0);
    return digest;
}

struct refresh_text refresh_token_format(const struct refresh_key *key,
                                         const struct refresh_token *token)
{
    uint8_t bytes[REFRESH_TOKEN_BYTES];
    struct refresh_text out;

    memcpy(bytes, token->session_id.bytes, ID_BYTES);
    memcpy(bytes + ID_BYTES, token->secret, REFRESH_TOKEN_SECRET);
    keyed_hash(key, PURPOSE_TAG, token, bytes + ID_BYTES + REFRESH_TOKEN_SECRET, REFRESH_TOKEN_TAG);
    sodium_bin2base64(out.text, sizeof out.text, bytes, sizeof bytes, BASE64);
    sodium_memzero(bytes, sizeof bytes);
    return out;
}

bool refresh_token_parse(const struct refresh_key *key, const char *text, size_t length,
                         struct refresh_token *out)
{
    uint8_t bytes[REFRESH_TOKEN_BYTES];
    uint8_t tag[REFRESH_TOKEN_TAG];
    struct refresh_token token;
    size_t read = 0;

    if (length != REFRESH_TOKEN_LENGTH ||
        sodium_base642bin(bytes, sizeof bytes, text, length, NULL, &read, NULL, BASE64) != 0 ||
        read != sizeof bytes)
        return false;

    memcpy(token.session_id.bytes, bytes, ID_BYTES);
    memcpy(token.secret, bytes + ID_BYTES, REFRESH_TOKEN_SECRET);
    keyed_hash(key, PURPOSE_TAG, &token, tag, sizeof tag);
    const bool ours = sodium_memcmp(tag, bytes + ID_BYTES + REFRESH_TOKEN_SECRET, sizeof tag) == 0;
    if (ours)
        *out = token;
    sodium_memzero(bytes, sizeof bytes);
    sodium_memzero(&token, sizeof token);
    return ours;
}
