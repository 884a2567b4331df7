/* Login: who gets in, what others are told and what it costs, and what is left behind. */
#include "unit/user/fixture.h"

/* The calls of the store that a login makes. */
enum {
    FIND_ACCOUNT_CALL = 1,
    COUNT_CALLS = 5, /* the source is looked at, account and source are counted */
    CLEAR_CALLS = 3,
    PUT_ACCOUNT_CALL = FIND_ACCOUNT_CALL + COUNT_CALLS + CLEAR_CALLS + 1, /* where outdated */
    ADD_SESSION_CALL = PUT_ACCOUNT_CALL,
    ADD_AUDIT_CALL,
    LOGIN_CALLS = ADD_AUDIT_CALL,
};

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

    assert_true(logout(&f.users, &one.pair.refresh, &fixture_source, &err));
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
    fail_at(&f, PUT_ACCOUNT_CALL, ERR_UNAVAILABLE);
    struct login done = try_login(&f, "Alice", ALICE_PASSWORD);
    assert_int_equal(done.result, LOGIN_DONE);
    assert_int_equal(f.store.calls, LOGIN_CALLS + 1);
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

/* --- What nobody can tell from outside. --- */

static const struct cost_case {
    const char *name, *who, *before;
} cost_cases[] = {
    { "cost: a wrong password", "Alice", NULL },
    { "cost: an unknown username", "nobody", NULL },
    { "cost: an unknown e-mail", "nobody@example.org", NULL },
    { "cost: inactive", "Alice", "UPDATE users SET active = 0" },
};

/* The work is the same, call by call, whatever is wrong; what the calls cost is measured by
 * login_timing_test.c. */
static void failed_logins_ask_the_store_alike(void **state)
{
    const struct cost_case *c = *state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);
    const size_t events = events_of(&f);

    if (c->before)
        run_sql(&f, c->before);
    for (unsigned i = 1; i <= 5; i++) {
        f.store.calls = 0;
        struct login refused = try_login(&f, c->who, "wrong");
        assert_int_not_equal(refused.result, LOGIN_DONE);
        assert_int_not_equal(refused.result, LOGIN_THROTTLED);
        assert_int_equal(f.store.calls, FIND_ACCOUNT_CALL + COUNT_CALLS + 1);
        assert_int_equal(events_of(&f), events + i);
    }
    f.store.calls = 0;
    struct login throttled = try_login(&f, c->who, ALICE_PASSWORD);
    assert_int_equal(throttled.result, LOGIN_THROTTLED);
    assert_int_equal(throttled.wait_s, 1);
    assert_int_equal(f.store.calls, FIND_ACCOUNT_CALL + 2); /* source and account are looked at */
    assert_int_equal(events_of(&f), events + 5);
    token_pair_done(&alice.pair);
}

/* --- The throttle. --- */

static void fail_five_times(struct fixture *f, const char *who)
{
    for (int i = 0; i < 5; i++) {
        struct login refused = try_login(f, who, "wrong");
        assert_int_equal(refused.result, LOGIN_WRONG);
    }
}

static enum login_result login_result_of(struct fixture *f, const char *who)
{
    struct login done = try_login(f, who, ALICE_PASSWORD);
    const enum login_result result = done.result;

    assert_int_equal(done.pair.access.length > 0, result == LOGIN_DONE);
    token_pair_done(&done.pair);
    return result;
}

static void username_and_email_share_the_count(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);

    fail_five_times(&f, "alice@example.org");
    assert_int_equal(login_result_of(&f, "Alice"), LOGIN_THROTTLED);
    f.clock.now_ms += SECOND_MS;
    assert_int_equal(login_result_of(&f, "Alice"), LOGIN_DONE);
    fail_five_times(&f, "aLiCe"); /* it began anew */
    token_pair_done(&alice.pair);
}

static void the_owner_gets_in_from_elsewhere(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);
    struct login owner = { .name = "Alice",
                           .password = ALICE_PASSWORD,
                           .source = { "198.51.100.7" } };
    struct error err = { 0 };

    fail_five_times(&f, "Alice");
    assert_true(login(&f.users, &owner, &err));
    assert_int_equal(owner.result, LOGIN_DONE);
    assert_int_equal(login_result_of(&f, "Alice"), LOGIN_THROTTLED); /* the stranger does not */
    token_pair_done(&owner.pair);
    token_pair_done(&alice.pair);
}

/* --- Audit. --- */

static void a_login_is_an_event(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);

    assert_last_event(&f, "signup", "done", &alice.user.id, &alice.user.id);
    f.clock.now_ms++;
    assert_int_equal(login_result_of(&f, "Alice"), LOGIN_DONE);
    assert_last_event(&f, "login", "done", &alice.user.id, &alice.user.id);
    f.clock.now_ms++;
    assert_int_equal(login_result_of(&f, "nobody"), LOGIN_UNKNOWN);
    assert_last_event(&f, "login", "refused", NULL, NULL);
    f.clock.now_ms++;
    run_sql(&f, "UPDATE users SET active = 0");
    assert_int_equal(login_result_of(&f, "Alice"), LOGIN_INACTIVE);
    assert_last_event(&f, "login", "refused", NULL, &alice.user.id);
    token_pair_done(&alice.pair);
}

/* --- A store that fails, at each call. --- */

/* Before the session is there nothing is done that a repeat would not do; what is only to be
 * forgotten, or told, does not fail the login. */
static bool fails_the_login(unsigned call)
{
    return call <= FIND_ACCOUNT_CALL + COUNT_CALLS || call == ADD_SESSION_CALL;
}

static void a_failure_of_the_store_is_passed_on(void **state)
{
    (void)state;
    static const enum err codes[] = { ERR_NO_MEMORY, ERR_UNAVAILABLE, ERR_UNKNOWN, ERR_BUG };
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);

    for (unsigned call = 1; call <= LOGIN_CALLS; call++)
        for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
            struct login request = { .name = "Alice", .password = ALICE_PASSWORD };
            struct error err = { 0 };
            f.clock.now_ms += HOUR_MS; /* the throttle forgets */
            fail_at(&f, call, codes[i]);
            const bool ok = login(&f.users, &request, &err);
            assert_int_equal(ok, !fails_the_login(call));
            assert_int_equal(err.code, ok ? ERR_NONE : codes[i]);
            token_pair_done(&request.pair);
        }
    fail_at(&f, 0, ERR_NONE);
    f.clock.now_ms += HOUR_MS;
    assert_int_equal(login_result_of(&f, "Alice"), LOGIN_DONE);
    assert_int_equal(f.store.calls, LOGIN_CALLS);
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
    ADD_ROWS(&tests, failed_logins_ask_the_store_alike, cost_cases);
    ADD_TEST(&tests, username_and_email_share_the_count);
    ADD_TEST(&tests, the_owner_gets_in_from_elsewhere);
    ADD_TEST(&tests, a_login_is_an_event);
    ADD_TEST(&tests, a_failure_of_the_store_is_passed_on);
    return tests_run("login", &tests);
}
