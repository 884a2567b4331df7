/* States -> answers: the bytes that contract.md promises. */
#include "unit/support/tests.h"

#include <stdlib.h>
#include <string.h>

#include "http/encode.h"
#include "http/states.h"
#include "unit/support/oom.h"

#define USER_TEXT                                                                                  \
    "{\"photo\":\"default.jpg\",\"role\":\"player\",\"active\":true,"                              \
    "\"_id\":\"0123456789abcdef01234567\",\"username\":\"Alice\",\"firstName\":\"Ålice\","        \
    "\"lastName\":\"O\\\"Neil\",\"email\":\"alice@example.org\",\"phone\":\"+35799123456\","       \
    "\"__v\":3}"

static struct user alice(void)
{
    struct user user = { .username = "Alice",
                         .first_name = "Ålice",
                         .last_name = "O\"Neil",
                         .email = "alice@example.org",
                         .phone = "+35799123456",
                         .photo = "default.jpg",
                         .role = ROLE_PLAYER,
                         .active = true,
                         .version = 3 };

    assert_true(id_parse("0123456789abcdef01234567", ID_HEX, &user.id));
    return user;
}

static struct token_pair pair(void)
{
    struct token_pair pair = { .refresh = { "refresh" }, .expires_in_s = 3600 };

    buffer_text(&pair.access, "access");
    return pair;
}

static void assert_answer(route_encode *encode, const void *state, int status, const char *body)
{
    struct response response = { 0 };

    encode(state, &response);
    assert_int_equal(response.problem.type, PROBLEM_NONE);
    assert_int_equal(response.status, status);
    if (body)
        assert_string_equal(response.body.data, body);
    else
        assert_int_equal(response.body.length, 0);
    response_done(&response);
}

static void assert_problem(route_encode *encode, const void *state, enum problem_type type)
{
    struct response response = { 0 };

    encode(state, &response);
    assert_int_equal(response.problem.type, type);
    assert_non_null(response.problem.detail);
    assert_int_equal(response.body.length, 0);
    response_done(&response);
}

#define PAIR_TEXT                                                                                  \
    "{\"status\":\"success\",\"token\":\"access\",\"refreshToken\":\"refresh\",\"expiresIn\":3600"

static void a_sign_up_is_201_with_pair_and_user(void **state)
{
    (void)state;
    struct signup_state s = { .signup = {
                                  .result = SIGNUP_DONE, .user = alice(), .pair = pair() } };

    assert_answer(signup_encode, &s, 201, PAIR_TEXT ",\"data\":{\"user\":" USER_TEXT "}}");
    s.signup.result = SIGNUP_NAME_TAKEN;
    assert_problem(signup_encode, &s, PROBLEM_USER_EXISTS);
    token_pair_done(&s.signup.pair);
}

static void a_login_is_200_with_pair_and_user(void **state)
{
    (void)state;
    struct login_state s = { .login = { .result = LOGIN_DONE, .user = alice(), .pair = pair() } };

    assert_answer(login_encode, &s, 200, PAIR_TEXT ",\"data\":{\"user\":" USER_TEXT "}}");
    token_pair_done(&s.login.pair);
}

/* Nobody learns which of the three it was. */
static void a_refused_login_is_always_the_same(void **state)
{
    (void)state;
    static const enum login_result refusals[] = { LOGIN_UNKNOWN, LOGIN_WRONG, LOGIN_INACTIVE };
    const char *detail = NULL;

    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const struct login_state s = { .login = { .result = refusals[i] } };
        struct response response = { 0 };
        login_encode(&s, &response);
        assert_int_equal(response.problem.type, PROBLEM_INVALID_CREDENTIALS);
        if (detail)
            assert_string_equal(response.problem.detail, detail);
        detail = response.problem.detail;
        assert_int_equal(response.header_count, 0);
        response_done(&response);
    }
}

