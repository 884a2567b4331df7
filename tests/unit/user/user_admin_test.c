/* What admins do with the accounts of others. */
#include "unit/user/accounts.h"

#include "base/log.h"
#include "unit/support/oom.h"

static struct actor some_admin(void)
{
    return (struct actor){ .user_id = { { 0xAD } }, .source = SOME_SOURCE };
}

/* --- Making. --- */

static void an_admin_makes_any_account(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct create_user create = { .actor = some_admin(),
                                  .wanted = signup_request("Bob", "bob@example.org").wanted,
                                  .role = ROLE_ADMIN };
    struct error err = { 0 };

    assert_true(create_user(&f.users, &create, &err));
    assert_int_equal(create.result, CHANGE_DONE);
    const struct account bob = account_now(&f, &create.user.id);
    assert_string_equal(bob.user.username, "Bob");
    assert_int_equal(bob.user.role, ROLE_ADMIN);
    assert_false(bob.user.active);
    assert_int_equal(bob.user.version, 0);
    assert_string_equal(events_told(&f).text, "user-create done, ");
    assert_true(create_user(&f.users, &create, &err));
    assert_int_equal(create.result, CHANGE_NAME_TAKEN);
    assert_string_equal(events_told(&f).text, "user-create done, ");
    fail_at(&f, 1, ERR_UNAVAILABLE);
    assert_false(create_user(&f.users, &create, &err));
}

/* --- Changing. --- */

static const struct expected_case {
    const char *name;
    struct expected_versions expected;
    bool fits; /* version 3 */
} expected_cases[] = {
    { "expected: nothing said", { .given = false }, true },
    { "expected: any", { .given = true, .any = true }, true },
    { "expected: it", { .given = true, .versions = { 3 }, .count = 1 }, true },
    { "expected: it among others", { .given = true, .versions = { 1, 2, 3 }, .count = 3 }, true },
    { "expected: another", { .given = true, .versions = { 2, 4 }, .count = 2 }, false },
    { "expected: none", { .given = true }, false },
};

static struct change_user change_of(const struct user *user, const char *phone)
{
    struct change_user change = { .actor = some_admin(),
                                  .user_id = user->id,
                                  .change = { .given = { .phone = true } } };

    strcpy(change.change.phone, phone);
    return change;
}

static void change_must_do(struct fixture *f, struct change_user *change)
{
    struct error err = { 0 };

    if (!change_user(&f->users, change, &err))
        fail_msg("change_user: %s", err.detail);
}

static struct user user_of_version_3(struct fixture *f)
{
    struct user user = add_user(f, "anna", ROLE_PLAYER);

    for (unsigned i = 0; i < 3; i++) {
        static const char *const phones[] = { "+1000000", "+2000000", "+3000000" };
        struct change_user change = change_of(&user, phones[i]);
        change_must_do(f, &change);
        user = change.user;
    }
    assert_int_equal(user.version, 3);
    return user;
}

static void only_the_expected_version_is_changed(void **state)
{
    const struct expected_case *c = *state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    const struct user anna = user_of_version_3(&f);
    struct change_user change = change_of(&anna, "+4000000");

    change.expected = c->expected;
    change_must_do(&f, &change);
    assert_int_equal(change.result, c->fits ? CHANGE_DONE : CHANGE_NOT_EXPECTED);
    assert_int_equal(account_now(&f, &anna.id).user.version, c->fits ? 4 : 3);
    /* To change nothing is a change, too: of another version it is not what was asked for. */
    change.expected = (struct expected_versions){ .given = true, .versions = { 9 }, .count = 1 };
    change.change.given.phone = false;
    change_must_do(&f, &change);
    assert_int_equal(change.result, CHANGE_NOT_EXPECTED);
}

static void only_the_expected_version_is_deleted(void **state)
{
    const struct expected_case *c = *state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    const struct user anna = user_of_version_3(&f);
    struct delete_user delete = { .actor = some_admin(),
                                  .user_id = anna.id,
                                  .expected = c->expected };
    struct error err = { 0 };

    assert_true(delete_user(&f.users, &delete, &err));
    assert_int_equal(delete.result, c->fits ? CHANGE_DONE : CHANGE_NOT_EXPECTED);
    assert_int_equal(is_there(&f, &anna.id), !c->fits);
}

/* What another changed meanwhile is seen before anything is written. */
static void an_expected_version_that_moves_on_is_no_longer_expected(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    const struct user anna = add_user(&f, "anna", ROLE_PLAYER);
    struct change_user change = change_of(&anna, "+4000000");

    change.expected = (struct expected_versions){ .given = true, .versions = { 0 }, .count = 1 };
    f.store.before_put = moves_on_once;
    change_must_do(&f, &change);
    assert_int_equal(change.result, CHANGE_NOT_EXPECTED);
    assert_int_equal(account_now(&f, &anna.id).user.phone[1], '9');
}

static void a_new_role_counts_from_the_next_request_on(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);
    struct caller caller = caller_of(&f, &alice.pair);
    struct change_user change = { .actor = some_admin(),
                                  .user_id = alice.user.id,
                                  .change = { .role = ROLE_ADMIN, .given = { .role = true } } };
    struct error err = { 0 };
    bool allowed = false;

    change_must_do(&f, &change);
    assert_true(session_authorize(&f.users, &caller, &allowed, &err));
    assert_true(allowed);
    assert_int_equal(caller.role, ROLE_ADMIN);
    token_pair_done(&alice.pair);
}

