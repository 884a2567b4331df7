/* Which Content-Types are JSON, and which bodies have to be decoded first. */
#include "unit/support/tests.h"

#include <string.h>

#include "http/media_type.h"

static const struct media_case {
    const char *name, *header;
    size_t count;
    bool json;
} cases[] = {
    { "plain", "application/json", 1, true },
    { "any case", "Application/JSON", 1, true },
    { "a charset", "application/json; charset=utf-8", 1, true },
    { "a charset in any case, quoted, without a blank", "application/json;CHARSET=\"UTF-8\"", 1,
      true },
    { "blanks around the semicolon", "application/json ;\tcharset=utf-8 ", 1, true },
    { "another parameter", "application/json; a=b; charset=utf-8", 1, true },
    { "a semicolon at the end", "application/json;", 1, true },
    { "none", "", 0, false },
    { "empty", "", 1, false },
    { "two", "application/json", 2, false },
    { "a longer name", "application/json5", 1, false },
    { "a shorter name", "application/jso", 1, false },
    { "problem+json", "application/problem+json", 1, false },
    { "text", "text/plain", 1, false },
    { "a form", "application/x-www-form-urlencoded", 1, false },
    { "another charset", "application/json; charset=iso-8859-1", 1, false },
    { "a charset that only begins well", "application/json; charset=utf-8x", 1, false },
    { "a list", "application/json, text/plain", 1, false },
    { "a parameter without a value", "application/json; a", 1, false },
    { "a parameter without a name", "application/json; =b", 1, false },
};

static void it_is_told(void **state)
{
    const struct media_case *c = *state;

    assert_int_equal(media_type_is_json((struct slice){ c->header, strlen(c->header) }, c->count),
                     c->json);
}

static const struct coding_case {
    const char *name, *header;
    size_t count;
    bool coded;
} codings[] = {
    { "no coding", "", 0, false },
    { "an empty coding", "", 1, false },
    { "identity", "identity", 1, false },
    { "identity in any case", "Identity", 1, false },
    { "gzip", "gzip", 1, true },
    { "a longer name than identity", "identity2", 1, true },
    { "a list of codings", "identity, gzip", 1, true },
    { "two headers", "identity", 2, true },
    { "two headers, the first empty", "", 2, true },
};

static void a_coding_is_told(void **state)
{
    const struct coding_case *c = *state;

    assert_int_equal(media_type_is_coded((struct slice){ c->header, strlen(c->header) }, c->count),
                     c->coded);
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_ROWS(&tests, it_is_told, cases);
    ADD_ROWS(&tests, a_coding_is_told, codings);
    return tests_run("media type", &tests);
}
