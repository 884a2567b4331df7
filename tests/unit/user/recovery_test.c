/* A forgotten password: what a token does, and what is none. */
#include "unit/user/mailing.h"

#include <pthread.h>

#include "base/log.h"
#include "own_account.h"

#define ALICE "alice@example.org"

static struct signup signed_up(struct fixture *f)
{
    struct signup alice = alice_signs_up(f);

    token_pair_done(&alice.pair);
    return alice;
}

static void a_token_sets_the_password_and_ends_all_sessions(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);
    const struct caller caller = caller_of(&f, &alice.pair);
    struct refresh_text session = alice.pair.refresh;
    token_pair_done(&alice.pair);
    const struct refresh_text token = next_token(&f, ALICE);

    assert_true(is_allowed(&f, caller)); /* a mail changes nothing */
    assert_int_equal(try_reset(&f, &token, RESET_PASSWORD), CHANGE_DONE);
    assert_false(is_allowed(&f, caller));
    assert_int_equal(refreshed(&f, &session), REFRESH_REFUSED);
    struct login old = try_login(&f, "alice", ALICE_PASSWORD);
    assert_int_equal(old.result, LOGIN_WRONG);
    struct login new = try_login(&f, "alice", RESET_PASSWORD);
    assert_int_equal(new.result, LOGIN_DONE);
    token_pair_done(&new.pair);
    assert_int_equal(account_now(&f, &alice.user.id).user.version, 0);
    assert_string_equal(events_told(&f).text, "password-reset done, ");
}

static void a_token_works_once(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    signed_up(&f);
    const struct refresh_text token = next_token(&f, ALICE);

    assert_int_equal(try_reset(&f, &token, RESET_PASSWORD), CHANGE_DONE);
    assert_int_equal(try_reset(&f, &token, RESET_PASSWORD), CHANGE_GONE);
}

static void a_token_lives_for_ten_minutes(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    signed_up(&f);
    const struct refresh_text token = next_token(&f, ALICE);

    f.clock.now_ms += 10 * MINUTE_MS;
    assert_int_equal(try_reset(&f, &token, RESET_PASSWORD), CHANGE_GONE);
    f.clock.now_ms -= 1;
    assert_int_equal(try_reset(&f, &token, RESET_PASSWORD), CHANGE_DONE);
}

static void a_newer_one_replaces_it(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    signed_up(&f);
    const struct refresh_text older = next_token(&f, ALICE), newer = next_token(&f, ALICE);

    assert_int_equal(try_reset(&f, &older, RESET_PASSWORD), CHANGE_GONE);
    assert_int_equal(try_reset(&f, &newer, RESET_PASSWORD), CHANGE_DONE);
}

static void a_name_is_refused_and_uses_nothing_up(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    const struct signup alice = signup_request("Alice-Liddell", ALICE);
    struct signup done = alice;
    struct error err = { 0 };

    assert_true(signup(&f.users, &done, &err));
    token_pair_done(&done.pair);
    const struct refresh_text token = next_token(&f, ALICE);
    assert_int_equal(try_reset(&f, &token, "alice-liddell"), CHANGE_PASSWORD_IS_NAME);
    assert_int_equal(try_reset(&f, &token, "ALICE@example.org"), CHANGE_PASSWORD_IS_NAME);
    assert_string_equal(events_told(&f).text, "");
    assert_int_equal(try_reset(&f, &token, RESET_PASSWORD), CHANGE_DONE);
}

/* --- What became of the account meanwhile. --- */

static void deactivate(struct fixture *f, const struct user *user)
{
    struct deactivate_me request = { .actor = { .user_id = user->id, .source = SOME_SOURCE } };
    struct error err = { 0 };

    assert_true(deactivate_me(&f->users, &request, &err));
}

static void delete_it(struct fixture *f, const struct user *user)
{
    const struct account account = account_now(f, &user->id);
    enum put_account_outcome outcome;
    struct error err = { 0 };

    assert_true(user_store_delete_account(f->store.real, &account, &outcome, &err));
}

