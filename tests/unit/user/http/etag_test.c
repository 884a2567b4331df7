/* If-Match as RFC 9110 has it: lists, *, weak tags, and what is none. */
#include "unit/common/http/request_making.h"

#include "http/etag.h"

static const struct match_case {
    const char *name, *lines[3];
    bool any;
    size_t count;
    uint32_t versions[3];
} match_cases[] = {
    { "match: not given", { NULL }, false, 0, { 0 } },
    { "match: any", { "*" }, true, 0, { 0 } },
    { "match: one", { "\"3\"" }, false, 1, { 3 } },
    { "match: the first and the last version",
      { "\"0\",\"4294967295\"" },
      false,
      2,
      { 0, UINT32_MAX } },
    { "match: a list", { "\"1\", \"2\" ,\t\"3\"" }, false, 3, { 1, 2, 3 } },
    { "match: several lines", { "\"1\"", "\"2\"" }, false, 2, { 1, 2 } },
    { "match: empty elements", { ", \"1\",, \"2\" ," }, false, 2, { 1, 2 } },
    { "match: an empty list", { "" }, false, 0, { 0 } },
    { "match: a weak tag never", { "W/\"3\", \"4\"" }, false, 1, { 4 } },
    { "match: tags that are none of ours",
      { "\"x\", \"\", \"a,b\", \"\xC3\xA4\", \"5\"" },
      false,
      1,
      { 5 } },
    { "match: other texts of the number", { "\"01\", \"+1\", \"1 \", \"1.0\"" }, false, 0, { 0 } },
    { "match: beyond any version", { "\"4294967296\", \"99999999999\"" }, false, 0, { 0 } },
    { "match: no quotes", { "3" }, false, 0, { 0 } },
    { "match: one quote", { "\"3" }, false, 0, { 0 } },
    { "match: no comma", { "\"3\" \"4\"" }, false, 0, { 0 } },
    { "match: a malformed one spoils all", { "\"3\"", "4" }, false, 0, { 0 } },
    { "match: any among others", { "*, \"3\"" }, false, 0, { 0 } },
    { "match: any in a second line", { "\"3\"", "*" }, false, 0, { 0 } },
    { "match: lower-case weak", { "w/\"3\"" }, false, 0, { 0 } },
    { "match: a delete in the tag", { "\"3\x7F\"" }, false, 0, { 0 } },
};

static void a_condition_is_read(void **state)
{
    const struct match_case *c = *state;
    struct request request = { .peer = NULL };
    struct expected_versions expected = { .count = 99 };
    struct problem problem = { .type = PROBLEM_NONE };

    for (size_t i = 0; c->lines[i]; i++)
        add_header(&request, i ? "if-match" : "If-Match", c->lines[i]);
    assert_true(if_match_read(&request, &expected, &problem));
    assert_int_equal(expected.given, c->lines[0] != NULL);
    assert_int_equal(expected.any, c->any);
    assert_int_equal(expected.count, c->count);
    for (size_t i = 0; i < c->count; i++)
        assert_int_equal(expected.versions[i], c->versions[i]);
}

#define FOUR(tag) tag "," tag "," tag "," tag

static void a_list_is_bounded(void **state)
{
    (void)state;
    struct request request = { .peer = NULL };
    struct expected_versions expected = { .given = false };
    struct problem problem = { .type = PROBLEM_NONE };

    add_header(&request, "If-Match", FOUR(FOUR("\"7\"")));
    assert_true(if_match_read(&request, &expected, &problem));
    assert_int_equal(expected.count, EXPECTED_VERSIONS_MAX);
    add_header(&request, "If-Match", "W/\"7\"");
    assert_true(if_match_read(&request, &expected, &problem)); /* it could match nothing */
    add_header(&request, "If-Match", "\"8\"");
    assert_false(if_match_read(&request, &expected, &problem));
    assert_int_equal(problem.type, PROBLEM_INVALID_REQUEST);
    problem_done(&problem);
}

static void a_tag_is_the_version_in_quotes(void **state)
{
    (void)state;
    struct response response = { 0 };

    etag_add(&response, 0);
    etag_add(&response, UINT32_MAX);
    assert_string_equal(response.headers[0].name, "ETag");
    assert_string_equal(response.headers[0].value, "\"0\"");
    assert_string_equal(response.headers[1].value, "\"4294967295\"");
    response_done(&response);
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_ROWS(&tests, a_condition_is_read, match_cases);
    ADD_TEST(&tests, a_list_is_bounded);
    ADD_TEST(&tests, a_tag_is_the_version_in_quotes);
    return tests_run("etag", &tests);
}
