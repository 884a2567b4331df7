/* PATCH /me, DELETE /me, POST /me/password: bodies to requests, results to answers. */
#include "unit/common/http/request_making.h"

#include "http/me_routes.h"

static struct request request_of(const char *body)
{
    return (struct request){ .body = slice_of(body),
                             .peer = "192.0.2.1",
                             .caller = { .user_id = { { 1, 2, 3 } } } };
}

/* Decodes; the faults must be these ("": the body is good). */
static void assert_decodes(route_decode *decode, const char *body, void *state, const char *faults)
{
    const struct request request = request_of(body);
    struct problem problem = { .type = PROBLEM_NONE };
    char told[512];
    const bool good = decode(&request, state, &problem);

    faults_text(&problem, told, sizeof told);
    assert_string_equal(told, faults);
    assert_int_equal(good, !*faults);
    assert_int_equal(problem.type, good ? PROBLEM_NONE : PROBLEM_INVALID_REQUEST);
    problem_done(&problem);
}

static void assert_is_caller(const struct actor *actor)
{
    const struct id caller = { { 1, 2, 3 } };

    assert_true(id_equal(&actor->user_id, &caller));
    assert_string_equal(actor->source.text, "192.0.2.1");
}

/* --- PATCH /me. --- */

static const struct body_case {
    const char *name, *body, *faults;
} change_cases[] = {
    { "change: nothing", "{}", "" },
    { "change: names", "{\"firstName\":\"A\",\"lastName\":\"L\"}", "" },
    { "change: an e-mail", "{\"email\":\"a@b\",\"currentPassword\":\"x\"}", "" },
    { "change: a password for nothing", "{\"photo\":\"a.jpg\",\"currentPassword\":\"x\"}", "" },
    { "change: an e-mail, no password", "{\"email\":\"a@b\"}", "/currentPassword:required " },
    { "change: a bad e-mail, no password", "{\"email\":\"a\"}",
      "/email:format /currentPassword:required " },
    { "change: an e-mail, no text", "{\"email\":\"a@b\",\"currentPassword\":7}",
      "/currentPassword:type " },
    { "change: null", "{\"phone\":null}", "/phone:type " },
    { "change: all bad",
      "{\"firstName\":\"\",\"lastName\":1,\"phone\":\"123456789\",\"photo\":\"\",\"email\":1}",
      "/firstName:too-short /lastName:type /phone:format /photo:too-short /email:type "
      "/currentPassword:required " },
    { "change: a photo that steers text", "{\"photo\":\"a\\u202egpj.exe\"}", "/photo:format " },
    { "change: what an admin may", "{\"role\":\"admin\",\"active\":true,\"username\":\"abc\"}",
      "/role:unknown /active:unknown /username:unknown " },
    { "change: what nobody may", "{\"_id\":\"x\",\"__v\":1,\"password\":\"x\",\"epoch\":0}",
      "/_id:unknown /__v:unknown /password:unknown /epoch:unknown " },
    { "change: no object", "[]", ":type " },
};

static void a_change_tells_all_faults(void **state)
{
    const struct body_case *c = *state;
    struct change_me_state s = { .failure = { PROBLEM_NONE } };

    assert_decodes(change_me_decode, c->body, &s, c->faults);
}

static void a_change_has_what_was_given(void **state)
{
    (void)state;
    struct change_me_state s = { .failure = { PROBLEM_NONE } };
    const struct user_change *change = &s.change.change;

    assert_decodes(change_me_decode,
                   "{\"firstName\":\"A\",\"email\":\"a@b\",\"currentPassword\":\"secret\"}", &s,
                   "");
    assert_is_caller(&s.change.actor);
    assert_true(change->given.first_name && change->given.email);
    assert_false(change->given.last_name || change->given.phone || change->given.photo ||
                 change->given.username || change->given.role || change->given.active);
    assert_string_equal(change->first_name, "A");
    assert_string_equal(change->email, "a@b");
    assert_true(s.change.password_given);
    assert_string_equal(s.change.current_password, "secret");
}

/* An empty password is one too, and a wrong one. */
static void a_password_is_given_when_it_is_sent(void **state)
{
    (void)state;
    struct change_me_state sent = { 0 }, not_sent = { 0 };

    assert_decodes(change_me_decode, "{\"currentPassword\":\"\"}", &sent, "");
    assert_true(sent.change.password_given);
    assert_decodes(change_me_decode, "{\"firstName\":\"A\"}", &not_sent, "");
    assert_false(not_sent.change.password_given);
}

/* --- POST /me/password. --- */

#define BODY(current, password, confirmation)                                                      \
    "{\"currentPassword\":" current ",\"password\":" password ",\"passwordConfirm\":" confirmation \
    "}"

static const struct body_case password_cases[] = {
    { "password: good", BODY("\"x\"", "\"correct horse\"", "\"correct horse\""), "" },
    { "password: short", BODY("\"x\"", "\"short\"", "\"short\""), "/password:too-short " },
    { "password: common", BODY("\"x\"", "\"password1\"", "\"password1\""),
      "/password:common-password " },
    { "password: confirmed otherwise", BODY("\"x\"", "\"correct horse\"", "\"correct cow\""),
      "/passwordConfirm:mismatch " },
    { "password: nothing", "{}",
      "/currentPassword:required /password:required /passwordConfirm:required " },
    { "password: no text", BODY("1", "2", "3"),
      "/currentPassword:type /password:type /passwordConfirm:type " },
};