static void change_the_email(struct fixture *f, const struct user *user)
{
    struct change_me change = { .actor = { .user_id = user->id, .source = SOME_SOURCE },
                                .change = { .email = "new@example.org", .given.email = true },
                                .current_password = ALICE_PASSWORD };
    struct error err = { 0 };

    assert_true(change_me(&f->users, &change, &err));
    assert_int_equal(change.result, CHANGE_DONE);
}

static const struct meanwhile_case {
    const char *name;
    void (*happens)(struct fixture *f, const struct user *user);
} meanwhile_cases[] = {
    { "meanwhile: deactivated", deactivate },
    { "meanwhile: deleted", delete_it },
    { "meanwhile: another e-mail", change_the_email },
};

/* Garbage and what is over cost no hash: one call of the store, at most. */
static void a_token_of_what_is_over_is_gone(void **state)
{
    const struct meanwhile_case *c = *state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    const struct signup alice = signed_up(&f);
    const struct refresh_text token = next_token(&f, ALICE);

    c->happens(&f, &alice.user);
    fail_at(&f, 0, ERR_NONE);
    assert_int_equal(try_reset(&f, &token, RESET_PASSWORD), CHANGE_GONE);
    assert_int_equal(f.store.calls, 1);
}

static void a_forged_one_never_reaches_the_store(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    const struct refresh_text nothing = { "" };
    signed_up(&f);
    struct refresh_text forged = next_token(&f, ALICE);

    forged.text[20] = forged.text[20] == 'A' ? 'B' : 'A';
    fail_at(&f, 0, ERR_NONE);
    assert_int_equal(try_reset(&f, &forged, RESET_PASSWORD), CHANGE_GONE);
    assert_int_equal(try_reset(&f, &nothing, RESET_PASSWORD), CHANGE_GONE);
    assert_int_equal(f.store.calls, 0);
}

/* --- Races. --- */

static void an_account_that_moved_on_is_read_again(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    const struct signup alice = signed_up(&f);
    const struct refresh_text token = next_token(&f, ALICE);

    f.store.before_put = moves_on_once;
    assert_int_equal(try_reset(&f, &token, RESET_PASSWORD), CHANGE_DONE);
    const struct account now = account_now(&f, &alice.user.id);
    assert_int_equal(now.user.version, 1); /* the other change is kept */
    assert_int_equal(now.reset.expires_at, 0);
}

enum { RACERS = 8 };

struct racer {
    struct users users;
    struct reset_password request;
    bool failed;
};

static void *race(void *context)
{
    struct racer *racer = context;
    struct error err = { 0 };

    racer->failed = !reset_password(&racer->users, &racer->request, &err);
    return NULL;
}

static void of_many_at_once_one_counts(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    signed_up(&f);
    const struct refresh_text token = next_token(&f, ALICE);
    struct racer racers[RACERS];
    pthread_t threads[RACERS];
    int done = 0, gone = 0;

    for (int i = 0; i < RACERS; i++) {
        racers[i] =
            (struct racer){ .users = f.users, .request = reset_request(&token, RESET_PASSWORD) };
        racers[i].users.store = f.store.real; /* the faulty one is one thread's */
        assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    }
    for (int i = 0; i < RACERS; i++) {
        pthread_join(threads[i], NULL);
        assert_false(racers[i].failed);
        done += racers[i].request.result == CHANGE_DONE;
        gone += racers[i].request.result == CHANGE_GONE;
    }
    assert_int_equal(done, 1);
    assert_int_equal(gone, RACERS - 1);
}

/* --- A store that fails. --- */

enum { ASKING_CALLS = 3 }; /* the source's counter is read and put, the recovery added */

static void asking_fails_with_the_store(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct error err = { 0 };

    for (unsigned n = 1; n <= ASKING_CALLS; n++) {
        fail_at(&f, n, ERR_UNAVAILABLE);
        assert_false(ask_for_reset(&f.users, ALICE, &fixture_source, &err));
        assert_int_equal(err.code, ERR_UNAVAILABLE);
    }
}

