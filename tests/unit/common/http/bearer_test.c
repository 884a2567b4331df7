/* Which Authorization headers hold a token. */
#include "unit/support/tests.h"

#include <string.h>

#include "http/bearer.h"

static const struct bearer_case {
    const char *name, *header;
    size_t count;
    enum bearer_result result;
    const char *token;
} cases[] = {
    { "a token", "Bearer abc.DEF-_~+/12==", 1, BEARER_GIVEN, "abc.DEF-_~+/12==" },
    { "the scheme in any case", "bEARER a", 1, BEARER_GIVEN, "a" },
    { "several blanks", "Bearer   a", 1, BEARER_GIVEN, "a" },
    { "no header", NULL, 0, BEARER_NONE, NULL },
    { "two headers", "Bearer a", 2, BEARER_MALFORMED, NULL },
    { "an empty header", "", 1, BEARER_MALFORMED, NULL },
    { "another scheme", "Basic YTpi", 1, BEARER_MALFORMED, NULL },
    { "the scheme alone", "Bearer", 1, BEARER_MALFORMED, NULL },
    { "the scheme and a blank", "Bearer ", 1, BEARER_MALFORMED, NULL },
    { "no blank", "Bearera", 1, BEARER_MALFORMED, NULL },
    { "a tab", "Bearer\ta", 1, BEARER_MALFORMED, NULL },
    { "no scheme", "abc.def.ghi", 1, BEARER_MALFORMED, NULL },
    { "two tokens", "Bearer a b", 1, BEARER_MALFORMED, NULL },
    { "two in a list", "Bearer a, Bearer b", 1, BEARER_MALFORMED, NULL },
    { "a token in quotes", "Bearer \"a\"", 1, BEARER_MALFORMED, NULL },
    { "padding alone", "Bearer ==", 1, BEARER_MALFORMED, NULL },
    { "padding inside", "Bearer a=b", 1, BEARER_MALFORMED, NULL },
    { "a DEL", "Bearer a\x7F", 1, BEARER_MALFORMED, NULL },
    { "a control character", "Bearer a\x01", 1, BEARER_MALFORMED, NULL },
    { "a byte beyond ASCII", "Bearer \xC3\xA4", 1, BEARER_MALFORMED, NULL },
};

static void it_is_read(void **state)
{
    const struct bearer_case *c = *state;
    struct slice token = { "untouched", 9 };

    assert_int_equal(bearer_read((struct slice){ c->header, c->header ? strlen(c->header) : 0 },
                                 c->count, &token),
                     c->result);
    assert_string_equal(token.text, c->token ? c->token : "untouched");
    assert_int_equal(token.length, strlen(token.text));
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_ROWS(&tests, it_is_read, cases);
    return tests_run("bearer", &tests);
}
