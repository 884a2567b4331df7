/* The claims of contract.md, each of the one type and form that we issue. */
#include "auth/claims.h"

#include <string.h>

#include "base/test_point.h"

static bool text_equals(const json_t *value, const char *expected)
{
    const char *text = json_string_value(value); /* NULL when it is no string */
    return text && strcmp(text, expected) == 0;
}

static bool id_read(const json_t *value, struct id *out)
{
    return json_is_string(value) &&
           id_parse(json_string_value(value), json_string_length(value), out);
}

static bool time_read(const json_t *value, int64_t *out)
{
    if (!json_is_integer(value))
        return false; /* a number with a fraction too: RFC 7519 allows it, we issue none */

    int64_t seconds = json_integer_value(value);
    if (seconds < 0)
        return false; /* so the difference of two cannot overflow */
    *out = seconds;
    return true;
}

static const char *identity_read(const json_t *payload, struct caller *out)
{
    const json_t *role = json_object_get(payload, "role");
    struct id subject;

    if (!id_read(json_object_get(payload, "id"), &out->user_id))
        return "id is no id";
    if (!id_read(json_object_get(payload, "sub"), &subject) || !id_equal(&subject, &out->user_id))
        return "sub differs from id";
    if (!id_read(json_object_get(payload, "sid"), &out->session_id))
        return "sid is no id";
    if (!json_is_string(role) ||
        !role_parse(json_string_value(role), json_string_length(role), &out->role))
        return "role is unknown";
    return NULL;
}

static const char *times_read(const json_t *payload, const struct token_rules *rules, int64_t now_s,
                              struct claims *out)
{
    const json_t *not_before = json_object_get(payload, "nbf");
    int64_t issued_at, expires_at, valid_from = 0;

    if (!time_read(json_object_get(payload, "iat"), &issued_at) ||
        !time_read(json_object_get(payload, "exp"), &expires_at) ||
        (not_before && !time_read(not_before, &valid_from)))
        return "iat, exp or nbf is no time";
    if (expires_at <= issued_at || expires_at - issued_at > rules->ttl_s)
        return "lives longer than ours do";
    if (issued_at > now_s + TOKEN_LEEWAY_S || valid_from > now_s + TOKEN_LEEWAY_S)
        return "from the future";
    if (now_s - TOKEN_LEEWAY_S >= expires_at && !TEST_FAULT("verifier-without-expiry"))
        return "expired";

    out->issued_at = issued_at;
    out->caller.expires_at = expires_at;
    return NULL;
}

const char *claims_read(const json_t *payload, const struct token_rules *rules, int64_t now_s,
                        struct claims *out)
{
    if (!text_equals(json_object_get(payload, "iss"), rules->issuer))
        return "iss is another";
    if (!text_equals(json_object_get(payload, "aud"), rules->audience))
        return "aud is another";

    const char *reason = identity_read(payload, &out->caller);
    return reason ? reason : times_read(payload, rules, now_s, out);
}
