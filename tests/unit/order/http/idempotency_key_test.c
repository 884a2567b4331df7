/* Where a request's idempotency key comes from, and which ones are valid. */
#include "unit/support/tests.h"

#include <string.h>

#include "http/idempotency_key.h"
#include "unit/common/http/request_making.h"

#define TILDES_32  "~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~"
#define TILDES_128 TILDES_32 TILDES_32 TILDES_32 TILDES_32

/* ---- Idempotency-Key ---- */

static const struct value_case {
    const char *name, *text;
    const char *key; /* NULL: not valid */
} values[] = {
    { "bare", "abc", "abc" },
    { "quoted is the same", "\"abc\"", "abc" },
    { "every kind of visible character", "!#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
      "!#$%&'()*+,-./:;<=>?@[\\]^_`{|}~" },
    { "an escaped quote", "\"a\\\"b\"", "a\"b" },
    { "an escaped backslash", "\"a\\\\b\"", "a\\b" },
    { "an escaped backslash at the end", "\"a\\\\\"", "a\\" },
    { "a bare quote inside is a character", "a\"b", "a\"b" },
    { "a bare backslash is a character", "a\\b", "a\\b" },
    { "one character", "x", "x" },
    { "128 characters", TILDES_128, TILDES_128 },
    { "128 characters, quotes not counted", "\"" TILDES_128 "\"", TILDES_128 },
    { "129 characters", TILDES_128 "~", NULL },
    { "129 characters in quotes", "\"" TILDES_128 "~\"", NULL },
    { "empty", "", NULL },
    { "empty in quotes", "\"\"", NULL },
    { "a quote alone", "\"", NULL },
    { "a quote that is not closed", "\"abc", NULL },
    { "an escape that eats the closing quote", "\"abc\\\"", NULL },
    { "an escape of another character", "\"a\\bc\"", NULL },
    { "a quote in the middle", "\"a\"c\"", NULL },
    { "parameters", "\"abc\";q=1", NULL },
    { "two values", "\"abc\", \"def\"", NULL },
    { "a blank", "a b", NULL },
    { "a blank in quotes", "\"a b\"", NULL },
    { "a tab", "a\tb", NULL },
    { "DEL", "a\x7f", NULL },
    { "DEL in quotes", "\"a\x7f\"", NULL },
    { "beyond ASCII", "a\xc3\xa4", NULL },
    { "a control character", "\x01", NULL },
};

static void a_value_is_parsed(void **state)
{
    const struct value_case *c = *state;
    char key[REQUEST_ID_MAX + 1] = "before";

    assert_int_equal(idempotency_key_parse(c->text, strlen(c->text), key), c->key != NULL);
    assert_string_equal(key, c->key ? c->key : "before"); /* untouched on failure */
}

static void a_nul_is_not_visible(void **state)
{
    (void)state;
    char key[REQUEST_ID_MAX + 1];

    assert_false(idempotency_key_parse("a\0b", 3, key));
    assert_false(idempotency_key_parse("\"a\0b\"", 5, key));
}

/* ---- which header ---- */

#define KEY "Idempotency-Key"
#define ID  "X-Request-Id"

static const struct headers_case {
    const char *name;
    const char *headers[3][2];
    const char *key; /* NULL: request-id-required */
} headers[] = {
    { "X-Request-Id", { { ID, "abc" } }, "abc" },
    { "Idempotency-Key, bare", { { KEY, "abc" } }, "abc" },
    { "Idempotency-Key, quoted", { { KEY, "\"abc\"" } }, "abc" },
    { "both: the key, X-Request-Id is correlation", { { ID, "id" }, { KEY, "key" } }, "key" },
    { "names in another case", { { "x-REQUEST-id", "abc" } }, "abc" },
    { "X-Request-Id knows no quotes", { { ID, "\"abc\"" } }, "\"abc\"" },
    { "X-Request-Id of 128", { { ID, TILDES_128 } }, TILDES_128 },
    { "none", { { "Host", "arch.homework" } }, NULL },
    { "X-Request-Id of 129", { { ID, TILDES_128 "~" } }, NULL },
    { "X-Request-Id empty", { { ID, "" } }, NULL },
    { "X-Request-Id with a blank", { { ID, "a b" } }, NULL },
    { "Idempotency-Key empty", { { KEY, "" } }, NULL },
    { "a bad key is not made good by an id", { { KEY, "a b" }, { ID, "abc" } }, NULL },
    { "an empty key is not made good by an id", { { KEY, "\"\"" }, { ID, "abc" } }, NULL },
    { "two ids", { { ID, "abc" }, { ID, "abc" } }, NULL },
    { "two keys", { { KEY, "abc" }, { KEY, "abc" } }, NULL },
    { "two keys, one id", { { KEY, "abc" }, { KEY, "abd" }, { ID, "abc" } }, NULL },
    { "one key, two ids", { { KEY, "abc" }, { ID, "abc" }, { ID, "abd" } }, NULL },
};

static void a_request_has_a_key(void **state)
{
    const struct headers_case *c = *state;
    struct request request = { 0 };
    struct problem problem = { 0 };
    char key[REQUEST_ID_MAX + 1] = "before";

    for (size_t i = 0; i < 3 && c->headers[i][0]; i++)
        add_header(&request, c->headers[i][0], c->headers[i][1]);
    assert_int_equal(idempotency_key_of(&request, key, &problem), c->key != NULL);
    assert_int_equal(problem.type, c->key ? PROBLEM_NONE : PROBLEM_REQUEST_ID_REQUIRED);
    assert_string_equal(key, c->key ? c->key : "before");
    assert_true(c->key || problem.detail);
}

int main(void)
{
    struct tests tests = { 0 };
    ADD_ROWS(&tests, a_value_is_parsed, values);
    ADD_TEST(&tests, a_nul_is_not_visible);
    ADD_ROWS(&tests, a_request_has_a_key, headers);
    return tests_run("idempotency_key", &tests);
}