static void who_is_deactivated_has_no_session(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);
    const struct caller caller = caller_of(&f, &alice.pair);
    struct change_user change = { .actor = some_admin(),
                                  .user_id = alice.user.id,
                                  .change = { .active = false, .given = { .active = true } } };

    change_must_do(&f, &change);
    assert_false(is_allowed(&f, caller));
    change.change.active = true;
    change_must_do(&f, &change);
    assert_int_equal(change.result, CHANGE_DONE);
    assert_false(is_allowed(&f, caller)); /* a new one has to be begun */
    token_pair_done(&alice.pair);
}

/* --- The last admin. --- */

static void the_last_admin_is_neither_demoted_nor_deleted(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    const struct user admin = add_user(&f, "admin", ROLE_ADMIN);
    struct change_user demote = { .actor = some_admin(),
                                  .user_id = admin.id,
                                  .change = { .role = ROLE_PLAYER, .given = { .role = true } } };
    struct change_user deactivate = { .actor = some_admin(),
                                      .user_id = admin.id,
                                      .change = { .given = { .active = true } } };
    struct delete_user delete = { .actor = some_admin(), .user_id = admin.id };
    struct error err = { 0 };

    f.clock.now_ms++; /* events are told apart by their time */
    change_must_do(&f, &demote);
    assert_int_equal(demote.result, CHANGE_LAST_ADMIN);
    f.clock.now_ms++;
    change_must_do(&f, &deactivate);
    assert_int_equal(deactivate.result, CHANGE_LAST_ADMIN);
    f.clock.now_ms++;
    assert_true(delete_user(&f.users, &delete, &err));
    assert_int_equal(delete.result, CHANGE_LAST_ADMIN);
    assert_int_equal(account_now(&f, &admin.id).user.version, 0);
    assert_string_equal(events_told(&f).text, "user-delete refused, user-change refused, "
                                              "user-change refused, user-create done, ");
    add_user(&f, "second", ROLE_ADMIN);
    assert_true(delete_user(&f.users, &delete, &err));
    assert_int_equal(delete.result, CHANGE_DONE);
}

/* --- Deleting. --- */

static void who_is_deleted_leaves_the_name(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);
    const struct caller caller = caller_of(&f, &alice.pair);
    struct delete_user delete = { .actor = some_admin(), .user_id = alice.user.id };
    struct error err = { 0 };

    assert_true(delete_user(&f.users, &delete, &err));
    assert_int_equal(delete.result, CHANGE_DONE);
    assert_false(is_there(&f, &alice.user.id));
    assert_false(is_allowed(&f, caller));
    token_pair_done(&alice.pair);
    alice = alice_signs_up(&f); /* the names are free */
    token_pair_done(&alice.pair);
    assert_true(delete_user(&f.users, &delete, &err));
    assert_int_equal(delete.result, CHANGE_GONE);
    assert_string_equal(events_told(&f).text, "user-delete done, ");
}

/* --- Listing. --- */

static size_t list_must_do(struct fixture *f, struct list_users *list)
{
    struct error err = { 0 };

    if (!list_users(&f->users, list, &err))
        fail_msg("list_users: %s", err.detail);
    return list->count;
}

static void users_come_page_by_page(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    static const char *const names[] = { "one", "two", "three", "four", "five" };
    size_t seen = 0;

    for (size_t i = 0; i < 5; i++)
        add_user(&f, names[i], ROLE_PLAYER);
    struct list_users list = { .query = { .limit = 2 } };
    for (bool more = true; more;) {
        seen += list_must_do(&f, &list);
        more = list.more;
        assert_int_equal(list.count, more ? 2 : 1);
        list.query.has_after = true;
        list.query.after = list.users[list.count - 1].id;
        list_users_done(&list);
    }
    assert_int_equal(seen, 5);
    list = (struct list_users){ .query = { .limit = 5 } };
    assert_int_equal(list_must_do(&f, &list), 5);
    assert_false(list.more); /* full, and the last */
    list_users_done(&list);
}

static void failures_of_a_list_are_told(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct list_users list = { .query = { .limit = 2 } };
    struct error err = { 0 };

    fail_at(&f, 1, ERR_UNAVAILABLE);
    assert_false(list_users(&f.users, &list, &err));
    assert_int_equal(err.code, ERR_UNAVAILABLE);
    oom_fail_at(1);
    assert_false(list_users(&f.users, &list, &err));
    assert_true(oom_stop());
    assert_int_equal(err.code, ERR_NO_MEMORY);
    assert_null(list.users);
}

int main(void)
{
    struct tests tests = { 0 };

    log_open("unit", LOG_ERROR);
    ADD_TEST(&tests, an_admin_makes_any_account);
    ADD_ROWS(&tests, only_the_expected_version_is_changed, expected_cases);
    ADD_ROWS(&tests, only_the_expected_version_is_deleted, expected_cases);
    ADD_TEST(&tests, an_expected_version_that_moves_on_is_no_longer_expected);
    ADD_TEST(&tests, a_new_role_counts_from_the_next_request_on);
    ADD_TEST(&tests, who_is_deactivated_has_no_session);
    ADD_TEST(&tests, the_last_admin_is_neither_demoted_nor_deleted);
    ADD_TEST(&tests, who_is_deleted_leaves_the_name);
    ADD_TEST(&tests, users_come_page_by_page);
    ADD_TEST(&tests, failures_of_a_list_are_told);
    return tests_run("user_admin", &tests);
}
