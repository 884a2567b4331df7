/* Accounts that change: only as they were read, with their names; and that go. */
#include "contract/user_store_suite.h"

#include <string.h>

/* --- Compare and swap. --- */

/* The n-th account with every member but its id changed. */
static struct account changed_account(uint32_t n)
{
    struct account account = nth_account(n);

    strcpy(account.user.username, "Other");
    strcpy(account.user.first_name, "O");
    strcpy(account.user.last_name, "P");
    strcpy(account.user.email, "other@example.org");
    strcpy(account.user.phone, "+1234567");
    strcpy(account.user.photo, "default.jpg");
    account.user.role = ROLE_PLAYER;
    account.user.active = false;
    account.user.version++;
    strcpy(account.password.text, "$argon2id$new");
    account.epoch++;
    account.reset = (struct password_reset){ .expires_at = 0 };
    account.created_at++;
    return account;
}

static void assert_stored(struct user_store *store, const struct account *expected)
{
    struct account got;

    assert_true(get(store, expected, &got));
    assert_same_account(&got, expected);
}

static void an_added_account_has_revision_1(void **state)
{
    (void)state;
    AUTO(user_store) struct user_store *store = suite_begin();
    const struct account expected = nth_account(1);
    struct account account = expected;

    account.revision = 9;
    assert_int_equal(add(store, &account), USER_ADDED);
    assert_stored(store, &expected);
}

static void a_put_replaces_the_whole(void **state)
{
    (void)state;
    AUTO(user_store) struct user_store *store = suite_begin();
    const struct account from = nth_account(1), other = nth_account(2);
    struct account to = changed_account(1), got;

    assert_int_equal(add(store, &from), USER_ADDED);
    assert_int_equal(add(store, &other), USER_ADDED);
    to.revision = 77; /* not the caller's to say */
    assert_int_equal(put(store, &from, &to), ACCOUNT_PUT);
    to.revision = 2;
    assert_stored(store, &to);
    assert_stored(store, &other);
    assert_true(find(store, "OTHER", &got));
    assert_same_account(&got, &to);
    assert_true(find(store, "other@example.org", &got));
    assert_same_account(&got, &to);
    assert_false(find(store, from.user.username, &got));
    assert_false(find(store, from.user.email, &got));
}

static void each_put_raises_the_revision(void **state)
{
    (void)state;
    AUTO(user_store) struct user_store *store = suite_begin();
    struct account account = nth_account(1);

    assert_int_equal(add(store, &account), USER_ADDED);
    for (uint32_t revision = 2; revision < 6; revision++) {
        assert_int_equal(put(store, &account, &account), ACCOUNT_PUT);
        account.revision = revision;
        assert_stored(store, &account);
    }
}

/* Whatever it wanted: nothing of it happens, and the names that it wanted are free. */
static void what_was_read_before_another_change_is_not_put(void **state)
{
    (void)state;
    AUTO(user_store) struct user_store *store = suite_begin();
    const struct account from = nth_account(1), late = changed_account(1), other = nth_account(2);
    struct account to = from, third = nth_account(3);

    assert_int_equal(add(store, &from), USER_ADDED);
    assert_int_equal(add(store, &other), USER_ADDED);
    to.epoch++;
    assert_int_equal(put(store, &from, &to), ACCOUNT_PUT);
    to.revision = 2;
    assert_int_equal(put(store, &from, &late), ACCOUNT_MOVED_ON);
    assert_int_equal(delete_read(store, &from), ACCOUNT_MOVED_ON);
    assert_stored(store, &to);

    strcpy(third.user.username, late.user.username);
    strcpy(third.user.email, late.user.email);
    assert_int_equal(add(store, &third), USER_ADDED);
}

static void an_account_that_is_gone_has_moved_on(void **state)
{
    (void)state;
    AUTO(user_store) struct user_store *store = suite_begin();
    const struct account account = nth_account(1), other = nth_account(2);
    const struct account late = changed_account(1);
    struct account got;

    assert_int_equal(add(store, &account), USER_ADDED);
    assert_int_equal(add(store, &other), USER_ADDED);
    assert_int_equal(delete_read(store, &account), ACCOUNT_PUT);
    assert_int_equal(put(store, &account, &late), ACCOUNT_MOVED_ON);
    assert_int_equal(delete_read(store, &account), ACCOUNT_MOVED_ON);
    assert_false(get(store, &account, &got));
    assert_false(find(store, late.user.username, &got));
}

/* --- Names. --- */

static const struct rename_case {
    const char *name, *username, *email;
    bool taken;
} rename_cases[] = {
    { "rename: to the same names", "Name.1", "Mail1@Example.org", false },
    { "rename: the username's case", "nAME.1", "Mail1@Example.org", false },
    { "rename: the e-mail's case", "Name.1", "mAIL1@example.org", false },
    { "rename: the username", "Other", "Mail1@Example.org", false },
    { "rename: the e-mail", "Name.1", "other@example.org", false },
    { "rename: both", "Other", "other@example.org", false },
    { "rename: another's username", "Name.2", "Mail1@Example.org", true },
    { "rename: another's username in other case", "nAME.2", "Mail1@Example.org", true },
    { "rename: another's e-mail", "Name.1", "Mail2@Example.org", true },
    { "rename: another's e-mail in other case", "Name.1", "MAIL2@EXAMPLE.ORG", true },
    { "rename: both another's", "Name.2", "Mail2@Example.org", true },
    { "rename: a free username, another's e-mail", "Other", "Mail2@Example.org", true },
    { "rename: another's username, a free e-mail", "Name.2", "other@example.org", true },
};

static struct account renamed(const struct account *account, const char *username,
                              const char *email)
{
    struct account to = *account;

    strcpy(to.user.username, username);
    strcpy(to.user.email, email);
    return to;
}

