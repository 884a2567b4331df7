/* Sessions when something comes between: another request, a store that fails. */
#include "unit/user/fixture.h"

/* --- Races, played by hand: between reading the session and moving it on. --- */

static void rotate_first(struct faulty_store *store, const struct rotation *rotation)
{
    enum rotate_outcome outcome;
    struct error err = { 0 };

    store->before_rotate = NULL;
    assert_true(user_store_rotate_session(store->real, rotation, &outcome, &err));
    assert_int_equal(outcome, SESSION_ROTATED);
}

static void end_first(struct faulty_store *store, const struct rotation *rotation)
{
    struct error err = { 0 };

    store->before_rotate = NULL;
    assert_true(user_store_end_session(store->real, &rotation->session_id, &err));
}

static const struct race_case {
    const char *name;
    void (*meanwhile)(struct faulty_store *store, const struct rotation *rotation);
    enum refresh_result result;
} race_cases[] = {
    { "race: another refresh of the same token", rotate_first, REFRESH_REPLAYED },
    { "race: a logout", end_first, REFRESH_REFUSED },
};

static void who_loses_a_race_answers_for_what_it_finds(void **state)
{
    const struct race_case *c = *state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);

    f.store.before_rotate = c->meanwhile;
    struct refresh done = try_refresh(&f, &alice.pair.refresh);
    assert_null(f.store.before_rotate);
    assert_int_equal(done.result, c->result);
    if (c->result == REFRESH_REPLAYED)
        assert_int_equal(refreshed(&f, &done.pair.refresh), REFRESH_ROTATED);
    token_pair_done(&done.pair);
    token_pair_done(&alice.pair);
}

/* --- A store whose reads lag behind. --- */

/* What one read gives in place of the session as it is now. */
static struct session session_before;
static bool lags;

static bool get_session_late(struct user_store *store, const struct id *id, struct session *session,
                             struct account *account, bool *found, struct error *err)
{
    struct user_store *real = ((struct faulty_store *)store)->real;

    if (!user_store_get_session(real, id, session, account, found, err))
        return false;
    if (lags)
        *session = session_before;
    lags = false;
    return true;
}

static struct session session_now(struct fixture *f, const struct token_pair *pair)
{
    const struct caller caller = caller_of(f, pair);
    struct account account;
    struct session session = { .epoch = 0 };
    struct error err = { 0 };
    bool found = false;

    assert_true(user_store_get_session(f->store.real, &caller.session_id, &session, &account,
                                       &found, &err));
    assert_true(found);
    return session;
}

/* To who sees the session before its last rotation its newest token is an old one, or a stranger.
 */
static void the_newest_token_of_a_session_read_late_ends_nothing(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);
    struct user_store_functions late = *f.store.base.functions;
    struct refresh_text newest = alice.pair.refresh;

    session_before = session_now(&f, &alice.pair);
    assert_int_equal(refreshed(&f, &newest), REFRESH_ROTATED);
    f.clock.now_ms += 2 * REFRESH_GRACE_MS;
    late.get_session = get_session_late;
    f.store.base.functions = &late;
    lags = true;
    assert_int_equal(refreshed(&f, &newest), REFRESH_ROTATED);
    assert_false(lags);
    assert_int_equal(refreshed(&f, &newest), REFRESH_ROTATED);
    token_pair_done(&alice.pair);
}

/* The owner refreshes between the thief's reading and ending. */
static struct refresh_text owners_token;

static void owner_refreshes(struct faulty_store *store, const struct session *from)
{
    struct fixture *f = (struct fixture *)((char *)store - offsetof(struct fixture, store));

    (void)from;
    store->before_end = NULL;
    assert_int_equal(refreshed(f, &owners_token), REFRESH_ROTATED);
}

static void an_old_token_ends_a_session_that_moves_on_meanwhile(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);
    struct refresh_text stolen = alice.pair.refresh;

    owners_token = alice.pair.refresh;
    assert_int_equal(refreshed(&f, &owners_token), REFRESH_ROTATED);
    f.clock.now_ms += 2 * REFRESH_GRACE_MS;
    f.store.before_end = owner_refreshes;
    assert_int_equal(refreshed(&f, &stolen), REFRESH_REUSED);
    assert_null(f.store.before_end);
    assert_int_equal(refreshed(&f, &owners_token), REFRESH_REFUSED);
    token_pair_done(&alice.pair);
}

