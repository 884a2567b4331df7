/* The audit log, written and read. */
#include "unit/user/accounts.h"

#include "base/log.h"
#include "unit/support/oom.h"

static void an_event_may_have_nobody(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct list_audit list = { .query = { .limit = 1 } };
    struct error err = { 0 };

    audit(&f.users, &(struct audit_entry){ .action = AUDIT_LOGIN, .outcome = AUDIT_REFUSED });
    assert_true(list_audit(&f.users, &list, &err));
    assert_int_equal(list.count, 1);
    assert_false(list.more);
    assert_false(list.events[0].has_actor || list.events[0].has_target);
    assert_string_equal(list.events[0].action, "login");
    assert_string_equal(list.events[0].outcome, "refused");
    assert_string_equal(list.events[0].source.text, "");
    list_audit_done(&list);
}

/* What it tells of has happened all the same. */
static void an_event_that_cannot_be_stored_fails_nothing(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);

    fail_at(&f, 1, ERR_UNAVAILABLE);
    audit(&f.users, &(struct audit_entry){ .action = AUDIT_LOGIN, .outcome = AUDIT_DONE });
    assert_string_equal(events_told(&f).text, "");
}

static void events_come_newest_first_and_page_by_page(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct list_audit list = { .query = { .limit = 2 } };
    struct error err = { 0 };
    static const enum audit_action newest_first[] = { AUDIT_LOGOUT, AUDIT_LOGIN, AUDIT_SIGNUP };
    static const char *const words[] = { "logout", "login", "signup" };

    for (int i = 2; i >= 0; i--, f.clock.now_ms++)
        audit(&f.users, &(struct audit_entry){ .action = newest_first[i] });
    assert_true(list_audit(&f.users, &list, &err));
    assert_int_equal(list.count, 2);
    assert_true(list.more);
    assert_string_equal(list.events[0].action, words[0]);
    assert_string_equal(list.events[1].action, words[1]);
    list.query.has_before = true;
    list.query.before_date = list.events[1].date;
    list.query.before_id = list.events[1].id;
    list_audit_done(&list);
    assert_true(list_audit(&f.users, &list, &err));
    assert_int_equal(list.count, 1);
    assert_false(list.more);
    assert_string_equal(list.events[0].action, words[2]);
    list_audit_done(&list);
}

static void failures_of_a_list_are_told(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct list_audit list = { .query = { .limit = 2 } };
    struct error err = { 0 };

    fail_at(&f, 1, ERR_UNAVAILABLE);
    assert_false(list_audit(&f.users, &list, &err));
    assert_int_equal(err.code, ERR_UNAVAILABLE);
    oom_fail_at(1);
    assert_false(list_audit(&f.users, &list, &err));
    assert_true(oom_stop());
    assert_int_equal(err.code, ERR_NO_MEMORY);
    assert_null(list.events);
}

int main(void)
{
    struct tests tests = { 0 };

    log_open("unit", LOG_ERROR);
    ADD_TEST(&tests, an_event_may_have_nobody);
    ADD_TEST(&tests, an_event_that_cannot_be_stored_fails_nothing);
    ADD_TEST(&tests, events_come_newest_first_and_page_by_page);
    ADD_TEST(&tests, failures_of_a_list_are_told);
    return tests_run("audit", &tests);
}