static void a_new_password_tells_all_faults(void **state)
{
    const struct body_case *c = *state;
    struct change_password_state s = { .failure = { PROBLEM_NONE } };

    assert_decodes(change_password_decode, c->body, &s, c->faults);
    if (*c->faults)
        return;
    assert_is_caller(&s.change.actor);
    assert_string_equal(s.change.current_password, "x");
    assert_string_equal(s.change.password, "correct horse");
}

static void leaving_is_the_callers(void **state)
{
    (void)state;
    struct deactivate_me_state s = { .failure = { PROBLEM_NONE } };

    assert_decodes(deactivate_me_decode, "", &s, "");
    assert_is_caller(&s.deactivate.actor);
}

/* --- Answers. --- */

static const struct result_case {
    const char *name;
    enum change_result result;
    enum problem_type type;
} result_cases[] = {
    { "result: done", CHANGE_DONE, PROBLEM_NONE },
    { "result: nothing to do", CHANGE_NONE, PROBLEM_NONE },
    { "result: gone", CHANGE_GONE, PROBLEM_INVALID_TOKEN },
    { "result: taken", CHANGE_NAME_TAKEN, PROBLEM_USER_EXISTS },
    { "result: the last admin", CHANGE_LAST_ADMIN, PROBLEM_LAST_ADMIN },
    { "result: wrong", CHANGE_WRONG_PASSWORD, PROBLEM_WRONG_PASSWORD },
    { "result: throttled", CHANGE_THROTTLED, PROBLEM_THROTTLED },
    { "result: a name", CHANGE_PASSWORD_IS_NAME, PROBLEM_INVALID_REQUEST },
};

static struct response encoded(route_encode *encode, const void *state)
{
    struct response response = { 0 };

    encode(state, &response);
    return response;
}

static void a_result_has_its_answer(void **state)
{
    const struct result_case *c = *state;
    struct change_me_state change = { .change = { .result = c->result, .wait_s = 17 } };
    struct deactivate_me_state off = { .deactivate = { .result = c->result } };
    struct change_password_state password = { .change = { .result = c->result, .wait_s = 18 } };
    const bool done = c->type == PROBLEM_NONE;
    struct response answers[3];
    char faults[64];

    buffer_text(&password.change.pair.access, "access");
    answers[0] = encoded(change_me_encode, &change);
    answers[1] = encoded(deactivate_me_encode, &off);
    answers[2] = encoded(change_password_encode, &password);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(answers[i].problem.type, c->type);
        assert_int_equal(answers[i].status, done ? (i == 1 ? 204 : 200) : 0);
        assert_int_equal(answers[i].body.length > 0, done && i != 1);
        assert_int_equal(answers[i].problem.detail == NULL, done);
    }
    faults_text(&answers[2].problem, faults, sizeof faults);
    assert_string_equal(faults,
                        c->result == CHANGE_PASSWORD_IS_NAME ? "/password:common-password " : "");
    if (c->result == CHANGE_THROTTLED) {
        assert_int_equal(answers[0].problem.retry_after, 17);
        assert_int_equal(answers[2].problem.retry_after, 18);
    }
    for (size_t i = 0; i < 3; i++)
        response_done(&answers[i]);
    token_pair_done(&password.change.pair);
}

static void a_failure_is_a_problem(void **state)
{
    (void)state;
    const struct failure failure = { PROBLEM_OUTCOME_UNKNOWN };
    const struct change_me_state change = { .failure = failure };
    const struct deactivate_me_state off = { .failure = failure };
    const struct change_password_state password = { .failure = failure };
    struct response answers[] = { encoded(change_me_encode, &change),
                                  encoded(deactivate_me_encode, &off),
                                  encoded(change_password_encode, &password) };

    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(answers[i].problem.type, PROBLEM_OUTCOME_UNKNOWN);
        response_done(&answers[i]);
    }
}

static void secrets_are_wiped(void **state)
{
    (void)state;
    static const struct change_password_state no_password;
    static const struct change_me_state no_change;
    struct change_password_state password = { .change = { .current_password = "secret",
                                                          .password = "secret" } };
    struct change_me_state change = { .change = { .current_password = "secret" } };

    buffer_text(&password.change.pair.access, "access");
    change_password_release(&password);
    change_me_release(&change);
    assert_memory_equal(&password, &no_password, sizeof password);
    assert_memory_equal(&change, &no_change, sizeof change);
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_ROWS(&tests, a_change_tells_all_faults, change_cases);
    ADD_TEST(&tests, a_change_has_what_was_given);
    ADD_TEST(&tests, a_password_is_given_when_it_is_sent);
    ADD_ROWS(&tests, a_new_password_tells_all_faults, password_cases);
    ADD_TEST(&tests, leaving_is_the_callers);
    ADD_ROWS(&tests, a_result_has_its_answer, result_cases);
    ADD_TEST(&tests, a_failure_is_a_problem);
    ADD_TEST(&tests, secrets_are_wiped);
    return tests_run("me_routes", &tests);
}
