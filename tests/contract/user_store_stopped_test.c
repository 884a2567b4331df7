/* What a program that was stopped leaves in MongoDB, and what becomes of it when it goes on after
 * all: on a real engine, the traces written by hand. */
#include "contract/user_store_suite.h"

#include <string.h>

#include "base/clock.h"
#include "contract/mongo_server.h"

#define FIRST "{'$oid': '010000000000000000000001'}" /* nth_account(1) */
#define NINTH "{'$oid': '010000000000000000000009'}"

/* The first and the second account, both admins. */
static struct user_store *begin(void)
{
    const struct account first = nth_account(1), second = nth_account(2);
    struct error err = { 0 };

    mongo_server_empty();
    struct user_store *store = user_store_mongo_open(mongo_server_uri(), &system_clock, &err);
    if (!store)
        fail_msg("cannot open: %s", err.detail);
    assert_string_equal(id_format(&first.user.id).hex, "010000000000000000000001");
    assert_int_equal(add(store, &first), USER_ADDED);
    assert_int_equal(add(store, &second), USER_ADDED);
    return store;
}

static struct account nth_as(uint32_t n, const char *username)
{
    struct account account = nth_account(n);

    strcpy(account.user.username, username);
    return account;
}

static void assert_has_name(struct user_store *store, const char *name, uint32_t n)
{
    const struct account expected = nth_account(n);
    struct account got;

    assert_true(find(store, name, &got));
    assert_true(id_equal(&got.user.id, &expected.user.id));
}

/* --- Names. --- */

/* The name that the second account, or a sign-up, wants. */
static const struct claim_case {
    const char *name;
    const char *claim;
    bool fences; /* the first account, who goes on after all */
} claim_cases[] = {
    { "a rename that was not put", "{'_id': 'wanted', 'userId': " FIRST ", 'revision': 2}", true },
    { "a rename that was undone", "{'_id': 'wanted', 'userId': " FIRST ", 'revision': 1}", false },
    { "a sign-up that did not come", "{'_id': 'wanted', 'userId': " NINTH ", 'revision': 1}",
      false },
};

/* A put from where it was read fails if it was fenced; the name is gone in any case. */
static void assert_first_goes_on(struct user_store *store, bool fenced)
{
    const struct account first = nth_account(1), wanted = nth_as(1, "Wanted");
    struct account now;

    assert_int_equal(put(store, &first, &first), fenced ? ACCOUNT_MOVED_ON : ACCOUNT_PUT);
    assert_true(get(store, &first, &now));
    assert_int_equal(put(store, &now, &wanted), ACCOUNT_NAME_TAKEN);
    assert_has_name(store, "Name.1", 1);
}

static void a_claimed_name_goes_to_who_renames(void **state)
{
    const struct claim_case *c = *state;
    AUTO(user_store) struct user_store *store = begin();
    const struct account second = nth_account(2), renamed = nth_as(2, "Wanted");
    struct account got;

    mongo_server_write("names", c->claim);
    assert_false(find(store, "Wanted", &got));
    assert_int_equal(put(store, &second, &renamed), ACCOUNT_PUT);
    assert_has_name(store, "Wanted", 2);
    assert_first_goes_on(store, c->fences);
    assert_has_name(store, "Wanted", 2);
}

static void a_claimed_name_goes_to_who_signs_up(void **state)
{
    const struct claim_case *c = *state;
    AUTO(user_store) struct user_store *store = begin();
    const struct account third = nth_as(3, "Wanted"), ninth = nth_as(9, "Wanted");

    mongo_server_write("names", c->claim);
    assert_int_equal(add(store, &third), USER_ADDED);
    assert_has_name(store, "Wanted", 3);
    assert_first_goes_on(store, c->fences);
    assert_int_equal(add(store, &ninth), USER_NAME_TAKEN);
    assert_has_name(store, "Wanted", 3);
}

