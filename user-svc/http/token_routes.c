#include "http/token_routes.h"

#include <sodium.h>

#include "auth/ec_pem.h"
#include "base/id.h"
#include "http/request.h"
#include "http/routes.h"
#include "json/decode.h"

/* --- GET /.well-known/jwks.json (RFC 7517). --- */

enum { COORDINATE_BYTES = EC_POINT_BYTES / 2 };

/* RFC 7518, section 6.2.1.2: always the full 32 bytes. */
struct coordinate_text {
    char
        text[sodium_base64_ENCODED_LEN(COORDINATE_BYTES, sodium_base64_VARIANT_URLSAFE_NO_PADDING)];
};

static struct coordinate_text coordinate_format(const unsigned char *bytes)
{
    struct coordinate_text out;

    sodium_bin2base64(out.text, sizeof out.text, bytes, COORDINATE_BYTES,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return out;
}

static json_t *jwk(const struct key *key)
{
    const struct coordinate_text x = coordinate_format(key->ec.point);
    const struct coordinate_text y = coordinate_format(key->ec.point + COORDINATE_BYTES);

    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "kty", "EC", "crv", "P-256", "x",
                     x.text, "y", y.text, "kid", key->kid, "use", "sig", "alg", "ES256");
}

/* NULL: no memory. Of a shared secret nothing can be told. */
static json_t *public_keys(const struct key_set *set)
{
    AUTO(json) json_t *keys = json_array();

    for (size_t i = 0; i < key_set_size(set); i++) {
        const struct key *key = key_set_at(set, i);
        if (key->algorithm == KEY_ES256 && json_array_append_new(keys, jwk(key)) != 0)
            return NULL;
    }
    return STEAL(keys);
}

void jwks_run(void *service, void *const states[], size_t count)
{
    const struct user_service *users = service;

    for (size_t i = 0; i < count; i++)
        ((struct jwks_state *)states[i])->keys = key_ring_take(users->users.keys);
}

void jwks_encode(const void *state, struct response *response)
{
    const struct jwks_state *s = state;

    /* Whoever checks tokens may ask for it with each of them. A new key is to be there longer than
     * that before it signs. */
    response_header(response, "Cache-Control", "public, max-age=300");
    response_json(response, 200, json_pack("{s:o}", "keys", public_keys(s->keys)));
}

void jwks_release(void *state)
{
    key_set_release(((struct jwks_state *)state)->keys);
}

/* --- GET /auth. --- */

bool auth_decode(const struct request *request, void *state, struct problem *problem)
{
    (void)problem;
    ((struct auth_state *)state)->caller = request_caller(request);
    return true;
}

void auth_encode(const void *state, struct response *response)
{
    const struct caller *caller = ((const struct auth_state *)state)->caller;
    const struct id_text id = id_format(&caller->user_id);

    response->status = 200;
    response_header(response, "X-User-Id", id.hex);
    response_header(response, "X-User-Role", role_name(caller->role));
}
