/* The table of problems is the contract's, and what is written is RFC 9457. */
#include "unit/support/tests.h"

#include <jansson.h>
#include <string.h>

#include "http/problem.h"
#include "http/respond.h"
#include "unit/support/oom.h"

static const struct kind_case {
    const char *name; /* the slug */
    enum problem_type type;
    int status;
    bool retryable;
} cases[] = {
    { "invalid-request", PROBLEM_INVALID_REQUEST, 400, false },
    { "malformed-json", PROBLEM_MALFORMED_JSON, 400, false },
    { "request-id-required", PROBLEM_REQUEST_ID_REQUIRED, 400, false },
    { "invalid-request", PROBLEM_MALFORMED_REQUEST, 400, false },
    { "invalid-token", PROBLEM_INVALID_TOKEN, 401, false },
    { "invalid-credentials", PROBLEM_INVALID_CREDENTIALS, 401, false },
    { "forbidden", PROBLEM_FORBIDDEN, 403, false },
    { "wrong-password", PROBLEM_WRONG_PASSWORD, 403, false },
    { "not-found", PROBLEM_NOT_FOUND, 404, false },
    { "method-not-allowed", PROBLEM_METHOD_NOT_ALLOWED, 405, false },
    { "request-timeout", PROBLEM_REQUEST_TIMEOUT, 408, true },
    { "user-exists", PROBLEM_USER_EXISTS, 409, false },
    { "last-admin", PROBLEM_LAST_ADMIN, 409, false },
    { "reset-token-invalid", PROBLEM_RESET_TOKEN_INVALID, 410, false },
    { "precondition-failed", PROBLEM_PRECONDITION_FAILED, 412, false },
    { "body-too-large", PROBLEM_BODY_TOO_LARGE, 413, false },
    { "unsupported-media-type", PROBLEM_UNSUPPORTED_MEDIA_TYPE, 415, false },
    { "unsupported-media-type", PROBLEM_UNSUPPORTED_CODING, 415, false },
    { "request-id-reused", PROBLEM_REQUEST_ID_REUSED, 422, false },
    { "throttled", PROBLEM_THROTTLED, 429, true },
    { "internal", PROBLEM_INTERNAL, 500, false },
    { "not-accepted", PROBLEM_NOT_ACCEPTED, 503, true },
    { "outcome-unknown", PROBLEM_OUTCOME_UNKNOWN, 503, true },
};

static void it_is_written(void **state)
{
    const struct kind_case *c = *state;
    const struct problem problem = { .type = c->type, .detail = "Do something else." };
    AUTO(buffer) struct buffer out = { 0 };
    const char *type, *title, *detail, *instance;
    int status, retryable;

    assert_int_equal(problem_kind(c->type)->status, c->status);
    problem_write(&problem, "a\"b", &out);
    assert_false(out.failed);
    AUTO(json) json_t *tree = json_loadb(out.data, out.length, 0, NULL);
    assert_int_equal(json_unpack(tree, "{s:s, s:s, s:i, s:s, s:s, s:b !}", "type", &type, "title",
                                 &title, "status", &status, "detail", &detail, "instance",
                                 &instance, "retryable", &retryable),
                     0);
    assert_memory_equal(type, "/problems/", 10);
    assert_string_equal(type + 10, c->name);
    assert_true(strlen(title) > 0);
    assert_int_equal(status, c->status);
    assert_int_equal(retryable, c->retryable);
    assert_string_equal(detail, "Do something else.");
    assert_string_equal(instance, "a\"b");
}

static void every_type_has_a_case(void **state)
{
    (void)state;
    assert_int_equal(sizeof cases / sizeof *cases, PROBLEM_TYPES - 1);
}

static void faults_are_written_all_at_once(void **state)
{
    (void)state;
    struct problem problem = { .type = PROBLEM_INVALID_REQUEST, .detail = "Mend it." };
    AUTO(buffer) struct buffer out = { 0 };

    faults_add(&problem.faults, "/price", "required", "give one");
    faults_add(&problem.faults, "/x", "unknown", "leave it out");
    problem_write(&problem, "id", &out);
    assert_non_null(strstr(
        out.data, "\"errors\":[{\"pointer\":\"/price\",\"code\":\"required\",\"detail\":\"give "
                  "one\"},{\"pointer\":\"/x\",\"code\":\"unknown\",\"detail\":\"leave it out\"}]"));
    problem_done(&problem);
    assert_false(faults_any(&problem.faults));
    assert_int_equal(problem.type, PROBLEM_NONE);
}

static void setting_one_says_false(void **state)
{
    (void)state;
    struct problem problem = { 0 };

    assert_false(problem_set(&problem, PROBLEM_FORBIDDEN, "No."));
    assert_int_equal(problem.type, PROBLEM_FORBIDDEN);
    assert_string_equal(problem.detail, "No.");
}

static void no_memory_is_remembered(void **state)
{
    (void)state;
    const struct problem problem = { .type = PROBLEM_INTERNAL };

    json_set_alloc_funcs(malloc, free);
    for (unsigned n = 1;; n++) {
        AUTO(buffer) struct buffer out = { 0 };
        oom_fail_at(n);
        problem_write(&problem, "id", &out);
        if (!oom_stop()) {
            assert_false(out.failed);
            break;
        }
        assert_true(out.failed);
    }
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_ROWS(&tests, it_is_written, cases);
    ADD_TEST(&tests, every_type_has_a_case);
    ADD_TEST(&tests, faults_are_written_all_at_once);
    ADD_TEST(&tests, setting_one_says_false);
    ADD_TEST(&tests, no_memory_is_remembered);
    return tests_run("problem", &tests);
}
