/* Targets are decoded strictly, once, piece by piece. */
#include "unit/support/tests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/target.h"
#include "unit/support/oom.h"

static const struct target_case {
    const char *name, *raw;
    enum target_result result;
    const char *segments; /* joined by | */
    const char *query;    /* name=value, joined by | */
    bool query_malformed;
} cases[] = {
    { "the root", "/", TARGET_OK, "", "", false },
    { "two segments", "/a/b", TARGET_OK, "a|b", "", false },
    { "one slash at the end", "/a/b/", TARGET_OK, "a|b", "", false },
    { "two slashes at the end", "/a//", TARGET_OK, "a|", "", false },
    { "two slashes at the start", "//a", TARGET_OK, "|a", "", false },
    { "percent-encoded letters", "/%61%2Db", TARGET_OK, "a-b", "", false },
    { "an encoded slash separates nothing", "/a%2fb", TARGET_OK, "a/b", "", false },
    { "dots are a name", "/a/../b/%2e%2e/.", TARGET_OK, "a|..|b|..|.", "", false },
    { "decoded once only", "/%2561", TARGET_OK, "%61", "", false },
    { "a query", "/a?b=c&d=e", TARGET_OK, "a", "b=c|d=e", false },
    { "a query on the root", "/?b=c", TARGET_OK, "", "b=c", false },
    { "a plus stays, an encoded ampersand too", "/?a+b=c%26d", TARGET_OK, "", "a+b=c&d", false },
    { "no value, no name, nothing at all", "/?a&=b&&", TARGET_OK, "", "a=|=b", false },
    { "the second = is the value's", "/?a=b=c", TARGET_OK, "", "a=b=c", false },
    { "a slash and a question mark in a query", "/?a=/?", TARGET_OK, "", "a=/?", false },
    { "absolute form", "http://arch.homework/a?b=c", TARGET_OK, "a", "b=c", false },
    { "absolute form, another scheme, a port", "HTTPS://x:1/a", TARGET_OK, "a", "", false },
    { "absolute form without a path", "http://x", TARGET_OK, "", "", false },
    { "absolute form without a path, with a query", "http://x?b=c", TARGET_OK, "", "b=c", false },
    { "a query that ends in a %", "/a?b=%", TARGET_OK, "a", NULL, true },
    { "half an encoding in a query", "/a?b=%4", TARGET_OK, "a", NULL, true },
    { "no hex in a query", "/a?b=%zz", TARGET_OK, "a", NULL, true },
    { "a NUL in a query", "/a?b=%00", TARGET_OK, "a", NULL, true },
    { "too many parameters", "/?1&2&3&4&5&6&7&8&9&a&b&c&d&e&f&g&h", TARGET_OK, "", NULL, true },

    { "nothing", "", TARGET_MALFORMED, NULL, NULL, false },
    { "no slash", "a", TARGET_MALFORMED, NULL, NULL, false },
    { "asterisk form", "*", TARGET_MALFORMED, NULL, NULL, false },
    { "authority form", "x:80", TARGET_MALFORMED, NULL, NULL, false },
    { "another scheme", "ftp://x/a", TARGET_MALFORMED, NULL, NULL, false },
    { "absolute form without a host", "http:///a", TARGET_MALFORMED, NULL, NULL, false },
    { "a NUL", "/a%00", TARGET_NOWHERE, NULL, NULL, false },
    { "half an encoding", "/%4", TARGET_NOWHERE, NULL, NULL, false },
    { "a lone %", "/%", TARGET_NOWHERE, NULL, NULL, false },
    { "an encoding over a slash", "/%4/1", TARGET_NOWHERE, NULL, NULL, false },
    { "no hex", "/%g1", TARGET_NOWHERE, NULL, NULL, false },
    { "a blank", "/a b", TARGET_MALFORMED, NULL, NULL, false },
    { "a tab", "/a\tb", TARGET_MALFORMED, NULL, NULL, false },
    { "a byte beyond ASCII", "/\xC3\xA4", TARGET_MALFORMED, NULL, NULL, false },
    { "a fragment", "/a#b", TARGET_MALFORMED, NULL, NULL, false },
};

static void join(char *out, struct slice piece, const char *mark)
{
    assert_int_equal(strlen(piece.text), piece.length); /* its NUL is there */
    strcat(strcat(out, mark), piece.text);
}