/* Reading and putting the account; the audit event that cannot be stored undoes nothing. */
static void resetting_fails_with_the_store(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    signed_up(&f);
    const struct refresh_text token = next_token(&f, ALICE);
    struct reset_password request = reset_request(&token, RESET_PASSWORD);

    for (unsigned n = 1; n <= 2; n++) {
        struct error err = { 0 };
        fail_at(&f, n, ERR_UNAVAILABLE);
        assert_false(reset_password(&f.users, &request, &err));
        assert_int_equal(err.code, ERR_UNAVAILABLE);
    }
    fail_at(&f, 3, ERR_UNAVAILABLE);
    assert_int_equal(try_reset(&f, &token, RESET_PASSWORD), CHANGE_DONE);
    assert_int_equal(f.store.calls, 3);
}

/* Asking for a known and for an unknown address: the same calls. */
static void asking_costs_the_same_for_everybody(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    signed_up(&f);

    fail_at(&f, 0, ERR_NONE);
    ask(&f, ALICE);
    assert_int_equal(f.store.calls, ASKING_CALLS);
    ask(&f, "nobody@example.org");
    assert_int_equal(f.store.calls, 2 * ASKING_CALLS);
}

/* How many are noted of the addresses that one source asks for, one after the other. */
static unsigned noted_of(struct fixture *f, unsigned asked, const struct source *source)
{
    struct kept_mailer mailer = kept_mailer();
    const struct reset_mails mails = mails_over(f, &mailer);
    unsigned noted = 0;

    for (unsigned i = 0; i < asked; i++) {
        char email[32];
        snprintf(email, sizeof email, "nobody-%u@example.org", i);
        ask_from(f, email, source);
    }
    while (send_one(&mails))
        noted++;
    return noted;
}

/* So that a flood of addresses does not keep the mails of others waiting. */
static void one_source_asks_a_hundred_times(void **state)
{
    (void)state;
    static const struct source elsewhere = { "198.51.100.7" };
    AUTO(fixture) struct fixture f;
    fixture_open(&f);

    assert_int_equal(noted_of(&f, 120, &fixture_source), 100);
    assert_int_equal(noted_of(&f, 10, &elsewhere), 10);
    f.clock.now_ms += 15 * MINUTE_MS - 1;
    assert_int_equal(noted_of(&f, 1, &fixture_source), 0);
    f.clock.now_ms++;
    assert_int_equal(noted_of(&f, 120, &fixture_source), 100);
}

static void asking_locks_nobody_out(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    signed_up(&f);

    assert_int_equal(noted_of(&f, 120, &fixture_source), 100);
    struct login owner = try_login(&f, "alice", ALICE_PASSWORD);
    assert_int_equal(owner.result, LOGIN_DONE);
    token_pair_done(&owner.pair);
}

/* Where a proxy could be everybody. */
static void without_trusted_proxies_all_may_ask(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);

    f.users.throttle.by_source = false;
    assert_int_equal(noted_of(&f, 120, &fixture_source), 120);
}

int main(void)
{
    struct tests tests = { 0 };

    log_open("unit", LOG_ERROR);
    ADD_TEST(&tests, a_token_sets_the_password_and_ends_all_sessions);
    ADD_TEST(&tests, a_token_works_once);
    ADD_TEST(&tests, a_token_lives_for_ten_minutes);
    ADD_TEST(&tests, a_newer_one_replaces_it);
    ADD_TEST(&tests, a_name_is_refused_and_uses_nothing_up);
    ADD_ROWS(&tests, a_token_of_what_is_over_is_gone, meanwhile_cases);
    ADD_TEST(&tests, a_forged_one_never_reaches_the_store);
    ADD_TEST(&tests, an_account_that_moved_on_is_read_again);
    ADD_TEST(&tests, of_many_at_once_one_counts);
    ADD_TEST(&tests, asking_fails_with_the_store);
    ADD_TEST(&tests, resetting_fails_with_the_store);
    ADD_TEST(&tests, asking_costs_the_same_for_everybody);
    ADD_TEST(&tests, one_source_asks_a_hundred_times);
    ADD_TEST(&tests, asking_locks_nobody_out);
    ADD_TEST(&tests, without_trusted_proxies_all_may_ask);
    return tests_run("recovery", &tests);
}
