/* A token's outer form. Anything that two readers could read in two ways is refused here, before a
 * key is chosen. */
#include "auth/jws.h"

#include <sodium.h>
#include <string.h>

enum {
    PART_MAX_BYTES = TOKEN_MAX_BYTES / 4 * 3,
    PARTS = 3,
};

struct part {
    const char *text;
    size_t length;
};

/* False: fewer than three. In more, the third has a dot, which is no base64url. */
static bool split(const char *text, size_t length, struct part parts[PARTS])
{
    for (int i = 0; i < PARTS - 1; i++) {
        const char *dot = memchr(text, '.', length);
        if (!dot)
            return false;
        parts[i] = (struct part){ text, (size_t)(dot - text) };
        length -= parts[i].length + 1;
        text = dot + 1;
    }
    parts[PARTS - 1] = (struct part){ text, length };
    return true;
}

/* libsodium takes only the canonical form: no padding, no other character, no stray bits. */
static bool decode(struct part part, unsigned char *out, size_t size, size_t *length)
{
    return sodium_base642bin(out, size, part.text, part.length, NULL, length, NULL,
                             sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0;
}

static enum token_result read_object(struct part part, json_t **out)
{
    unsigned char bytes[PART_MAX_BYTES];
    size_t length = 0;

    if (!decode(part, bytes, sizeof bytes, &length))
        return TOKEN_INVALID;

    AUTO(json) json_t *tree = NULL;
    switch (json_parse((const char *)bytes, length, &tree)) {
    case DECODE_OK:
        break;
    case DECODE_NO_MEMORY:
        return TOKEN_UNDECIDED;
    case DECODE_MALFORMED:
    case DECODE_INVALID:
        return TOKEN_INVALID;
    }
    if (!json_is_object(tree))
        return TOKEN_INVALID;
    *out = STEAL(tree);
    return TOKEN_VALID;
}

enum token_result jws_read(const char *text, size_t length, struct jws *out, const char **why)
{
    struct part parts[PARTS];
    unsigned char signature[PART_MAX_BYTES];

    *why = "no three parts of base64url";
    if (!split(text, length, parts) ||
        !decode(parts[2], signature, sizeof signature, &out->signature_bytes))
        return TOKEN_INVALID;

    *why = "header is no JSON object";
    enum token_result result = read_object(parts[0], &out->header);
    if (result != TOKEN_VALID)
        return result;

    *why = "payload is no JSON object";
    return read_object(parts[1], &out->payload);
}

const char *jws_header_check(const json_t *header)
{
    /* Each would have us read the token otherwise, or take a key from the token itself. */
    static const char *const refused[] = {
        "crit", "jku", "jwk", "x5u", "x5c", "b64", "zip", "enc"
    };
    const json_t *type = json_object_get(header, "typ");

    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (json_object_get(header, refused[i]))
            return "header asks for what we do not do";
    if (type && (!json_is_string(type) || strcmp(json_string_value(type), "JWT") != 0))
        return "typ is not JWT";
    return NULL;
}

void jws_done(struct jws *jws)
{
    json_decref(jws->header);
    json_decref(jws->payload);
    *jws = (struct jws){ 0 };
}