/* Whoever left a name behind without freeing it comes back to it. */
static void a_claim_of_ones_own_is_renewed(void **state)
{
    (void)state;
    AUTO(user_store) struct user_store *store = begin();
    const struct account first = nth_account(1), renamed = nth_as(1, "Wanted");

    mongo_server_write("names", "{'_id': 'wanted', 'userId': " FIRST ", 'revision': 1}");
    assert_int_equal(put(store, &first, &renamed), ACCOUNT_PUT);
    assert_has_name(store, "Wanted", 1);
}

/* By a try that was stopped: it may still be put, so the next one fences both. */
static void a_claim_of_ones_own_that_is_pending_is_fenced(void **state)
{
    (void)state;
    AUTO(user_store) struct user_store *store = begin();
    const struct account first = nth_account(1), renamed = nth_as(1, "Wanted");
    struct account now;

    mongo_server_write("names", "{'_id': 'wanted', 'userId': " FIRST ", 'revision': 2}");
    assert_int_equal(put(store, &first, &renamed), ACCOUNT_MOVED_ON);
    assert_true(get(store, &first, &now));
    assert_int_equal(put(store, &now, &renamed), ACCOUNT_PUT);
    assert_has_name(store, "Wanted", 1);
}

/* --- The last admin. --- */

static struct account demoted(const struct account *account)
{
    struct account to = *account;

    to.user.role = ROLE_PLAYER;
    return to;
}

/* The first account had taken the guard and seen that the second is an admin; the second demotes
 * itself meanwhile. */
static void who_was_stopped_with_the_guard_finds_itself_fenced(void **state)
{
    (void)state;
    AUTO(user_store) struct user_store *store = begin();
    const struct account first = nth_account(1), second = nth_account(2);
    const struct account first_demoted = demoted(&first), second_demoted = demoted(&second);
    struct account now;

    mongo_server_write("guards", "{'_id': 'last-admin', 'turn': 5, 'userId': " FIRST "}");
    assert_int_equal(put(store, &second, &second_demoted), ACCOUNT_PUT);
    assert_int_equal(put(store, &first, &first_demoted), ACCOUNT_MOVED_ON);
    assert_true(get(store, &first, &now));
    assert_int_equal(now.user.role, ROLE_ADMIN);
    assert_int_equal(put(store, &now, &first_demoted), ACCOUNT_LAST_ADMIN);
    assert_int_equal(delete_read(store, &now), ACCOUNT_LAST_ADMIN);
}

/* The one who had the guard was deleted, and died before it released it. */
static void a_guard_of_somebody_who_is_gone_is_taken_over(void **state)
{
    (void)state;
    AUTO(user_store) struct user_store *store = begin();
    const struct account first = nth_account(1), second = nth_account(2);
    const struct account second_demoted = demoted(&second);
    struct account got;

    assert_int_equal(delete_read(store, &first), ACCOUNT_PUT);
    mongo_server_write("guards", "{'_id': 'last-admin', 'turn': 5, 'userId': " FIRST "}");
    assert_int_equal(put(store, &second, &second_demoted), ACCOUNT_LAST_ADMIN);
    assert_false(get(store, &first, &got));

    /* Who was fenced for nothing has revisions again; one that was read before does not match. */
    assert_int_equal(put(store, &first, &first), ACCOUNT_MOVED_ON);
    assert_false(get(store, &first, &got));
    assert_int_equal(put(store, &second, &second_demoted), ACCOUNT_LAST_ADMIN);
}

int main(void)
{
    struct tests tests = { 0 };

    if (!mongo_server_start("stopped"))
        return MONGO_TEST_SKIPPED;
    ADD_ROWS(&tests, a_claimed_name_goes_to_who_renames, claim_cases);
    ADD_ROWS(&tests, a_claimed_name_goes_to_who_signs_up, claim_cases);
    ADD_TEST(&tests, a_claim_of_ones_own_is_renewed);
    ADD_TEST(&tests, a_claim_of_ones_own_that_is_pending_is_fenced);
    ADD_TEST(&tests, who_was_stopped_with_the_guard_finds_itself_fenced);
    ADD_TEST(&tests, a_guard_of_somebody_who_is_gone_is_taken_over);
    int failed = tests_run("user store on MongoDB after others were stopped", &tests);
    mongo_server_stop();
    return failed;
}
