/* POST /forgot-password, POST /reset-password: bodies to requests, results to answers. */
#include "unit/common/http/request_making.h"

#include <string.h>

#include "http/recovery_routes.h"

static const struct body_case {
    const char *name, *body, *faults;
} forgot_cases[] = {
    { "forgot: good", "{\"email\":\"A@b\"}", "" },
    { "forgot: nothing", "{}", "/email:required " },
    { "forgot: no address", "{\"email\":\"a\"}", "/email:format " },
    { "forgot: a line break", "{\"email\":\"a@b\\r\\nBcc: x@y\"}", "/email:format " },
    { "forgot: no text", "{\"email\":null}", "/email:type " },
    { "forgot: more", "{\"email\":\"a@b\",\"url\":\"http://evil\"}", "/url:unknown " },
};

#define BODY(token, password, confirmation)                                                        \
    "{\"token\":" token ",\"password\":" password ",\"passwordConfirm\":" confirmation "}"

static const struct body_case reset_cases[] = {
    { "reset: good", BODY("\"x\"", "\"correct horse\"", "\"correct horse\""), "" },
    { "reset: an empty token", BODY("\"\"", "\"correct horse\"", "\"correct horse\""), "" },
    { "reset: short", BODY("\"x\"", "\"short\"", "\"short\""), "/password:too-short " },
    { "reset: common", BODY("\"x\"", "\"password1\"", "\"password1\""),
      "/password:common-password " },
    { "reset: confirmed otherwise", BODY("\"x\"", "\"correct horse\"", "\"correct cow\""),
      "/passwordConfirm:mismatch " },
    { "reset: nothing", "{}", "/token:required /password:required /passwordConfirm:required " },
    { "reset: no text", BODY("1", "2", "3"), "/token:type /password:type /passwordConfirm:type " },
};

static void assert_decodes(route_decode *decode, const struct body_case *c, void *state)
{
    const struct request request = { .body = slice_of(c->body), .peer = "192.0.2.1" };
    struct problem problem = { .type = PROBLEM_NONE };
    char told[512];
    const bool good = decode(&request, state, &problem);

    faults_text(&problem, told, sizeof told);
    assert_string_equal(told, c->faults);
    assert_int_equal(good, !*c->faults);
    problem_done(&problem);
}

static void forgetting_tells_all_faults(void **state)
{
    const struct body_case *c = *state;
    struct forgot_password_state s = { .failure = { PROBLEM_NONE } };

    assert_decodes(forgot_password_decode, c, &s);
    if (*c->faults)
        return;
    assert_string_equal(s.email, "A@b");
    assert_string_equal(s.source.text, "192.0.2.1");
}

static void resetting_tells_all_faults(void **state)
{
    const struct body_case *c = *state;
    struct reset_password_state s = { .failure = { PROBLEM_NONE } };

    assert_decodes(reset_password_decode, c, &s);
    if (*c->faults)
        return;
    assert_string_equal(s.reset.password, "correct horse");
    assert_string_equal(s.reset.source.text, "192.0.2.1");
}

/* Longer than any of ours: it is no fault of the body, and no token. */
static void a_long_token_is_none(void **state)
{
    (void)state;
    char body[512], token[REFRESH_TOKEN_LENGTH + 2];
    struct reset_password_state s = { .failure = { PROBLEM_NONE } };

    memset(token, 'A', sizeof token);
    for (size_t length = REFRESH_TOKEN_LENGTH + 1; length >= REFRESH_TOKEN_LENGTH; length--) {
        token[length] = '\0';
        snprintf(body, sizeof body, BODY("\"%s\"", "\"correct horse\"", "\"correct horse\""),
                 token);
        assert_decodes(reset_password_decode, &(struct body_case){ "", body, "" }, &s);
        assert_int_equal(strlen(s.reset.token.text),
                         length > REFRESH_TOKEN_LENGTH ? 0 : REFRESH_TOKEN_LENGTH);
    }
}

/* --- Answers. --- */

static const struct result_case {
    const char *name;
    struct failure failure;
    enum change_result result;
    enum problem_type type;
} result_cases[] = {
    { "result: done", { PROBLEM_NONE }, CHANGE_DONE, PROBLEM_NONE },
    { "result: no token", { PROBLEM_NONE }, CHANGE_GONE, PROBLEM_RESET_TOKEN_INVALID },
    { "result: a name", { PROBLEM_NONE }, CHANGE_PASSWORD_IS_NAME, PROBLEM_INVALID_REQUEST },
    { "result: failed", { PROBLEM_NOT_ACCEPTED }, CHANGE_DONE, PROBLEM_NOT_ACCEPTED },
};

static void a_result_is_told(void **state)
{
    const struct result_case *c = *state;
    const struct reset_password_state s = { .failure = c->failure, .reset.result = c->result };
    struct response response = { 0 };
    char told[128];

    reset_password_encode(&s, &response);
    assert_int_equal(response.problem.type, c->type);
    if (c->type == PROBLEM_NONE)
        assert_int_equal(response.status, 204);
    faults_text(&response.problem, told, sizeof told);
    assert_string_equal(told,
                        c->result == CHANGE_PASSWORD_IS_NAME ? "/password:common-password " : "");
    response_done(&response);
}

static void whoever_asked_is_told_the_same(void **state)
{
    (void)state;
    const struct forgot_password_state done = { .email = "a@b" };
    const struct forgot_password_state failed = { .failure = { PROBLEM_OUTCOME_UNKNOWN } };
    struct response response = { 0 }, failure = { 0 };

    forgot_password_encode(&done, &response);
    assert_int_equal(response.status, 202);
    assert_string_equal(response.body.data, "{\"status\":\"success\"}");
    forgot_password_encode(&failed, &failure);
    assert_int_equal(failure.problem.type, PROBLEM_OUTCOME_UNKNOWN);
    response_done(&response);
    response_done(&failure);
}

static void secrets_are_wiped(void **state)
{
    (void)state;
    struct reset_password_state s = { .reset = { .token = { "token" }, .password = "secret" } };
    static const struct reset_password_state wiped;

    reset_password_release(&s);
    assert_memory_equal(&s, &wiped, sizeof s);
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_ROWS(&tests, forgetting_tells_all_faults, forgot_cases);
    ADD_ROWS(&tests, resetting_tells_all_faults, reset_cases);
    ADD_TEST(&tests, a_long_token_is_none);
    ADD_ROWS(&tests, a_result_is_told, result_cases);
    ADD_TEST(&tests, whoever_asked_is_told_the_same);
    ADD_TEST(&tests, secrets_are_wiped);
    return tests_run("recovery_routes", &tests);
}
