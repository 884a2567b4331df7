/* What the owner of an account does with it. */
#include "unit/user/accounts.h"

#include "base/log.h"
#include "own_account.h"

#define NEW_PASSWORD "staple of the horse"

/* Alice, logged in twice. */
struct alice {
    struct user user;
    struct caller here, elsewhere;
    struct refresh_text refresh;
};

static struct alice alice_with_two_sessions(struct fixture *f)
{
    struct signup signed_up = alice_signs_up(f);
    struct login elsewhere = try_login(f, "alice", ALICE_PASSWORD);
    const struct alice alice = { .user = signed_up.user,
                                 .here = caller_of(f, &signed_up.pair),
                                 .elsewhere = caller_of(f, &elsewhere.pair),
                                 .refresh = signed_up.pair.refresh };

    token_pair_done(&signed_up.pair);
    token_pair_done(&elsewhere.pair);
    return alice;
}

static struct actor actor_like(const struct user *user)
{
    return (struct actor){ .user_id = user->id, .source = SOME_SOURCE };
}

/* --- Profile. --- */

static struct change_me profile_of(const struct user *user)
{
    return (
        struct change_me){ .actor = actor_like(user),
                           .change = { .first_name = "Alicia", .given = { .first_name = true } },
                           .current_password = "not looked at" };
}

static void change_must_do(struct fixture *f, struct change_me *change)
{
    struct error err = { 0 };

    if (!change_me(&f->users, change, &err))
        fail_msg("change_me: %s", err.detail);
}

static void a_name_needs_no_password(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    const struct alice alice = alice_with_two_sessions(&f);
    struct change_me change = profile_of(&alice.user);

    change_must_do(&f, &change);
    assert_int_equal(change.result, CHANGE_DONE);
    assert_string_equal(change.user.first_name, "Alicia");
    assert_int_equal(change.user.version, 1);
    assert_string_equal(account_now(&f, &alice.user.id).user.first_name, "Alicia");
    assert_true(is_allowed(&f, alice.here));
    assert_true(is_allowed(&f, alice.elsewhere));
    change_must_do(&f, &change);
    assert_int_equal(change.result, CHANGE_NONE);
    assert_int_equal(change.user.version, 1);
    assert_string_equal(events_told(&f).text, "profile-change done, ");
}

/* Also when the members it comes with need none. */
static void a_password_that_is_given_is_checked(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    const struct alice alice = alice_with_two_sessions(&f);
    struct change_me change = profile_of(&alice.user);

    change.password_given = true;
    change_must_do(&f, &change);
    assert_int_equal(change.result, CHANGE_WRONG_PASSWORD);
    assert_string_equal(account_now(&f, &alice.user.id).user.first_name, "Alice");
    assert_string_equal(events_told(&f).text, "profile-change refused, ");
    strcpy(change.current_password, ALICE_PASSWORD);
    change_must_do(&f, &change);
    assert_int_equal(change.result, CHANGE_DONE);
}

static const struct email_case {
    const char *name, *password, *email;
    enum change_result result;
} email_cases[] = {
    { "e-mail: the right password", ALICE_PASSWORD, "new@example.org", CHANGE_DONE },
    { "e-mail: the same again", ALICE_PASSWORD, "alice@example.org", CHANGE_NONE },
    { "e-mail: a wrong password", "x", "new@example.org", CHANGE_WRONG_PASSWORD },
    { "e-mail: no password", "", "new@example.org", CHANGE_WRONG_PASSWORD },
    { "e-mail: the same, a wrong password", "x", "alice@example.org", CHANGE_WRONG_PASSWORD },
    { "e-mail: another's", ALICE_PASSWORD, "BOB@example.org", CHANGE_NAME_TAKEN },
};

