/* Pages of lists: limit and cursor, told and taken back. */
#include "unit/common/http/request_making.h"

#include "http/page.h"

static struct id some_id(uint8_t first)
{
    return (struct id){ { first, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 } };
}

static void a_user_cursor_comes_back(void **state)
{
    (void)state;
    const struct id id = some_id(0xFF);
    const struct cursor_text text = user_cursor_format(&id);
    struct user_query query = { .limit = 0 };
    struct problem problem = { .type = PROBLEM_NONE };
    struct request request = { .peer = NULL };
    char target[64];

    snprintf(target, sizeof target, "/users?cursor=%s", text.text);
    set_target(&request, target);
    assert_int_equal(strlen(text.text), 16);
    assert_true(user_cursor_read(&request, &query, &problem));
    assert_true(query.has_after);
    assert_true(id_equal(&query.after, &id));
    target_done(&request.target);
}

static void an_audit_cursor_comes_back(void **state)
{
    (void)state;
    const struct audit_event event = { .id = some_id(7), .date = INT64_C(0x0123456789ABCDEF) };
    const struct cursor_text text = audit_cursor_format(&event);
    struct audit_query query = { .limit = 0 };
    struct problem problem = { .type = PROBLEM_NONE };
    struct request request = { .peer = NULL };
    char target[64];

    snprintf(target, sizeof target, "/audit?cursor=%s", text.text);
    set_target(&request, target);
    assert_int_equal(strlen(text.text), CURSOR_LENGTH_MAX);
    assert_true(audit_cursor_read(&request, &query, &problem));
    assert_true(query.has_before);
    assert_int_equal(query.before_date, event.date);
    assert_true(id_equal(&query.before_id, &event.id));
    target_done(&request.target);
}

static const struct cursor_case {
    const char *name, *target;
    const char *faults; /* "": good, and none was given */
} cursor_cases[] = {
    { "cursor: none", "/users", "" },
    { "cursor: empty", "/users?cursor=", ":format " },
    { "cursor: too short", "/users?cursor=AAAAAAAAAAAAAAA", ":format " },
    { "cursor: too long", "/users?cursor=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", ":format " },
    { "cursor: padding", "/users?cursor=AAAAAAAAAAAAAAA%3D", ":format " },
    { "cursor: another alphabet", "/users?cursor=AAAAAAAAAAAAAAA%2B", ":format " },
    { "cursor: a blank behind it", "/users?cursor=AAAAAAAAAAAAAAAA%20", ":format " },
    { "cursor: a NUL", "/users?cursor=AAAAAAAA%00AAAAAAA", ":format " },
    { "cursor: twice", "/users?cursor=AAAAAAAAAAAAAAAA&cursor=AAAAAAAAAAAAAAAA", ":format " },
};

static void what_is_no_cursor_is_a_fault(void **state)
{
    const struct cursor_case *c = *state;
    struct user_query users = { .limit = 0 };
    struct audit_query audit = { .limit = 0 };
    struct problem of_users = { .type = PROBLEM_NONE }, of_audit = { .type = PROBLEM_NONE };
    struct request request = { .peer = NULL };
    char faults[64];

    set_target(&request, c->target);
    assert_int_equal(user_cursor_read(&request, &users, &of_users), !*c->faults);
    faults_text(&of_users, faults, sizeof faults);
    assert_string_equal(faults, c->faults);
    assert_int_equal(audit_cursor_read(&request, &audit, &of_audit), !*c->faults);
    faults_text(&of_audit, faults, sizeof faults);
    assert_string_equal(faults, c->faults);
    assert_true(*c->faults || (!users.has_after && !audit.has_before));
    problem_done(&of_users);
    problem_done(&of_audit);
    target_done(&request.target);
}

/* 27 characters are 162 bits, 2 more than 20 bytes: those are zero in what we make. */
static void spare_bits_make_no_second_cursor(void **state)
{
    (void)state;
    struct audit_query query = { .limit = 0 };
    struct problem problem = { .type = PROBLEM_NONE };
    struct request request = { .peer = NULL };

    set_target(&request, "/audit?cursor=AAAAAAAAAAAAAAAAAAAAAAAAAAB");
    assert_false(audit_cursor_read(&request, &query, &problem));
    problem_done(&problem);
    target_done(&request.target);
}

static const struct limit_case {
    const char *name, *target;
    size_t limit; /* 0: a fault */
} limit_cases[] = {
    { "limit: none", "/users", 50 },           { "limit: 1", "/users?limit=1", 1 },
    { "limit: 200", "/users?limit=200", 200 }, { "limit: 0", "/users?limit=0", 0 },
    { "limit: 201", "/users?limit=201", 0 },   { "limit: no number", "/users?limit=ten", 0 },
};

static void a_limit_is_bounded(void **state)
{
    const struct limit_case *c = *state;
    struct problem problem = { .type = PROBLEM_NONE };
    struct request request = { .peer = NULL };
    size_t limit = 0;

    set_target(&request, c->target);
    assert_int_equal(page_limit_read(&request, &limit, &problem), c->limit > 0);
    assert_int_equal(limit, c->limit);
    problem_done(&problem);
    target_done(&request.target);
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_TEST(&tests, a_user_cursor_comes_back);
    ADD_TEST(&tests, an_audit_cursor_comes_back);
    ADD_ROWS(&tests, what_is_no_cursor_is_a_fault, cursor_cases);
    ADD_TEST(&tests, spare_bits_make_no_second_cursor);
    ADD_ROWS(&tests, a_limit_is_bounded, limit_cases);
    return tests_run("page", &tests);
}
