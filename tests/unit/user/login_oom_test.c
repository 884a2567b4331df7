/* No memory at any point of checking a password, logging in, and looking at a session: an error,
 * never a crash, never an allow, never a "wrong". Every library's allocations are walked, SQLite's,
 * libjwt's and libsodium's among them. */
#include "unit/user/fixture.h"

#ifdef __SANITIZE_THREAD__
/* See oom_everywhere.h; nothing here has threads. */
int main(void)
{
    return 0;
}
#else

#include "unit/support/oom_everywhere.h"

#include "base/log.h"

/* --- A password. --- */

static const struct check_case {
    const char *name, *password;
    bool right;
} check_cases[] = {
    { "password: right", ALICE_PASSWORD, true },
    { "password: wrong", "wrong", false },
};

static void a_password_is_undecided(void **state)
{
    const struct check_case *c = *state;
    const struct password_cost cost = { .memory_kib = 1024, .passes = 1 };
    struct password_hash hash;
    struct error err = { 0 };
    unsigned n = 1;

    assert_true(
        password_hash(&cost, &system_random, ALICE_PASSWORD, strlen(ALICE_PASSWORD), &hash, &err));
    for (bool ran_out = true; ran_out; n++) {
        bool right = !c->right;
        err = (struct error){ 0 };
        everywhere_fail_at(n);
        const bool decided = password_verify(&hash, c->password, strlen(c->password), &right, &err);
        ran_out = everywhere_stop();
        assert_int_equal(decided, !ran_out);
        assert_int_equal(err.code, decided ? ERR_NONE : ERR_NO_MEMORY);
        assert_int_equal(right, decided ? c->right : !c->right); /* else untouched */
    }
    assert_true(n > 2);
}

/* --- Logins. --- */

static const struct login_case {
    const char *name, *who, *password, *before;
    enum login_result result;
    unsigned more_than; /* allocations walked */
} login_cases[] = {
    { "login: right", "Alice", ALICE_PASSWORD, "SELECT 1", LOGIN_DONE, 100 },
    { "login: wrong", "Alice", "wrong", "SELECT 1", LOGIN_WRONG, 20 },
    { "login: unknown", "Bob", ALICE_PASSWORD, "SELECT 1", LOGIN_UNKNOWN, 20 },
    { "login: inactive", "Alice", ALICE_PASSWORD, "UPDATE users SET active = 0", LOGIN_INACTIVE,
      20 },
};

/* False: no allocation was left to fail. */
static bool login_without(struct fixture *f, const struct login_case *c, unsigned n)
{
    struct login request = { .source = fixture_source };
    struct error err = { 0 };

    strcpy(request.name, c->who);
    strcpy(request.password, c->password);
    everywhere_fail_at(n);
    const bool ok = login(&f->users, &request, &err);
    const bool ran_out = everywhere_stop();

    /* What ran out may be no more than an event; what is answered is right all the same. */
    if (ok)
        assert_int_equal(request.result, c->result);
    else
        assert_true(err.code == ERR_NO_MEMORY || err.code == ERR_UNKNOWN);
    assert_true(ok || ran_out);
    token_pair_done(&request.pair);
    return ran_out;
}

static void a_login_fails_or_is_answered_right(void **state)
{
    const struct login_case *c = *state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);
    unsigned n = 1;

    run_sql(&f, c->before);
    do
        f.clock.now_ms += HOUR_MS; /* the throttle forgets */
    while (login_without(&f, c, n++));
    assert_true(n > c->more_than);
    token_pair_done(&alice.pair);
}

/* --- Who is let in. --- */

static const struct memory_case {
    const char *name, *before;
    bool allowed;
} memory_cases[] = {
    { "session: who is let in is never turned away", "SELECT 1", true },
    { "session: who is turned away is never let in", "DELETE FROM sessions", false },
    { "session: the inactive are never let in", "UPDATE users SET active = 0", false },
};

static void no_memory_decides_nothing(void **state)
{
    const struct memory_case *c = *state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);
    struct caller caller = caller_of(&f, &alice.pair);

    run_sql(&f, c->before);
    for (unsigned n = 1;; n++) {
        struct error err = { 0 };
        bool allowed = !c->allowed;
        everywhere_fail_at(n);
        const bool ok = session_authorize(&f.users, &caller, &allowed, &err);
        const bool ran_out = everywhere_stop();
        if (ok)
            assert_int_equal(allowed, c->allowed);
        else
            assert_int_equal(err.code, ERR_NO_MEMORY);
        if (!ran_out) {
            assert_true(ok && n > 1);
            break;
        }
    }
    token_pair_done(&alice.pair);
}

int main(void)
{
    struct tests tests = { 0 };

    log_open("unit", LOG_ERROR + 1); /* what runs out is told at each step */
    ADD_ROWS(&tests, a_password_is_undecided, check_cases);
    ADD_ROWS(&tests, a_login_fails_or_is_answered_right, login_cases);
    ADD_ROWS(&tests, no_memory_decides_nothing, memory_cases);
    return tests_run("login: no memory", &tests);
}
#endif
