/* Sessions: login, logout, and who is let in. */
#include "unit/user/fixture.h"

/* --- Login. --- */

static const struct login_case {
    const char *name, *who, *password, *before;
    enum login_result result;
} login_cases[] = {
    { "login: username", "Alice", ALICE_PASSWORD, NULL, LOGIN_DONE },
    { "login: username in other case", "aLICE", ALICE_PASSWORD, NULL, LOGIN_DONE },
    { "login: e-mail", "alice@example.org", ALICE_PASSWORD, NULL, LOGIN_DONE },
    { "login: e-mail in other case", "Alice@EXAMPLE.org", ALICE_PASSWORD, NULL, LOGIN_DONE },
    { "login: a wrong password", "Alice", "wrong", NULL, LOGIN_WRONG },
    { "login: the password in other case", "Alice", "Correct horse battery", NULL, LOGIN_WRONG },
    { "login: an unknown name", "Bob", ALICE_PASSWORD, NULL, LOGIN_UNKNOWN },
    { "login: no name at all", "", ALICE_PASSWORD, NULL, LOGIN_UNKNOWN },
    { "login: inactive", "Alice", ALICE_PASSWORD, "UPDATE users SET active = 0", LOGIN_INACTIVE },
    { "login: inactive and wrong", "Alice", "wrong", "UPDATE users SET active = 0", LOGIN_WRONG },
};

static void login_answers(void **state)
{
    const struct login_case *c = *state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);

    if (c->before)
        run_sql(&f, c->before);
    struct login done = try_login(&f, c->who, c->password);
    assert_int_equal(done.result, c->result);
    if (c->result == LOGIN_DONE) {
        assert_string_equal(done.user.username, "Alice");
        assert_int_equal(done.pair.expires_in_s, 3600);
        assert_true(is_allowed(&f, caller_of(&f, &done.pair)));
    } else {
        assert_int_equal(done.pair.access.length, 0);
        assert_string_equal(done.pair.refresh.text, "");
    }
    token_pair_done(&done.pair);
    token_pair_done(&alice.pair);
}

/* Unknown accounts cost a hash, too: the dummy is what is hashed, so a broken one is noticed. */
static void an_unknown_name_is_checked_against_the_dummy(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct login request = { .name = "nobody", .password = "password" };
    struct error err = { 0 };

    strcpy(f.users.dummy.text, "no hash");
    assert_false(login(&f.users, &request, &err));
    assert_int_equal(err.code, ERR_BUG);
}

static void each_login_is_a_session_of_its_own(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);
    struct login one = try_login(&f, "Alice", ALICE_PASSWORD);
    struct error err = { 0 };

    assert_true(logout(&f.users, &one.pair.refresh, &err));
    assert_false(is_allowed(&f, caller_of(&f, &one.pair)));
    assert_true(is_allowed(&f, caller_of(&f, &alice.pair)));
    token_pair_done(&one.pair);
    token_pair_done(&alice.pair);
}

static struct password_hash stored_hash(struct fixture *f)
{
    const struct user_key key = user_key_of("alice");
    struct account account;
    struct error err = { 0 };
    bool found;

    assert_true(user_store_find_account(f->store.real, &key, &account, &found, &err));
    return account.password;
}

static void a_login_brings_the_hash_to_the_new_cost(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);
    const struct password_hash old = stored_hash(&f);
    struct login done;

    done = try_login(&f, "Alice", ALICE_PASSWORD);
    assert_string_equal(stored_hash(&f).text, old.text); /* the same cost: left alone */
    token_pair_done(&done.pair);

    f.users.password_cost.passes = 2;
    done = try_login(&f, "Alice", "wrong");
    assert_string_equal(stored_hash(&f).text, old.text); /* a wrong password changes nothing */
    token_pair_done(&done.pair);

    done = try_login(&f, "Alice", ALICE_PASSWORD);
    const struct password_hash fresh = stored_hash(&f);
    assert_false(password_is_outdated(&fresh, &f.users.password_cost));
    token_pair_done(&done.pair);
    done = try_login(&f, "Alice", ALICE_PASSWORD);
    assert_int_equal(done.result, LOGIN_DONE);
    token_pair_done(&done.pair);
    token_pair_done(&alice.pair);
}

