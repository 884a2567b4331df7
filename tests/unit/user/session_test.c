/* Sessions: login, refresh with its grace, logout, and who is let in. */
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
    fail_at(&f, 2, ERR_UNAVAILABLE); /* find_account, replace_password */
    struct login done = try_login(&f, "Alice", ALICE_PASSWORD);
    assert_int_equal(done.result, LOGIN_DONE);
    assert_int_equal(f.store.calls, 3);
    token_pair_done(&done.pair);
    token_pair_done(&alice.pair);
}

/* --- Refresh. --- */

static void a_refresh_gives_a_pair_that_works(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);
    struct refresh done = try_refresh(&f, &alice.pair.refresh);

    assert_int_equal(done.result, REFRESH_ROTATED);
    assert_string_not_equal(done.pair.refresh.text, alice.pair.refresh.text);
    assert_int_equal(done.pair.expires_in_s, 3600);
    assert_true(is_allowed(&f, caller_of(&f, &done.pair)));
    assert_int_equal(refreshed(&f, &done.pair.refresh), REFRESH_ROTATED);
    token_pair_done(&done.pair);
    token_pair_done(&alice.pair);
}

static const struct grace_case {
    const char *name;
    int64_t after_ms;
    enum refresh_result result;
} grace_cases[] = {
    { "grace: at once", 0, REFRESH_REPLAYED },
    { "grace: after 9.9 s", 9900, REFRESH_REPLAYED },
    { "grace: after 10 s", 10000, REFRESH_REPLAYED },
    { "grace: after 10.1 s", 10100, REFRESH_REUSED },
    { "grace: after a day", DAY_MS, REFRESH_REUSED },
};

static void a_replay_within_the_grace_gives_the_same_child(void **state)
{
    const struct grace_case *c = *state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);
    struct refresh first = try_refresh(&f, &alice.pair.refresh);

    f.clock.now_ms += c->after_ms;
    struct refresh second = try_refresh(&f, &alice.pair.refresh);
    assert_int_equal(second.result, c->result);
    if (c->result == REFRESH_REPLAYED) {
        assert_string_equal(second.pair.refresh.text, first.pair.refresh.text);
        assert_true(is_allowed(&f, caller_of(&f, &second.pair)));
        assert_int_equal(refreshed(&f, &first.pair.refresh), REFRESH_ROTATED);
    } else {
        assert_string_equal(second.pair.refresh.text, "");
        assert_int_equal(refreshed(&f, &first.pair.refresh), REFRESH_REFUSED);
    }
    token_pair_done(&second.pair);
    token_pair_done(&first.pair);
    token_pair_done(&alice.pair);
}

/* However old it is, and however shortly ago it was used. */
static void a_token_older_than_the_parent_ends_the_session(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);
    struct refresh_text newest = alice.pair.refresh;

    for (int i = 0; i < 5; i++)
        assert_int_equal(refreshed(&f, &newest), REFRESH_ROTATED);
    assert_true(is_allowed(&f, caller_of(&f, &alice.pair)));
    struct refresh_text oldest = alice.pair.refresh;
    assert_int_equal(refreshed(&f, &oldest), REFRESH_REUSED);
    assert_false(is_allowed(&f, caller_of(&f, &alice.pair)));
    assert_int_equal(refreshed(&f, &newest), REFRESH_REFUSED);
    token_pair_done(&alice.pair);
}

static void a_forged_token_never_reaches_the_store(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);
    struct refresh_text forged = alice.pair.refresh, none = { "" };
    struct error err = { 0 };

    forged.text[20] = forged.text[20] == 'A' ? 'B' : 'A'; /* the session's id stays */
    fail_at(&f, 0, ERR_NONE);
    assert_true(logout(&f.users, &forged, &err));
    assert_int_equal(refreshed(&f, &forged), REFRESH_REFUSED);
    assert_int_equal(refreshed(&f, &none), REFRESH_REFUSED);
    assert_int_equal(f.store.calls, 0);
    assert_true(is_allowed(&f, caller_of(&f, &alice.pair)));
    token_pair_done(&alice.pair);
}

static void refreshing_keeps_a_session_alive_but_not_for_ever(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);
    struct refresh_text token = alice.pair.refresh;

    for (int days = 13; days < 90; days += 13) {
        f.clock.now_ms = T0 + (int64_t)days * DAY_MS;
        assert_int_equal(refreshed(&f, &token), REFRESH_ROTATED);
    }
    f.clock.now_ms = T0 + (int64_t)90 * DAY_MS - 1500;
    struct refresh last = try_refresh(&f, &token);
    assert_int_equal(last.result, REFRESH_ROTATED);
    assert_int_equal(last.pair.expires_in_s, 2); /* no access token outlives its session */
    f.clock.now_ms = T0 + (int64_t)90 * DAY_MS - 1;
    assert_true(is_allowed(&f, caller_of(&f, &last.pair)));
    f.clock.now_ms++;
    assert_int_equal(refreshed(&f, &last.pair.refresh), REFRESH_REFUSED);
    token_pair_done(&last.pair);
    token_pair_done(&alice.pair);
}

static const struct idle_case {
    const char *name;
    int64_t after_ms;
    bool lives;
} idle_cases[] = {
    { "idle: a millisecond less than 14 days", (int64_t)14 * DAY_MS - 1, true },
    { "idle: 14 days", (int64_t)14 * DAY_MS, false },
};

static void an_idle_session_ends(void **state)
{
    const struct idle_case *c = *state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);
    const struct caller caller = caller_of(&f, &alice.pair);

    f.clock.now_ms += c->after_ms;
    assert_int_equal(is_allowed(&f, caller), c->lives);
    assert_int_equal(refreshed(&f, &alice.pair.refresh),
                     c->lives ? REFRESH_ROTATED : REFRESH_REFUSED);
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
    ADD_TEST(&tests, a_refresh_gives_a_pair_that_works);
    ADD_ROWS(&tests, a_replay_within_the_grace_gives_the_same_child, grace_cases);
    ADD_TEST(&tests, a_token_older_than_the_parent_ends_the_session);
    ADD_TEST(&tests, a_forged_token_never_reaches_the_store);
    ADD_TEST(&tests, refreshing_keeps_a_session_alive_but_not_for_ever);
    ADD_ROWS(&tests, an_idle_session_ends, idle_cases);
    ADD_ROWS(&tests, a_session_lives_as_long_as_its_user_lets_it, life_cases);
    ADD_TEST(&tests, another_users_session_lets_nobody_in);
    ADD_TEST(&tests, the_role_is_the_stores);
    ADD_TEST(&tests, logging_out_twice_is_fine);
    return tests_run("session", &tests);
}