static void assert_found_by_its_names(struct user_store *store, const struct account *account)
{
    struct account got;

    assert_true(find(store, account->user.username, &got));
    assert_same_account(&got, account);
    assert_true(find(store, account->user.email, &got));
    assert_same_account(&got, account);
}

static void a_put_renames_to_what_is_free(void **state)
{
    const struct rename_case *c = *state;
    AUTO(user_store) struct user_store *store = suite_begin();
    const struct account from = nth_account(1), other = nth_account(2);
    struct account to = renamed(&from, c->username, c->email);

    assert_int_equal(add(store, &from), USER_ADDED);
    assert_int_equal(add(store, &other), USER_ADDED);
    assert_int_equal(put(store, &from, &to), c->taken ? ACCOUNT_NAME_TAKEN : ACCOUNT_PUT);
    to.revision = 2;
    assert_found_by_its_names(store, c->taken ? &from : &to);
    assert_found_by_its_names(store, &other);
}

/* All names but those that it has now can be taken at once. */
static void names_that_a_put_did_not_keep_are_free(void **state)
{
    const struct rename_case *c = *state;
    AUTO(user_store) struct user_store *store = suite_begin();
    const struct account from = nth_account(1), other = nth_account(2);
    const struct account wanted = renamed(&from, c->username, c->email);
    const struct account *const had[] = { &from, &wanted };
    struct account got;
    uint32_t next = 10;

    assert_int_equal(add(store, &from), USER_ADDED);
    assert_int_equal(add(store, &other), USER_ADDED);
    assert_int_equal(put(store, &from, &wanted), c->taken ? ACCOUNT_NAME_TAKEN : ACCOUNT_PUT);
    for (size_t i = 0; i < 2; i++, next += 2) {
        const struct account own = nth_account(next), another = nth_account(next + 1);
        const bool name_is_held = find(store, had[i]->user.username, &got);
        const struct account by_name = renamed(&own, had[i]->user.username, own.user.email);
        assert_int_equal(add(store, &by_name), name_is_held ? USER_NAME_TAKEN : USER_ADDED);
        const bool mail_is_held = find(store, had[i]->user.email, &got);
        const struct account by_mail = renamed(&another, another.user.username, had[i]->user.email);
        assert_int_equal(add(store, &by_mail), mail_is_held ? USER_NAME_TAKEN : USER_ADDED);
    }
}

static void a_name_can_be_taken_back(void **state)
{
    (void)state;
    AUTO(user_store) struct user_store *store = suite_begin();
    const struct account first = nth_account(1);
    struct account second = renamed(&first, "Other", "other@example.org"), back = first;

    assert_int_equal(add(store, &first), USER_ADDED);
    assert_int_equal(put(store, &first, &second), ACCOUNT_PUT);
    second.revision = 2;
    assert_int_equal(put(store, &second, &first), ACCOUNT_PUT);
    back.revision = 3;
    assert_found_by_its_names(store, &back);
}

static void a_name_that_another_took_meanwhile_cannot(void **state)
{
    (void)state;
    AUTO(user_store) struct user_store *store = suite_begin();
    const struct account first = nth_account(1), own = nth_account(2);
    const struct account heir = renamed(&own, first.user.username, own.user.email);
    struct account second = renamed(&first, "Other", "other@example.org");

    assert_int_equal(add(store, &first), USER_ADDED);
    assert_int_equal(put(store, &first, &second), ACCOUNT_PUT);
    second.revision = 2;
    assert_int_equal(add(store, &heir), USER_ADDED);
    assert_int_equal(put(store, &second, &first), ACCOUNT_NAME_TAKEN);
    assert_found_by_its_names(store, &second);
    assert_found_by_its_names(store, &heir);
}

/* --- Deletion. --- */

static void a_deleted_user_leaves_names_and_no_sessions(void **state)
{
    (void)state;
    AUTO(user_store) struct user_store *store = suite_begin();
    const struct account first = nth_account(1), second = nth_account(2), own = nth_account(3);
    const struct account heir = renamed(&own, first.user.username, first.user.email);
    struct account got;
    struct session session;
    struct error err = { 0 };
    size_t sessions = 0;

    add_nth(store, 1);
    add_nth(store, 2);
    assert_int_equal(delete_read(store, &first), ACCOUNT_PUT);
    assert_false(get(store, &first, &got));
    assert_false(find(store, first.user.username, &got));
    assert_false(find(store, first.user.email, &got));
    assert_false(read_session(store, 1, &session));
    assert_int_equal(add(store, &heir), USER_ADDED);
    assert_found_by_its_names(store, &heir);
    assert_false(read_session(store, 1, &session));

    assert_found_by_its_names(store, &second);
    assert_true(read_session(store, 2, &session));
    assert_true(user_store_sweep(store, SWEEP_SESSIONS, INT64_MAX, 9, &sessions, &err));
    assert_int_equal(sessions, 1); /* and the other one did not merely hide */
}

void add_account_cases(struct tests *tests)
{
    ADD_TEST(tests, an_added_account_has_revision_1);
    ADD_TEST(tests, a_put_replaces_the_whole);
    ADD_TEST(tests, each_put_raises_the_revision);
    ADD_TEST(tests, what_was_read_before_another_change_is_not_put);
    ADD_TEST(tests, an_account_that_is_gone_has_moved_on);
    ADD_ROWS(tests, a_put_renames_to_what_is_free, rename_cases);
    ADD_ROWS(tests, names_that_a_put_did_not_keep_are_free, rename_cases);
    ADD_TEST(tests, a_name_can_be_taken_back);
    ADD_TEST(tests, a_name_that_another_took_meanwhile_cannot);
    ADD_TEST(tests, a_deleted_user_leaves_names_and_no_sessions);
}
