/* Accounts: signing up, and reading one's own. */
#include "unit/user/fixture.h"

static void signing_up_makes_an_active_player(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);
    const struct user *user = &alice.user;

    assert_string_equal(user->username, "Alice");
    assert_string_equal(user->first_name, "Alice");
    assert_string_equal(user->last_name, "Liddell");
    assert_string_equal(user->email, "alice@example.org");
    assert_string_equal(user->phone, "+35799123456");
    assert_string_equal(user->photo, "default.jpg");
    assert_int_equal(user->role, ROLE_PLAYER);
    assert_true(user->active);
    assert_int_equal(user->version, 0);
    token_pair_done(&alice.pair);
}

static void signing_up_logs_in(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);
    const struct caller caller = caller_of(&f, &alice.pair);

    assert_true(id_equal(&caller.user_id, &alice.user.id));
    assert_int_equal(caller.role, ROLE_PLAYER);
    assert_true(is_allowed(&f, caller));
    token_pair_done(&alice.pair);
}

static const struct taken_case {
    const char *name, *username, *email;
    enum signup_result result;
} taken_cases[] = {
    { "taken: neither", "Bob", "bob@example.org", SIGNUP_DONE },
    { "taken: the username", "aLICE", "bob@example.org", SIGNUP_NAME_TAKEN },
    { "taken: the e-mail", "Bob", "ALICE@example.org", SIGNUP_NAME_TAKEN },
};

static void a_name_is_taken_once(void **state)
{
    const struct taken_case *c = *state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);
    struct signup second = signup_request(c->username, c->email);
    struct error err = { 0 };

    assert_true(signup(&f.users, &second, &err));
    assert_int_equal(second.result, c->result);
    token_pair_done(&second.pair);
    token_pair_done(&alice.pair);
}

static void the_password_is_kept_as_a_hash_of_the_set_cost(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);
    struct account account;
    struct error err = { 0 };
    bool found = false, right = false;

    assert_true(user_store_get_account(f.store.real, &alice.user.id, &account, &found, &err));
    assert_true(found);
    assert_null(strstr(account.password.text, ALICE_PASSWORD));
    assert_false(password_is_outdated(&account.password, &f.users.password_cost));
    assert_true(
        password_verify(&account.password, ALICE_PASSWORD, strlen(ALICE_PASSWORD), &right, &err));
    assert_true(right);
    token_pair_done(&alice.pair);
}

/* Before the user is there nothing was done; afterwards that would be a lie. */
static const struct failure_case {
    const char *name;
    unsigned call;
    enum err code, told;
} failure_cases[] = {
    { "signup: no user, unavailable", 1, ERR_UNAVAILABLE, ERR_UNAVAILABLE },
    { "signup: no user, unknown", 1, ERR_UNKNOWN, ERR_UNKNOWN },
    { "signup: no user, no memory", 1, ERR_NO_MEMORY, ERR_NO_MEMORY },
    { "signup: no session, unavailable", 3, ERR_UNAVAILABLE, ERR_UNKNOWN },
    { "signup: no session, no memory", 3, ERR_NO_MEMORY, ERR_UNKNOWN },
};

static void a_failure_says_whether_something_was_done(void **state)
{
    const struct failure_case *c = *state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup request = signup_request("Alice", "alice@example.org");
    struct error err = { 0 };

    fail_at(&f, c->call, c->code);
    assert_false(signup(&f.users, &request, &err));
    assert_int_equal(err.code, c->told);
    token_pair_done(&request.pair);
}

static struct get_user try_get_user(struct fixture *f, const struct id *id)
{
    struct get_user me = { .user_id = *id };
    struct error err = { 0 };

    if (!get_user(&f->users, &me, &err))
        fail_msg("get_user: %s", err.detail);
    return me;
}

static void one_reads_oneself(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);
    const struct get_user me = try_get_user(&f, &alice.user.id);

    assert_true(me.found);
    assert_memory_equal(&me.user.id, &alice.user.id, sizeof me.user.id);
    assert_string_equal(me.user.username, "Alice");
    run_sql(&f, "DELETE FROM users");
    assert_false(try_get_user(&f, &alice.user.id).found);
    token_pair_done(&alice.pair);
}

static void a_failed_read_is_told(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct get_user me = { .found = false };
    struct error err = { 0 };

    fail_at(&f, 1, ERR_UNAVAILABLE);
    assert_false(get_user(&f.users, &me, &err));
    assert_int_equal(err.code, ERR_UNAVAILABLE);
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_TEST(&tests, signing_up_makes_an_active_player);
    ADD_TEST(&tests, signing_up_logs_in);
    ADD_ROWS(&tests, a_name_is_taken_once, taken_cases);
    ADD_TEST(&tests, the_password_is_kept_as_a_hash_of_the_set_cost);
    ADD_ROWS(&tests, a_failure_says_whether_something_was_done, failure_cases);
    ADD_TEST(&tests, one_reads_oneself);
    ADD_TEST(&tests, a_failed_read_is_told);
    return tests_run("account", &tests);
}
