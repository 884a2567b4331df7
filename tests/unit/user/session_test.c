/* Sessions: logout, and who is let in. */
#include "unit/user/fixture.h"

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

    assert_true(logout(&f.users, &alice.pair.refresh, &fixture_source, &err));
    assert_true(logout(&f.users, &alice.pair.refresh, &fixture_source, &err));
    assert_false(is_allowed(&f, caller_of(&f, &alice.pair)));
    assert_int_equal(refreshed(&f, &alice.pair.refresh), REFRESH_REFUSED);
    token_pair_done(&alice.pair);
}

static void logging_out_is_an_event_when_it_ends_a_session(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);
    struct error err = { 0 };

    f.clock.now_ms++; /* so that its event is the newest */
    assert_true(logout(&f.users, &alice.pair.refresh, &fixture_source, &err));
    assert_last_event(&f, "logout", "done", &alice.user.id, &alice.user.id);
    const size_t events = events_of(&f);
    assert_true(logout(&f.users, &alice.pair.refresh, &fixture_source, &err));
    assert_int_equal(events_of(&f), events);
    token_pair_done(&alice.pair);
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_ROWS(&tests, a_session_lives_as_long_as_its_user_lets_it, life_cases);
    ADD_TEST(&tests, another_users_session_lets_nobody_in);
    ADD_TEST(&tests, the_role_is_the_stores);
    ADD_TEST(&tests, logging_out_twice_is_fine);
    ADD_TEST(&tests, logging_out_is_an_event_when_it_ends_a_session);
    return tests_run("session", &tests);
}