static void an_email_needs_the_password(void **state)
{
    const struct email_case *c = *state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    const struct alice alice = alice_with_two_sessions(&f);
    struct change_me change = { .actor = actor_like(&alice.user),
                                .change = { .first_name = "Alicia",
                                            .given = { .first_name = true, .email = true } } };

    add_user(&f, "bob", ROLE_PLAYER);
    strcpy(change.current_password, c->password);
    strcpy(change.change.email, c->email);
    change.change.given.first_name = c->result != CHANGE_NONE;
    change_must_do(&f, &change);
    assert_int_equal(change.result, c->result);
    const struct account now = account_now(&f, &alice.user.id);
    assert_string_equal(now.user.email, c->result == CHANGE_DONE ? c->email : "alice@example.org");
    assert_string_equal(now.user.first_name, c->result == CHANGE_DONE ? "Alicia" : "Alice");
}

/* --- Deactivating. --- */

static enum change_result deactivated(struct fixture *f, const struct user *user)
{
    struct deactivate_me request = { .actor = actor_like(user) };
    struct error err = { 0 };

    if (!deactivate_me(&f->users, &request, &err))
        fail_msg("deactivate_me: %s", err.detail);
    return request.result;
}

static void who_leaves_has_no_session_and_keeps_the_name(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct alice alice = alice_with_two_sessions(&f);
    struct signup again = signup_request("ALICE", "other@example.org");
    struct error err = { 0 };

    assert_int_equal(deactivated(&f, &alice.user), CHANGE_DONE);
    assert_false(is_allowed(&f, alice.here));
    assert_false(is_allowed(&f, alice.elsewhere));
    assert_int_equal(refreshed(&f, &alice.refresh), REFRESH_REFUSED);
    assert_false(account_now(&f, &alice.user.id).user.active);
    assert_true(signup(&f.users, &again, &err));
    assert_int_equal(again.result, SIGNUP_NAME_TAKEN);
    token_pair_done(&again.pair);
    assert_int_equal(deactivated(&f, &alice.user), CHANGE_NONE);
    assert_string_equal(events_told(&f).text, "deactivate done, ");
}

static void the_last_admin_stays(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    const struct user one = add_user(&f, "one", ROLE_ADMIN);
    const struct user other = add_user(&f, "other", ROLE_ADMIN);

    assert_int_equal(deactivated(&f, &one), CHANGE_DONE);
    assert_int_equal(deactivated(&f, &other), CHANGE_LAST_ADMIN);
    assert_true(account_now(&f, &other.id).user.active);
}

/* --- Password. --- */

static struct change_password new_password(const struct user *user, const char *current,
                                           const char *password)
{
    struct change_password change = { .actor = actor_like(user) };

    strcpy(change.current_password, current);
    strcpy(change.password, password);
    return change;
}

static void password_must_do(struct fixture *f, struct change_password *change)
{
    struct error err = { 0 };

    if (!change_password(&f->users, change, &err))
        fail_msg("change_password: %s", err.detail);
}

static void a_new_password_ends_all_other_sessions(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct alice alice = alice_with_two_sessions(&f);
    struct change_password change = new_password(&alice.user, ALICE_PASSWORD, NEW_PASSWORD);

    password_must_do(&f, &change);
    assert_int_equal(change.result, CHANGE_DONE);
    assert_false(is_allowed(&f, alice.here));
    assert_false(is_allowed(&f, alice.elsewhere));
    assert_int_equal(refreshed(&f, &alice.refresh), REFRESH_REFUSED);
    assert_true(is_allowed(&f, caller_of(&f, &change.pair)));
    assert_int_equal(refreshed(&f, &change.pair.refresh), REFRESH_ROTATED);
    token_pair_done(&change.pair);
    assert_string_equal(events_told(&f).text, "password-change done, ");
}

static void the_new_password_is_the_one_that_logs_in(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    const struct alice alice = alice_with_two_sessions(&f);
    struct change_password change = new_password(&alice.user, ALICE_PASSWORD, NEW_PASSWORD);

    password_must_do(&f, &change);
    token_pair_done(&change.pair);
    assert_int_equal(change.user.version, 0); /* clients see no change */
    struct login old = try_login(&f, "alice", ALICE_PASSWORD);
    struct login new = try_login(&f, "alice", NEW_PASSWORD);
    assert_int_equal(old.result, LOGIN_WRONG);
    assert_int_equal(new.result, LOGIN_DONE);
    token_pair_done(&old.pair);
    token_pair_done(&new.pair);
}

