#include "reset_token.h"

#include <sodium.h>
#include <string.h>

/* What each key is derived for. */
enum purpose { PURPOSE_SECRET = 1, PURPOSE_TAG, PURPOSE_COUNTER };

static void derive(uint8_t *out, size_t size, enum purpose purpose, const struct refresh_key *key)
{
    _Static_assert(sizeof key->bytes == crypto_kdf_KEYBYTES, "a master key of libsodium's");
    crypto_kdf_derive_from_key(out, size, purpose, "recovery", key->bytes);
}

struct reset_key reset_key_of(const struct refresh_key *key)
{
    struct reset_key reset;

    derive(reset.secret, sizeof reset.secret, PURPOSE_SECRET, key);
    derive(reset.tag.bytes, sizeof reset.tag.bytes, PURPOSE_TAG, key);
    derive(reset.counter, sizeof reset.counter, PURPOSE_COUNTER, key);
    return reset;
}

struct reset_token reset_token_of(const struct reset_key *key, const struct id *user_id,
                                  const struct id *recovery_id)
{
    struct reset_token reset = { .token.session_id = *user_id };
    uint8_t ids[2 * ID_BYTES];

    memcpy(ids, user_id->bytes, ID_BYTES);
    memcpy(ids + ID_BYTES, recovery_id->bytes, ID_BYTES);
    crypto_generichash(reset.token.secret, sizeof reset.token.secret, ids, sizeof ids, key->secret,
                       sizeof key->secret);
    return reset;
}

struct refresh_text reset_token_format(const struct reset_key *key, const struct reset_token *token)
{
    return refresh_token_format(&key->tag, &token->token);
}

bool reset_token_parse(const struct reset_key *key, const char *text, struct reset_token *out)
{
    return refresh_token_parse(&key->tag, text, strlen(text), &out->token);
}

struct digest reset_token_digest(const struct reset_token *token)
{
    return refresh_token_digest(&token->token);
}

struct digest reset_counter_key(const struct reset_key *key, const struct id *user_id)
{
    struct digest digest;

    crypto_generichash(digest.bytes, sizeof digest.bytes, user_id->bytes, ID_BYTES, key->counter,
                       sizeof key->counter);
    return digest;
}
