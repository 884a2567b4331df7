/* Refreshing: the pair, each token's own grace, reuse, and how long a session lives by it. */
#include "unit/user/fixture.h"

/* --- Once, and again. --- */

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

/* Alice's first token and those that came of it, a second after each other. */
enum { CHAIN = USED_TOKENS_KEPT };

static struct signup alice_makes_a_chain(struct fixture *f, struct refresh_text tokens[CHAIN + 1])
{
    struct signup alice = alice_signs_up(f);

    tokens[0] = alice.pair.refresh;
    for (int i = 0; i < CHAIN; i++, f->clock.now_ms += SECOND_MS) {
        tokens[i + 1] = tokens[i];
        assert_int_equal(refreshed(f, &tokens[i + 1]), REFRESH_ROTATED);
    }
    return alice;
}

static const struct grace_case chain_cases[] = {
    { "chain: each token again, after 9.9 s", 9900, REFRESH_REPLAYED },
    { "chain: each token again, after 10.1 s", 10100, REFRESH_REUSED },
};

static void each_token_of_a_chain_has_its_own_grace(void **state)
{
    const struct grace_case *c = *state;

    for (int generation = 0; generation < CHAIN; generation++) {
        AUTO(fixture) struct fixture f;
        fixture_open(&f);
        struct refresh_text tokens[CHAIN + 1];
        struct signup alice = alice_makes_a_chain(&f, tokens);
        struct refresh_text again = tokens[generation];
        f.clock.now_ms = T0 + generation * SECOND_MS + c->after_ms;
        assert_int_equal(refreshed(&f, &again), c->result);
        const bool lives = c->result == REFRESH_REPLAYED;
        assert_string_equal(again.text, lives ? tokens[generation + 1].text : "");
        assert_int_equal(refreshed(&f, &tokens[CHAIN]), lives ? REFRESH_ROTATED : REFRESH_REFUSED);
        token_pair_done(&alice.pair);
    }
}

/* A replay takes nothing from the tokens that came after it, nor from its own grace. */
static void replays_in_any_order_leave_a_chain_whole(void **state)
{
    (void)state;
    static const int order[] = { 0, 0, CHAIN - 1, 3, 0, CHAIN - 2, 1, 3 };
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct refresh_text tokens[CHAIN + 1];
    struct signup alice = alice_makes_a_chain(&f, tokens);

    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        struct refresh_text again = tokens[order[i]];
        assert_int_equal(refreshed(&f, &again), REFRESH_REPLAYED);
        assert_string_equal(again.text, tokens[order[i] + 1].text);
    }
    assert_int_equal(refreshed(&f, &tokens[CHAIN]), REFRESH_ROTATED);
    token_pair_done(&alice.pair);
}

/* However shortly ago it was used. */
static void a_token_that_is_remembered_no_more_ends_the_session(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);
    struct refresh_text newest = alice.pair.refresh;

    for (int i = 0; i < USED_TOKENS_KEPT; i++)
        assert_int_equal(refreshed(&f, &newest), REFRESH_ROTATED);
    struct refresh_text oldest = alice.pair.refresh;
    assert_int_equal(refreshed(&f, &oldest), REFRESH_REPLAYED);
    assert_int_equal(refreshed(&f, &newest), REFRESH_ROTATED);
    assert_true(is_allowed(&f, caller_of(&f, &alice.pair)));
    oldest = alice.pair.refresh;
    f.clock.now_ms++; /* so that its event is the newest */
    assert_int_equal(refreshed(&f, &oldest), REFRESH_REUSED);
    assert_last_event(&f, "token-reuse", "refused", NULL, &alice.user.id);
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
    assert_true(logout(&f.users, &forged, &fixture_source, &err));
    assert_int_equal(refreshed(&f, &forged), REFRESH_REFUSED);
    assert_int_equal(refreshed(&f, &none), REFRESH_REFUSED);
    assert_int_equal(f.store.calls, 0);
    assert_true(is_allowed(&f, caller_of(&f, &alice.pair)));
    token_pair_done(&alice.pair);
}

/* --- What the store remembers, as another version of the service left it. --- */

static const struct older_case {
    const char *name, *before;
    enum err code;
} older_cases[] = {
    { "older: none, as before there were any", "UPDATE sessions SET older = x''", ERR_NONE },
    { "older: more than we keep", "UPDATE sessions SET older = zeroblob(16 * 40)", ERR_NONE },
    { "older: half of one", "UPDATE sessions SET older = zeroblob(20)", ERR_BUG },
};

static void older_tokens_of_another_version_are_read(void **state)
{
    const struct older_case *c = *state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct refresh_text tokens[CHAIN + 1];
    struct signup alice = alice_makes_a_chain(&f, tokens);
    struct refresh request = { .token = tokens[CHAIN] };
    struct error err = { 0 };

    run_sql(&f, c->before);
    assert_int_equal(refresh(&f.users, &request, &err), c->code == ERR_NONE);
    assert_int_equal(err.code, c->code);
    token_pair_done(&request.pair);
    token_pair_done(&alice.pair);
}

/* --- Lifetimes. --- */

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

int main(void)
{
    struct tests tests = { 0 };

    ADD_TEST(&tests, a_refresh_gives_a_pair_that_works);
    ADD_ROWS(&tests, a_replay_within_the_grace_gives_the_same_child, grace_cases);
    ADD_ROWS(&tests, each_token_of_a_chain_has_its_own_grace, chain_cases);
    ADD_TEST(&tests, replays_in_any_order_leave_a_chain_whole);
    ADD_TEST(&tests, a_token_that_is_remembered_no_more_ends_the_session);
    ADD_TEST(&tests, a_forged_token_never_reaches_the_store);
    ADD_ROWS(&tests, older_tokens_of_another_version_are_read, older_cases);
    ADD_TEST(&tests, refreshing_keeps_a_session_alive_but_not_for_ever);
    ADD_ROWS(&tests, an_idle_session_ends, idle_cases);
    return tests_run("session refresh", &tests);
}