static const struct refused_case {
    const char *name, *current, *password;
    enum change_result result;
    const char *told;
} refused_cases[] = {
    { "password: a wrong one", "x", NEW_PASSWORD, CHANGE_WRONG_PASSWORD,
      "password-change refused, " },
    { "password: the username", ALICE_PASSWORD, "Alice-Liddell", CHANGE_PASSWORD_IS_NAME, "" },
    { "password: the e-mail", ALICE_PASSWORD, "Alice@Example.org", CHANGE_PASSWORD_IS_NAME, "" },
};

static void a_refused_password_changes_nothing(void **state)
{
    const struct refused_case *c = *state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup alice = signup_request("alice-liddell", "alice@example.org");
    struct error err = { 0 };

    assert_true(signup(&f.users, &alice, &err));
    struct change_password change = new_password(&alice.user, c->current, c->password);
    const struct account before = account_now(&f, &alice.user.id);
    password_must_do(&f, &change);
    assert_int_equal(change.result, c->result);
    assert_int_equal(account_now(&f, &alice.user.id).revision, before.revision);
    assert_true(is_allowed(&f, caller_of(&f, &alice.pair)));
    assert_int_equal(change.pair.access.length, 0);
    assert_string_equal(events_told(&f).text, c->told);
    token_pair_done(&alice.pair);
}

static void gives_a_reset_link(struct fixture *f, const struct id *id)
{
    const struct account from = account_now(f, id);
    struct account to = from;
    enum put_account_outcome outcome;
    struct error err = { 0 };

    to.reset.expires_at = f->clock.now_ms + MINUTE_MS;
    assert_true(user_store_put_account(f->store.real, &from, &to, &outcome, &err));
    assert_int_equal(outcome, ACCOUNT_PUT);
}

/* A link that is under way must not undo what the owner does. */
static void an_open_reset_link_is_dead(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    const struct alice alice = alice_with_two_sessions(&f);
    struct change_password change = new_password(&alice.user, ALICE_PASSWORD, NEW_PASSWORD);

    gives_a_reset_link(&f, &alice.user.id);
    password_must_do(&f, &change);
    token_pair_done(&change.pair);
    assert_int_equal(account_now(&f, &alice.user.id).reset.expires_at, 0);
}

/* Two at once with one current password: the second is asked for the first one's. */
static void sets_another_password(struct faulty_store *store, const struct account *from)
{
    const struct password_cost cost = { .memory_kib = 8, .passes = 1 };
    struct account to = *from;
    enum put_account_outcome outcome;
    struct error err = { 0 };

    store->before_put = NULL;
    assert_true(password_hash(&cost, &system_random, "another", 7, &to.password, &err));
    assert_true(user_store_put_account(store->real, from, &to, &outcome, &err));
}

static void of_two_changes_at_once_one_wins(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    const struct alice alice = alice_with_two_sessions(&f);
    struct change_password change = new_password(&alice.user, ALICE_PASSWORD, NEW_PASSWORD);

    f.store.before_put = sets_another_password;
    password_must_do(&f, &change);
    assert_int_equal(change.result, CHANGE_WRONG_PASSWORD);
    token_pair_done(&change.pair);
}

static void a_change_beside_it_does_not_ask_again(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    const struct alice alice = alice_with_two_sessions(&f);
    struct change_password change = new_password(&alice.user, ALICE_PASSWORD, NEW_PASSWORD);

    f.store.before_put = moves_on_once;
    password_must_do(&f, &change);
    assert_int_equal(change.result, CHANGE_DONE);
    assert_true(is_allowed(&f, caller_of(&f, &change.pair)));
    assert_int_equal(account_now(&f, &alice.user.id).user.phone[1], '9');
    token_pair_done(&change.pair);
}

/* --- Guessing. --- */

