/* Routes of admins: requests to use cases, results to answers. */
#include "unit/common/http/request_making.h"

#include <stdlib.h>
#include "http/audit_routes.h"
#include "http/page.h"
#include "http/users_routes.h"
#include "unit/support/oom.h"

/* --- Lists. --- */

static const struct query_case {
    const char *name, *target, *faults;
} query_cases[] = {
    { "users: nothing", "/users", "" },
    { "users: all", "/users?limit=7&role=admin&active=false&username=O'Neil", "" },
    { "users: a role that is none", "/users?role=root", ":format " },
    { "users: an empty role", "/users?role=", ":format " },
    { "users: two roles", "/users?role=admin&role=admin", ":format " },
    { "users: active or not", "/users?active=1", ":format " },
    { "users: twice active", "/users?active=true&active=true", ":format " },
    { "users: an e-mail", "/users?username=a@b", ":format " },
    { "users: too short a name", "/users?username=ab", ":format " },
    { "users: too long a name",
      "/users?username=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      ":format " },
    { "users: a NUL", "/users?username=abc%00", ":format " },
    { "users: two names", "/users?username=abc&username=abd", ":format " },
    { "users: all bad", "/users?limit=0&cursor=x&role=x&active=x&username=x",
      ":range :format :format :format :format " },
};

static void filters_are_judged(void **state)
{
    const struct query_case *c = *state;
    struct list_users_state s = { .failure = { PROBLEM_NONE } };
    struct problem problem = { .type = PROBLEM_NONE };
    struct request request = { .peer = NULL };
    char faults[128];

    set_target(&request, c->target);
    const bool good = list_users_decode(&request, &s, &problem);
    faults_text(&problem, faults, sizeof faults);
    assert_string_equal(faults, c->faults);
    assert_int_equal(good, !*c->faults);
    problem_done(&problem);
    target_done(&request.target);
}

static void filters_are_taken_over(void **state)
{
    (void)state;
    struct list_users_state s = { .failure = { PROBLEM_NONE } };
    const struct user_query *query = &s.list.query;
    struct problem problem = { .type = PROBLEM_NONE };
    struct request request = { .peer = NULL };

    set_target(&request, query_cases[1].target);
    assert_true(list_users_decode(&request, &s, &problem));
    assert_int_equal(query->limit, 7);
    assert_true(query->by_role && query->role == ROLE_ADMIN);
    assert_true(query->by_active && !query->active);
    assert_true(query->by_username);
    assert_string_equal(query->username.text, "o'neil");
    assert_false(query->has_after);
    target_done(&request.target);
}

static const struct query_case audit_cases[] = {
    { "audit: nothing", "/audit", "" },
    { "audit: a user", "/audit?user=0123456789abcdef01234567&limit=200", "" },
    { "audit: no id", "/audit?user=me", ":format " },
    { "audit: an empty id", "/audit?user=", ":format " },
    { "audit: two users", "/audit?user=0123456789abcdef01234567&user=0123456789abcdef01234567",
      ":format " },
    { "audit: all bad", "/audit?limit=201&cursor=x&user=x", ":range :format :format " },
};

static void an_audit_query_is_judged(void **state)
{
    const struct query_case *c = *state;
    struct list_audit_state s = { .failure = { PROBLEM_NONE } };
    struct problem problem = { .type = PROBLEM_NONE };
    struct request request = { .peer = NULL };
    char faults[128];

    set_target(&request, c->target);
    const bool good = list_audit_decode(&request, &s, &problem);
    faults_text(&problem, faults, sizeof faults);
    assert_string_equal(faults, c->faults);
    assert_int_equal(good, !*c->faults);
    assert_true(!good || s.list.query.by_user == (strstr(c->target, "user") != NULL));
    problem_done(&problem);
    target_done(&request.target);
}

/* --- Bodies. --- */

#define NEW_USER(more)                                                                             \
    "{\"username\":\"bob\",\"firstName\":\"B\",\"lastName\":\"R\",\"phone\":\"+1234567\","         \
    "\"email\":\"b@r\",\"password\":\"correct horse\",\"passwordConfirm\":\"correct horse\"" more  \
    "}"

static const struct new_user_case {
    const char *name, *body, *faults;
    enum role role;
    bool active;
} new_user_cases[] = {
    { "new: as a sign-up", NEW_USER(""), "", ROLE_PLAYER, true },
    { "new: an admin", NEW_USER(",\"role\":\"admin\""), "", ROLE_ADMIN, true },
    { "new: inactive", NEW_USER(",\"active\":false"), "", ROLE_PLAYER, false },
    { "new: all bad", NEW_USER(",\"role\":\"root\",\"active\":\"yes\",\"__v\":3"),
      "/role:format /active:type /__v:unknown ", ROLE_PLAYER, true },
    { "new: no text", NEW_USER(",\"role\":1"), "/role:type ", ROLE_PLAYER, true },
    { "new: nothing", "{}",
      "/username:required /firstName:required /lastName:required /phone:required /email:required "
      "/password:required /passwordConfirm:required ",
      ROLE_PLAYER, true },
};

static void a_new_user_is_judged(void **state)
{
    const struct new_user_case *c = *state;
    struct create_user_state s = { .failure = { PROBLEM_NONE } };
    const struct request request = { .body = slice_of(c->body), .peer = "192.0.2.1" };
    struct problem problem = { .type = PROBLEM_NONE };
    char faults[512];

    const bool good = create_user_decode(&request, &s, &problem);
    faults_text(&problem, faults, sizeof faults);
    assert_string_equal(faults, c->faults);
    assert_int_equal(good, !*c->faults);
    problem_done(&problem);
    if (!good)
        return;
    assert_string_equal(s.create.wanted.username, "bob");
    assert_string_equal(s.create.wanted.password, "correct horse");
    assert_int_equal(s.create.role, c->role);
    assert_int_equal(s.create.active, c->active);
    assert_string_equal(s.create.actor.source.text, "192.0.2.1");
    create_user_release(&s);
    assert_int_equal(s.create.wanted.password[0], 0);
}

static void an_admin_changes_all_that_clients_see(void **state)
{
    (void)state;
    struct change_user_state s = { .failure = { PROBLEM_NONE } };
    const struct user_change *change = &s.change.change;
    struct request request = {
        .body = slice_of("{\"username\":\"bob\",\"firstName\":\"B\",\"lastName\":\"R\","
                         "\"phone\":\"+1234567\",\"photo\":\"b.jpg\",\"email\":\"b@r\","
                         "\"role\":\"admin\",\"active\":true}"),
        .id_parameter = { { 9 } },
        .peer = "192.0.2.1",
    };
    struct problem problem = { .type = PROBLEM_NONE };

    add_header(&request, "If-Match", "\"5\"");
    assert_true(change_user_decode(&request, &s, &problem));
    assert_true(id_equal(&s.change.user_id, &request.id_parameter));
    assert_int_equal(s.change.expected.versions[0], 5);
    assert_true(change->given.username && change->given.first_name && change->given.last_name &&
                change->given.phone && change->given.photo && change->given.email &&
                change->given.role && change->given.active);
    assert_string_equal(change->username, "bob");
    assert_string_equal(change->photo, "b.jpg");
    assert_int_equal(change->role, ROLE_ADMIN);
    assert_true(change->active);
}

static const struct query_case change_cases[] = {
    { "patch: nothing", "{}", "" },
    { "patch: all bad", "{\"username\":\"a\",\"role\":\"x\",\"active\":0,\"email\":\"x\"}",
      "/username:too-short /role:format /active:type /email:format " },
    { "patch: a password", "{\"password\":\"x\",\"currentPassword\":\"x\",\"_id\":\"x\"}",
      "/password:unknown /currentPassword:unknown /_id:unknown " },
};

static void a_patch_is_judged(void **state)
{
    const struct query_case *c = *state;
    struct change_user_state s = { .failure = { PROBLEM_NONE } };
    const struct request request = { .body = slice_of(c->target), .peer = "192.0.2.1" };
    struct problem problem = { .type = PROBLEM_NONE };
    char faults[256];

    const bool good = change_user_decode(&request, &s, &problem);
    faults_text(&problem, faults, sizeof faults);
    assert_string_equal(faults, c->faults);
    assert_int_equal(good, !*c->faults);
    problem_done(&problem);
}

static void too_long_a_condition_is_refused(void **state)
{
    (void)state;
    struct request request = { .body = slice_of("{}"), .peer = "192.0.2.1" };
    struct change_user_state change = { .failure = { PROBLEM_NONE } };
    struct delete_user_state delete = { .failure = { PROBLEM_NONE } };
    struct problem problem = { .type = PROBLEM_NONE };

    for (int i = 0; i <= EXPECTED_VERSIONS_MAX; i++)
        add_header(&request, "If-Match", "\"1\"");
    assert_false(change_user_decode(&request, &change, &problem));
    problem_done(&problem);
    assert_false(delete_user_decode(&request, &delete, &problem));
    assert_int_equal(problem.type, PROBLEM_INVALID_REQUEST);
    problem_done(&problem);
}

/* --- Answers. --- */

static struct user bob(void)
{
    return (struct user){ .id = { { 0xB0 } },
                          .username = "bob",
                          .first_name = "B",
                          .last_name = "R",
                          .email = "b@r",
                          .phone = "+1234567",
                          .photo = "b.jpg",
                          .role = ROLE_ADMIN,
                          .version = 3 };
}

#define BOB                                                                                        \
    "{\"photo\":\"b.jpg\",\"role\":\"admin\",\"active\":false,\"_id\":"                            \
    "\"b00000000000000000000000\",\"username\":\"bob\",\"firstName\":\"B\",\"lastName\":\"R\","    \
    "\"email\":\"b@r\",\"phone\":\"+1234567\",\"__v\":3}"

#define BOB_ALONE "{\"status\":\"success\",\"data\":{\"user\":" BOB "}}"

static struct response encoded(route_encode *encode, const void *state)
{
    struct response response = { 0 };

    encode(state, &response);
    return response;
}

static const char *header_of(const struct response *response, const char *name)
{
    for (size_t i = 0; i < response->header_count; i++)
        if (strcmp(response->headers[i].name, name) == 0)
            return response->headers[i].value;
    return "";
}

static void assert_bob(struct response response, int status, const char *location)
{
    assert_int_equal(response.problem.type, PROBLEM_NONE);
    assert_int_equal(response.status, status);
    assert_string_equal(response.body.data, BOB_ALONE);
    assert_string_equal(header_of(&response, "ETag"), "\"3\"");
    assert_string_equal(header_of(&response, "Location"), location);
    response_done(&response);
}

static void a_user_comes_with_its_tag(void **state)
{
    (void)state;
    const struct create_user_state create = { .create = { .user = bob() } };
    const struct get_user_state get = { .get = { .found = true, .user = bob() } };
    const struct change_user_state change = { .change = { .user = bob() } };
    const struct change_user_state none = { .change = { .result = CHANGE_NONE, .user = bob() } };

    assert_bob(encoded(create_user_encode, &create), 201, "/users/b00000000000000000000000");
    assert_bob(encoded(get_user_encode, &get), 200, "");
    assert_bob(encoded(change_user_encode, &change), 200, "");
    assert_bob(encoded(change_user_encode, &none), 200, "");
}

static void assert_problem(struct response response, enum problem_type type)
{
    assert_int_equal(response.problem.type, type);
    assert_non_null(response.problem.detail);
    assert_int_equal(response.body.length, 0);
    response_done(&response);
}

static const struct refusal_case {
    const char *name;
    enum change_result result;
    enum problem_type of_change, of_delete; /* PROBLEM_NONE: 204 */
} refusal_cases[] = {
    { "refused: nobody", CHANGE_GONE, PROBLEM_NOT_FOUND, PROBLEM_NONE },
    { "refused: not expected", CHANGE_NOT_EXPECTED, PROBLEM_PRECONDITION_FAILED,
      PROBLEM_PRECONDITION_FAILED },
    { "refused: taken", CHANGE_NAME_TAKEN, PROBLEM_USER_EXISTS, PROBLEM_USER_EXISTS },
    { "refused: the last admin", CHANGE_LAST_ADMIN, PROBLEM_LAST_ADMIN, PROBLEM_LAST_ADMIN },
};

static void a_refusal_has_its_problem(void **state)
{
    const struct refusal_case *c = *state;
    const struct change_user_state change = { .change = { .result = c->result } };
    const struct delete_user_state delete = { .delete = { .result = c->result } };
    struct response deleted = encoded(delete_user_encode, &delete);

    assert_problem(encoded(change_user_encode, &change), c->of_change);
    assert_int_equal(deleted.problem.type, c->of_delete);
    assert_int_equal(deleted.status, c->of_delete == PROBLEM_NONE ? 204 : 0);
    assert_int_equal(deleted.body.length, 0);
    response_done(&deleted);
}

static void who_is_not_there_is_not_found(void **state)
{
    (void)state;
    const struct get_user_state get = { .get = { .found = false } };
    const struct create_user_state create = { .create = { .result = CHANGE_NAME_TAKEN } };

    assert_problem(encoded(get_user_encode, &get), PROBLEM_NOT_FOUND);
    assert_problem(encoded(create_user_encode, &create), PROBLEM_USER_EXISTS);
}

static void a_failure_is_a_problem_on_every_route(void **state)
{
    (void)state;
    const struct failure failure = { PROBLEM_NOT_ACCEPTED };
    const struct list_users_state list = { .failure = failure };
    const struct create_user_state create = { .failure = failure };
    const struct get_user_state get = { .failure = failure };
    const struct change_user_state change = { .failure = failure };
    const struct delete_user_state delete = { .failure = failure };
    const struct list_audit_state audit = { .failure = failure };

    assert_problem(encoded(list_users_encode, &list), PROBLEM_NOT_ACCEPTED);
    assert_problem(encoded(create_user_encode, &create), PROBLEM_NOT_ACCEPTED);
    assert_problem(encoded(get_user_encode, &get), PROBLEM_NOT_ACCEPTED);
    assert_problem(encoded(change_user_encode, &change), PROBLEM_NOT_ACCEPTED);
    assert_problem(encoded(delete_user_encode, &delete), PROBLEM_NOT_ACCEPTED);
    assert_problem(encoded(list_audit_encode, &audit), PROBLEM_NOT_ACCEPTED);
}

static void a_page_tells_of_the_next(void **state)
{
    (void)state;
    struct user users[] = { bob(), bob() };
    struct list_users_state s = { .list = { .users = users, .count = 2, .more = true } };
    const struct cursor_text next = user_cursor_format(&users[1].id);
    char expected[1024];

    struct response page = encoded(list_users_encode, &s);
    snprintf(expected, sizeof expected,
             "{\"status\":\"success\",\"results\":2,\"next\":\"%s\",\"data\":{\"users\":[%s,%s]}}",
             next.text, BOB, BOB);
    assert_int_equal(page.status, 200);
    assert_string_equal(page.body.data, expected);
    response_done(&page);

    s.list.more = false;
    page = encoded(list_users_encode, &s);
    assert_null(strstr(page.body.data, "next"));
    response_done(&page);
}

static void an_event_is_shown_whole(void **state)
{
    (void)state;
    struct audit_event events[] = {
        { .id = { { 1 } },
          .date = 1800000000123,
          .has_actor = true,
          .has_target = true,
          .actor = { { 2 } },
          .target = { { 3 } },
          .action = "login",
          .outcome = "done",
          .source = { "192.0.2.1" } },
        { .id = { { 4 } }, .date = 0, .action = "signup", .outcome = "refused" },
    };
    const struct list_audit_state s = { .list = { .events = events, .count = 2 } };
    struct response page = encoded(list_audit_encode, &s);

    assert_int_equal(page.status, 200);
    assert_string_equal(
        page.body.data,
        "{\"status\":\"success\",\"results\":2,\"data\":{\"events\":["
        "{\"_id\":\"010000000000000000000000\",\"date\":\"2027-01-15T08:00:00.123Z\","
        "\"actor\":\"020000000000000000000000\",\"action\":\"login\","
        "\"target\":\"030000000000000000000000\",\"source\":\"192.0.2.1\",\"outcome\":\"done\"},"
        "{\"_id\":\"040000000000000000000000\",\"date\":\"1970-01-01T00:00:00.000Z\","
        "\"actor\":null,\"action\":\"signup\",\"target\":null,\"source\":null,"
        "\"outcome\":\"refused\"}]}}");
    response_done(&page);
}

/* A page is whole or it is none: the client would take a short one for the last. */
static void no_memory_gives_no_half_page(void **state)
{
    (void)state;
    struct user users[] = { bob(), bob() };
    struct audit_event events[] = { { .action = "login", .outcome = "done" },
                                    { .action = "login", .outcome = "done" } };
    const struct list_users_state list = { .list = { .users = users, .count = 2, .more = true } };
    const struct list_audit_state audit = { .list = {
                                                .events = events, .count = 2, .more = true } };
    const struct {
        route_encode *encode;
        const void *state;
    } pages[] = { { list_users_encode, &list }, { list_audit_encode, &audit } };

    for (size_t i = 0; i < 2; i++) {
        bool failed = true;
        for (unsigned n = 1; failed; n++) {
            struct response response = { 0 };
            oom_fail_at(n);
            pages[i].encode(pages[i].state, &response);
            failed = oom_stop();
            assert_int_equal(response.body.failed, failed);
            response_done(&response);
        }
    }
}

int main(void)
{
    struct tests tests = { 0 };

    json_set_alloc_funcs(malloc, free); /* those that can be made to fail */
    ADD_ROWS(&tests, filters_are_judged, query_cases);
    ADD_TEST(&tests, filters_are_taken_over);
    ADD_ROWS(&tests, an_audit_query_is_judged, audit_cases);
    ADD_ROWS(&tests, a_new_user_is_judged, new_user_cases);
    ADD_TEST(&tests, an_admin_changes_all_that_clients_see);
    ADD_ROWS(&tests, a_patch_is_judged, change_cases);
    ADD_TEST(&tests, too_long_a_condition_is_refused);
    ADD_TEST(&tests, a_user_comes_with_its_tag);
    ADD_ROWS(&tests, a_refusal_has_its_problem, refusal_cases);
    ADD_TEST(&tests, who_is_not_there_is_not_found);
    ADD_TEST(&tests, a_failure_is_a_problem_on_every_route);
    ADD_TEST(&tests, a_page_tells_of_the_next);
    ADD_TEST(&tests, an_event_is_shown_whole);
    ADD_TEST(&tests, no_memory_gives_no_half_page);
    return tests_run("users_routes", &tests);
}