static const struct refresh_case {
    const char *name;
    enum refresh_result result;
    bool given;
} refresh_cases[] = {
    { "refresh: rotated", REFRESH_ROTATED, true },
    { "refresh: replayed", REFRESH_REPLAYED, true },
    { "refresh: refused", REFRESH_REFUSED, false },
    { "refresh: reused", REFRESH_REUSED, false },
};

static void a_refresh_is_a_pair_or_401(void **state)
{
    const struct refresh_case *c = *state;
    struct refresh_state s = { .refresh = { .result = c->result, .pair = pair() } };

    if (c->given)
        assert_answer(refresh_encode, &s, 200, PAIR_TEXT "}");
    else
        assert_problem(refresh_encode, &s, PROBLEM_INVALID_TOKEN);
    token_pair_done(&s.refresh.pair);
}

static void a_logout_is_204(void **state)
{
    (void)state;
    const struct logout_state s = { .failure = { PROBLEM_NONE } };

    assert_answer(logout_encode, &s, 204, NULL);
}

static void me_is_the_user_or_401(void **state)
{
    (void)state;
    struct me_state s = { .get = { .found = true, .user = alice() } };

    assert_answer(me_encode, &s, 200, "{\"status\":\"success\",\"data\":{\"user\":" USER_TEXT "}}");
    s.get.found = false;
    assert_problem(me_encode, &s, PROBLEM_INVALID_TOKEN);
}

static void an_inactive_admin_is_shown_as_such(void **state)
{
    (void)state;
    struct user user = alice();

    user.role = ROLE_ADMIN;
    user.active = false;
    json_t *tree = user_json(&user);
    assert_string_equal(json_string_value(json_object_get(tree, "role")), "admin");
    assert_true(json_is_false(json_object_get(tree, "active")));
    assert_int_equal(json_object_size(tree), 10);
    json_decref(tree);
}

/* A failure is told whatever the rest of the state says. */
static void a_failure_is_a_problem_on_every_route(void **state)
{
    (void)state;
    static const enum problem_type types[] = { PROBLEM_NOT_ACCEPTED, PROBLEM_OUTCOME_UNKNOWN,
                                               PROBLEM_INTERNAL };

    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        const struct failure failure = { types[i] };
        const struct signup_state signup = { .failure = failure };
        const struct login_state login = { .failure = failure };
        const struct refresh_state refresh = { .failure = failure };
        const struct logout_state logout = { .failure = failure };
        const struct me_state me = { .failure = failure };
        assert_problem(signup_encode, &signup, types[i]);
        assert_problem(login_encode, &login, types[i]);
        assert_problem(refresh_encode, &refresh, types[i]);
        assert_problem(logout_encode, &logout, types[i]);
        assert_problem(me_encode, &me, types[i]);
    }
}

static void no_memory_gives_no_half_answer(void **state)
{
    (void)state;
    struct login_state s = { .login = { .result = LOGIN_DONE, .user = alice(), .pair = pair() } };
    bool failed = true;

    for (unsigned n = 1; failed; n++) {
        struct response response = { 0 };
        oom_fail_at(n);
        login_encode(&s, &response);
        failed = oom_stop();
        assert_int_equal(response.body.failed, failed);
        response_done(&response);
    }
    token_pair_done(&s.login.pair);
}

int main(void)
{
    struct tests tests = { 0 };

    json_set_alloc_funcs(malloc, free); /* those that can be made to fail */
    ADD_TEST(&tests, a_sign_up_is_201_with_pair_and_user);
    ADD_TEST(&tests, a_login_is_200_with_pair_and_user);
    ADD_TEST(&tests, a_refused_login_is_always_the_same);
    ADD_ROWS(&tests, a_refresh_is_a_pair_or_401, refresh_cases);
    ADD_TEST(&tests, a_logout_is_204);
    ADD_TEST(&tests, me_is_the_user_or_401);
    ADD_TEST(&tests, an_inactive_admin_is_shown_as_such);
    ADD_TEST(&tests, a_failure_is_a_problem_on_every_route);
    ADD_TEST(&tests, no_memory_gives_no_half_answer);
    return tests_run("encode", &tests);
}
