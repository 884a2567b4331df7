/* traceparent: version "-" trace-id "-" parent-id "-" flags, each in lower-case hex. */
#include "obs/trace.h"

#include <string.h>

/* Where the parts of 00-<32>-<16>-<2> begin. */
enum {
    VERSION_AT = 0,
    TRACE_AT = 3,
    PARENT_AT = 36,
    FLAGS_AT = 53,
};

static bool is_hex(const char *text, size_t count)
{
    return strspn(text, "0123456789abcdef") >= count;
}

static bool is_zero(const char *text, size_t count)
{
    return strspn(text, "0") >= count;
}

/* `text` has TRACEPARENT_LENGTH characters and a NUL. */
static bool has_the_shape(const char *text)
{
    return is_hex(text + VERSION_AT, 2) && memcmp(text + VERSION_AT, "ff", 2) != 0 &&
           text[TRACE_AT - 1] == '-' && is_hex(text + TRACE_AT, 32) &&
           !is_zero(text + TRACE_AT, 32) && text[PARENT_AT - 1] == '-' &&
           is_hex(text + PARENT_AT, 16) && !is_zero(text + PARENT_AT, 16) &&
           text[FLAGS_AT - 1] == '-' && is_hex(text + FLAGS_AT, 2);
}

/* A later version's further flags mean nothing to 00, which knows only the lowest bit: sampled. */
static void cut_to_version_00(char *text)
{
    bool sampled = strchr("13579bdf", text[FLAGS_AT + 1]) != NULL;

    memcpy(text + VERSION_AT, "00", 2);
    memcpy(text + FLAGS_AT, sampled ? "01" : "00", 2);
}

bool traceparent_parse(const char *text, size_t length, struct traceparent *out)
{
    struct traceparent parsed = { { 0 } };

    if (length < TRACEPARENT_LENGTH)
        return false;
    memcpy(parsed.text, text, TRACEPARENT_LENGTH);
    if (!has_the_shape(parsed.text))
        return false;

    bool later = memcmp(parsed.text, "00", 2) != 0;
    if (length > TRACEPARENT_LENGTH && !(later && text[TRACEPARENT_LENGTH] == '-'))
        return false;
    if (later)
        cut_to_version_00(parsed.text);

    *out = parsed;
    return true;
}