/* Both ways to guess are one count, and the count is login's. */
static void guesses_are_throttled(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    const struct alice alice = alice_with_two_sessions(&f);
    struct change_me email = { .actor = actor_like(&alice.user),
                               .change = { .email = "a@b", .given = { .email = true } },
                               .current_password = "x" };
    struct change_password change = new_password(&alice.user, "x", NEW_PASSWORD);

    for (int i = 0; i < 5; i++) {
        if (i % 2)
            change_must_do(&f, &email);
        else
            password_must_do(&f, &change);
        assert_int_equal(i % 2 ? email.result : change.result, CHANGE_WRONG_PASSWORD);
    }
    change = new_password(&alice.user, ALICE_PASSWORD, NEW_PASSWORD);
    password_must_do(&f, &change);
    assert_int_equal(change.result, CHANGE_THROTTLED);
    assert_true(change.wait_s > 0);
    strcpy(email.current_password, ALICE_PASSWORD);
    change_must_do(&f, &email);
    assert_int_equal(email.result, CHANGE_THROTTLED);
    assert_true(email.wait_s > 0);
    f.clock.now_ms += (int64_t)change.wait_s * SECOND_MS;
    password_must_do(&f, &change);
    assert_int_equal(change.result, CHANGE_DONE);
    token_pair_done(&change.pair);
}

/* --- Failures: at each call of the store. --- */

/* Whether the n-th call failed; there were fewer: false. */
static bool fails_at(unsigned n)
{
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    const struct alice alice = alice_with_two_sessions(&f);
    struct change_password change = new_password(&alice.user, ALICE_PASSWORD, NEW_PASSWORD);
    struct error err = { 0 };

    fail_at(&f, n, ERR_UNAVAILABLE);
    const bool ok = change_password(&f.users, &change, &err);
    const bool failed = f.store.calls >= n;
    const bool changed = account_now(&f, &alice.user.id).epoch > 0;
    fail_at(&f, 0, ERR_NONE);
    if (ok)
        assert_true(changed && is_allowed(&f, caller_of(&f, &change.pair)));
    else
        assert_int_equal(err.code, changed ? ERR_UNKNOWN : ERR_UNAVAILABLE);
    token_pair_done(&change.pair);
    return failed;
}

/* "Nothing was done" is said only where that is so. */
static void a_failure_says_whether_the_password_changed(void **state)
{
    (void)state;
    unsigned calls = 0;

    while (fails_at(calls + 1))
        calls++;
    assert_true(calls >= 3); /* the account's read and write, the session's */
}

static const struct failing {
    const char *name;
    unsigned call;
} failing_cases[] = {
    { "failure: no read", 1 },
    { "failure: no write", 2 },
};

static void a_failed_change_is_told(void **state)
{
    const struct failing *c = *state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    const struct alice alice = alice_with_two_sessions(&f);
    struct change_me change = profile_of(&alice.user);
    struct deactivate_me off = { .actor = actor_like(&alice.user) };
    struct error err = { 0 };

    fail_at(&f, c->call, ERR_UNAVAILABLE);
    assert_false(change_me(&f.users, &change, &err));
    fail_at(&f, c->call, ERR_UNAVAILABLE);
    assert_false(deactivate_me(&f.users, &off, &err));
    assert_int_equal(err.code, ERR_UNAVAILABLE);
    assert_int_equal(account_now(&f, &alice.user.id).revision, 1);
}

int main(void)
{
    struct tests tests = { 0 };

    log_open("unit", LOG_ERROR);
    ADD_TEST(&tests, a_name_needs_no_password);
    ADD_TEST(&tests, a_password_that_is_given_is_checked);
    ADD_ROWS(&tests, an_email_needs_the_password, email_cases);
    ADD_TEST(&tests, who_leaves_has_no_session_and_keeps_the_name);
    ADD_TEST(&tests, the_last_admin_stays);
    ADD_TEST(&tests, a_new_password_ends_all_other_sessions);
    ADD_TEST(&tests, the_new_password_is_the_one_that_logs_in);
    ADD_ROWS(&tests, a_refused_password_changes_nothing, refused_cases);
    ADD_TEST(&tests, an_open_reset_link_is_dead);
    ADD_TEST(&tests, of_two_changes_at_once_one_wins);
    ADD_TEST(&tests, a_change_beside_it_does_not_ask_again);
    ADD_TEST(&tests, guesses_are_throttled);
    ADD_TEST(&tests, a_failure_says_whether_the_password_changed);
    ADD_ROWS(&tests, a_failed_change_is_told, failing_cases);
    return tests_run("own_account", &tests);
}