static void it_is_parsed(void **state)
{
    const struct target_case *c = *state;
    struct target target;
    char segments[512] = "", query[512] = "";

    assert_int_equal(target_parse(c->raw, &target), c->result);
    for (size_t i = 0; c->segments && i < target.segment_count; i++)
        join(segments, target.segments[i], i ? "|" : "");
    for (size_t i = 0; c->query && i < target.parameter_count; i++) {
        join(query, target.parameters[i].name, i ? "|" : "");
        join(query, target.parameters[i].value, "=");
    }
    if (c->segments)
        assert_string_equal(segments, c->segments);
    if (c->query)
        assert_string_equal(query, c->query);
    assert_int_equal(target.query_malformed, c->query_malformed);
    target_done(&target);
}

static void the_path_for_the_log_is_without_its_query(void **state)
{
    (void)state;
    struct target target;

    assert_int_equal(target_parse("/reset%2d?token=secret", &target), TARGET_OK);
    assert_string_equal(target.path.text, "/reset%2d");
    assert_int_equal(target.path.length, strlen("/reset%2d"));
    target_done(&target);
}

static void more_segments_than_any_route_has_are_counted(void **state)
{
    (void)state;
    struct target target;

    assert_int_equal(target_parse("/1/2/3/4/5/6/7/8/9/10", &target), TARGET_OK);
    assert_int_equal(target.segment_count, 10);
    target_done(&target);
}

static void a_long_target_takes_memory_or_says_that_there_is_none(void **state)
{
    (void)state;
    struct target target;
    char raw[4 * TARGET_INLINE];

    snprintf(raw, sizeof raw, "/%0*d?a=%0*d", 2 * TARGET_INLINE, 1, TARGET_INLINE, 2);
    assert_int_equal(target_parse(raw, &target), TARGET_OK);
    assert_int_equal(target.segments[0].length, 2 * TARGET_INLINE);
    assert_int_equal(target.parameters[0].value.length, TARGET_INLINE);
    target_done(&target);

    oom_fail_at(1);
    const enum target_result result = target_parse(raw, &target);
    assert_true(oom_stop());
    assert_int_equal(result, TARGET_NO_MEMORY);
    target_done(&target);
}

/* Right below and above the size that fits inside. */
static void each_length_fits_its_memory(void **state)
{
    (void)state;
    char raw[2 * TARGET_INLINE];
    struct target target;

    for (size_t length = 1; length < sizeof raw - 1; length++) {
        memset(raw, '/', length);
        raw[length] = '\0';
        assert_int_equal(target_parse(raw, &target), TARGET_OK);
        target_done(&target);
    }
}

/* Names without values take the most memory for what was sent: a NUL for every other byte. */
static void parameters_without_values_fit_their_memory(void **state)
{
    (void)state;
    static const char query[] = "?a&b&c&d&e&f&g&h&i&j&k&l&m&n&o&p";
    char raw[4 * TARGET_INLINE];

    for (int digits = 1; digits < 2 * TARGET_INLINE; digits++) {
        struct target *target = malloc(sizeof *target);
        assert_non_null(target);
        snprintf(raw, sizeof raw, "/%0*d%s", digits, 1, query);
        assert_int_equal(target_parse(raw, target), TARGET_OK);
        assert_false(target->query_malformed);
        assert_int_equal(target->parameter_count, PARAMETERS_MAX);
        const struct parameter *last = &target->parameters[PARAMETERS_MAX - 1];
        assert_string_equal(last->name.text, "p");
        assert_string_equal(last->value.text, "");
        assert_true(target->memory != target->inlined ||
                    last->name.text + 2 <= target->inlined + sizeof target->inlined);
        target_done(target);
        free(target);
    }
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_ROWS(&tests, it_is_parsed, cases);
    ADD_TEST(&tests, the_path_for_the_log_is_without_its_query);
    ADD_TEST(&tests, more_segments_than_any_route_has_are_counted);
    ADD_TEST(&tests, a_long_target_takes_memory_or_says_that_there_is_none);
    ADD_TEST(&tests, each_length_fits_its_memory);
    ADD_TEST(&tests, parameters_without_values_fit_their_memory);
    return tests_run("target", &tests);
}