/* The session seems unmoved, its move is refused each time. */
static bool always_moved_on(struct user_store *store, const struct rotation *rotation,
                            enum rotate_outcome *outcome, struct error *err)
{
    (void)store;
    (void)rotation;
    (void)err;
    *outcome = SESSION_MOVED_ON;
    return true;
}

static void a_session_that_keeps_moving_on_is_given_up(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);
    struct user_store_functions lagging = *f.store.base.functions;
    struct refresh request = { .token = alice.pair.refresh };
    struct error err = { 0 };

    lagging.rotate_session = always_moved_on;
    f.store.base.functions = &lagging;
    assert_false(refresh(&f.users, &request, &err));
    assert_int_equal(err.code, ERR_BUSY);
    token_pair_done(&request.pair);
    token_pair_done(&alice.pair);
}

/* --- Failures: each call of the store in turn. --- */

static bool run_refresh(struct fixture *f, const struct signup *alice, struct error *err)
{
    struct refresh request = { .token = alice->pair.refresh };
    const bool ok = refresh(&f->users, &request, err);

    token_pair_done(&request.pair);
    return ok;
}

static bool run_logout(struct fixture *f, const struct signup *alice, struct error *err)
{
    return logout(&f->users, &alice->pair.refresh, &fixture_source, err);
}

static bool run_authorize(struct fixture *f, const struct signup *alice, struct error *err)
{
    struct caller caller = caller_of(f, &alice->pair);
    bool allowed = false;
    const bool ok = session_authorize(&f->users, &caller, &allowed, err);

    assert_int_equal(allowed, ok);
    return ok;
}

static const struct failure_case {
    const char *name;
    bool (*run)(struct fixture *f, const struct signup *alice, struct error *err);
    unsigned calls, events; /* that an event could not be stored fails nothing */
} failure_cases[] = {
    { "failure: refresh", run_refresh, 2, 0 },
    { "failure: logout", run_logout, 2, 1 },
    { "failure: authorize", run_authorize, 1, 0 },
};

static void a_failure_of_the_store_is_passed_on(void **state)
{
    const struct failure_case *c = *state;
    static const enum err codes[] = { ERR_NO_MEMORY, ERR_UNAVAILABLE, ERR_UNKNOWN, ERR_BUG };
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);
    struct error err = { 0 };

    for (unsigned call = 1; call <= c->calls; call++)
        for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
            fail_at(&f, call, codes[i]);
            assert_false(c->run(&f, &alice, &err));
            assert_int_equal(err.code, codes[i]);
        }
    fail_at(&f, 0, ERR_NONE);
    assert_true(c->run(&f, &alice, &err));
    assert_int_equal(f.store.calls, c->calls + c->events);
    token_pair_done(&alice.pair);
}

static void a_reuse_that_cannot_be_punished_is_a_failure(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);
    struct refresh_text newest = alice.pair.refresh;
    struct error err = { 0 };

    assert_int_equal(refreshed(&f, &newest), REFRESH_ROTATED);
    f.clock.now_ms += 2 * REFRESH_GRACE_MS;
    fail_at(&f, 2, ERR_UNAVAILABLE); /* get_session, end_session_as_read */
    assert_false(run_refresh(&f, &alice, &err));
    assert_int_equal(err.code, ERR_UNAVAILABLE);
    assert_true(is_allowed(&f, caller_of(&f, &alice.pair)));
    token_pair_done(&alice.pair);
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_ROWS(&tests, who_loses_a_race_answers_for_what_it_finds, race_cases);
    ADD_TEST(&tests, the_newest_token_of_a_session_read_late_ends_nothing);
    ADD_TEST(&tests, an_old_token_ends_a_session_that_moves_on_meanwhile);
    ADD_TEST(&tests, a_session_that_keeps_moving_on_is_given_up);
    ADD_ROWS(&tests, a_failure_of_the_store_is_passed_on, failure_cases);
    ADD_TEST(&tests, a_reuse_that_cannot_be_punished_is_a_failure);
    return tests_run("session failures", &tests);
}