static void a_rehash_that_fails_does_not_fail_the_login(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);

    f.users.password_cost.passes = 2;
    fail_at(&f, 2, ERR_UNAVAILABLE); /* find_account, put_account */
    struct login done = try_login(&f, "Alice", ALICE_PASSWORD);
    assert_int_equal(done.result, LOGIN_DONE);
    assert_int_equal(f.store.calls, 3);
    token_pair_done(&done.pair);
    token_pair_done(&alice.pair);
}

/* Another replica changes the password while ours has just read the account. */
static void change_password(struct faulty_store *store, const struct account *from)
{
    struct account to = *from;
    enum put_account_outcome outcome;
    struct error err = { 0 };

    strcpy(to.password.text, "changed");
    to.epoch++;
    assert_true(user_store_put_account(store->real, from, &to, &outcome, &err));
    assert_int_equal(outcome, ACCOUNT_PUT);
}

static void a_rehash_does_not_undo_a_change_of_the_password(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);

    f.users.password_cost.passes = 2;
    f.store.before_put = change_password;
    struct login done = try_login(&f, "Alice", ALICE_PASSWORD);
    assert_int_equal(done.result, LOGIN_DONE);
    assert_string_equal(stored_hash(&f).text, "changed");
    assert_false(is_allowed(&f, caller_of(&f, &done.pair))); /* over before it began */
    token_pair_done(&done.pair);
    token_pair_done(&alice.pair);
}

/* --- Who is let in. --- */

static const struct life_case {
    const char *name, *before;
    bool lives;
} life_cases[] = {
    { "life: all is well", "SELECT 1", true },
    { "life: the user is inactive", "UPDATE users SET active = 0", false },
    { "life: the user is gone", "DELETE FROM users", false },
    { "life: all sessions of the user were ended", "UPDATE users SET epoch = epoch + 1", false },
    { "life: the session is gone", "DELETE FROM sessions", false },
};

static void a_session_lives_as_long_as_its_user_lets_it(void **state)
{
    const struct life_case *c = *state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);

    run_sql(&f, c->before);
    assert_int_equal(is_allowed(&f, caller_of(&f, &alice.pair)), c->lives);
    assert_int_equal(refreshed(&f, &alice.pair.refresh),
                     c->lives ? REFRESH_ROTATED : REFRESH_REFUSED);
    token_pair_done(&alice.pair);
}

static void another_users_session_lets_nobody_in(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);
    struct caller caller = caller_of(&f, &alice.pair);

    caller.user_id.bytes[0] ^= 1;
    assert_false(is_allowed(&f, caller));
    token_pair_done(&alice.pair);
}

static void the_role_is_the_stores(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);
    struct caller caller = caller_of(&f, &alice.pair);
    struct error err = { 0 };
    bool allowed = false;

    assert_int_equal(caller.role, ROLE_PLAYER);
    run_sql(&f, "UPDATE users SET role = 'admin'");
    assert_true(session_authorize(&f.users, &caller, &allowed, &err));
    assert_true(allowed);
    assert_int_equal(caller.role, ROLE_ADMIN);
    token_pair_done(&alice.pair);
}

static void logging_out_twice_is_fine(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);
    struct error err = { 0 };

    assert_true(logout(&f.users, &alice.pair.refresh, &err));
    assert_true(logout(&f.users, &alice.pair.refresh, &err));
    assert_false(is_allowed(&f, caller_of(&f, &alice.pair)));
    assert_int_equal(refreshed(&f, &alice.pair.refresh), REFRESH_REFUSED);
    token_pair_done(&alice.pair);
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_ROWS(&tests, login_answers, login_cases);
    ADD_TEST(&tests, an_unknown_name_is_checked_against_the_dummy);
    ADD_TEST(&tests, each_login_is_a_session_of_its_own);
    ADD_TEST(&tests, a_login_brings_the_hash_to_the_new_cost);
    ADD_TEST(&tests, a_rehash_that_fails_does_not_fail_the_login);
    ADD_TEST(&tests, a_rehash_does_not_undo_a_change_of_the_password);
    ADD_ROWS(&tests, a_session_lives_as_long_as_its_user_lets_it, life_cases);
    ADD_TEST(&tests, another_users_session_lets_nobody_in);
    ADD_TEST(&tests, the_role_is_the_stores);
    ADD_TEST(&tests, logging_out_twice_is_fine);
    return tests_run("session", &tests);
}
