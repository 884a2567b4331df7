/* What encode functions do to a response. */
#include "unit/support/tests.h"

#include <string.h>

#include "http/response.h"

static void json_is_status_and_body(void **state)
{
    (void)state;
    struct response response = { 0 };

    response_json(&response, 201, json_pack("{s:i}", "a", 1));
    assert_int_equal(response.status, 201);
    assert_string_equal(response.body.data, "{\"a\":1}");
    assert_false(response.body.failed);
    response_done(&response);
    assert_null(response.body.data);
}

static void a_tree_that_was_never_made_is_remembered(void **state)
{
    (void)state;
    struct response response = { 0 };

    response_json(&response, 200, NULL);
    assert_true(response.body.failed);
    response_done(&response);
}

static void headers_are_copied(void **state)
{
    (void)state;
    struct response response = { 0 };
    char longest[RESPONSE_HEADER_VALUE_MAX];

    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    response_header(&response, "ETag", "\"1\"");
    response_header(&response, "Location", longest);
    longest[0] = 'y';
    assert_int_equal(response.header_count, 2);
    assert_string_equal(response.headers[0].value, "\"1\"");
    assert_int_equal(response.headers[1].value[0], 'x');
    assert_int_equal(strlen(response.headers[1].value), RESPONSE_HEADER_VALUE_MAX - 1);
    response_done(&response);
}

static void a_problem_is_the_answer(void **state)
{
    (void)state;
    struct response response = { 0 };

    response_problem(&response, PROBLEM_NOT_FOUND, "No such user.");
    assert_int_equal(response.problem.type, PROBLEM_NOT_FOUND);
    assert_string_equal(response.problem.detail, "No such user.");
    response_done(&response);
    assert_int_equal(response.problem.type, PROBLEM_NONE);
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_TEST(&tests, json_is_status_and_body);
    ADD_TEST(&tests, a_tree_that_was_never_made_is_remembered);
    ADD_TEST(&tests, headers_are_copied);
    ADD_TEST(&tests, a_problem_is_the_answer);
    return tests_run("response", &tests);
}
