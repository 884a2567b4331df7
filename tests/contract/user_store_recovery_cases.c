/* Recoveries: each is one claim's at a time, and nobody's word counts but that claim's. */
#include "contract/user_store_racing.h"

#include <stdio.h>
#include <string.h>

#define T INT64_C(1800000000000)

enum { LEASE = 1000, CLAIMERS = 8, ROUNDS = 8, RECOVERIES = 24 };

/* Due at T + n. */
static struct recovery nth_recovery(uint32_t n)
{
    struct recovery recovery = {
        .id = nth_id(n, A_RECOVERY), .created_at = T - 5, .due_at = T + n, .attempts = 0
    };

    snprintf(recovery.email, sizeof recovery.email, "Mail%u@Example.org", n);
    return recovery;
}

static void add_recovery(struct user_store *store, const struct recovery *recovery)
{
    struct error err = { 0 };

    if (!user_store_add_recovery(store, recovery, &err))
        fail_msg("add_recovery: %s", err.detail);
}

static void add_nth_recovery(struct user_store *store, uint32_t n)
{
    const struct recovery recovery = nth_recovery(n);

    add_recovery(store, &recovery);
}

/* Of the n-th claim, at `now`, for LEASE. */
static bool claim(struct user_store *store, uint32_t n, int64_t now, struct recovery *out)
{
    const struct id id = nth_id(n, A_CLAIM);
    struct error err = { 0 };
    bool found = false;

    if (!user_store_claim_recovery(store, &id, now, now + LEASE, out, &found, &err))
        fail_msg("claim_recovery: %s", err.detail);
    return found;
}

static void postpone(struct user_store *store, uint32_t recovery, uint32_t claim, int64_t due_at)
{
    const struct id id = nth_id(recovery, A_RECOVERY), claim_id = nth_id(claim, A_CLAIM);
    struct error err = { 0 };

    if (!user_store_postpone_recovery(store, &id, &claim_id, due_at, &err))
        fail_msg("postpone_recovery: %s", err.detail);
}

static void delete_claimed(struct user_store *store, uint32_t recovery, uint32_t claim)
{
    const struct id id = nth_id(recovery, A_RECOVERY), claim_id = nth_id(claim, A_CLAIM);
    struct error err = { 0 };

    if (!user_store_delete_recovery(store, &id, &claim_id, &err))
        fail_msg("delete_recovery: %s", err.detail);
}

/* The n-th, as a claim at `now` finds it. */
static void assert_claimed(const struct recovery *claimed, uint32_t n, int64_t now,
                           uint32_t attempts)
{
    const struct recovery expected = nth_recovery(n);

    assert_memory_equal(claimed->id.bytes, expected.id.bytes, ID_BYTES);
    assert_string_equal(claimed->email, expected.email);
    assert_int_equal(claimed->created_at, expected.created_at);
    assert_int_equal(claimed->due_at, now + LEASE);
    assert_int_equal(claimed->attempts, attempts);
}

static void nothing_is_claimed_where_nothing_is(void **state)
{
    (void)state;
    AUTO(user_store) struct user_store *store = suite_begin();
    struct recovery untouched = nth_recovery(9);

    assert_false(claim(store, 1, T, &untouched));
    assert_string_equal(untouched.email, nth_recovery(9).email);
    postpone(store, 1, 1, T);
    delete_claimed(store, 1, 1);
    assert_false(claim(store, 1, T, &untouched));
}

static void a_recovery_is_claimed_when_it_is_due(void **state)
{
    (void)state;
    AUTO(user_store) struct user_store *store = suite_begin();
    struct recovery claimed;

    add_nth_recovery(store, 10);
    assert_false(claim(store, 1, T + 9, &claimed));
    assert_true(claim(store, 1, T + 10, &claimed));
    assert_claimed(&claimed, 10, T + 10, 1);
}

static void the_longest_address_comes_back(void **state)
{
    (void)state;
    AUTO(user_store) struct user_store *store = suite_begin();
    struct recovery recovery = nth_recovery(1), claimed;

    memset(recovery.email, 'e', EMAIL_MAX);
    add_recovery(store, &recovery);
    assert_true(claim(store, 1, T + 1, &claimed));
    assert_string_equal(claimed.email, recovery.email);
}

static void who_is_due_longest_comes_first(void **state)
{
    (void)state;
    AUTO(user_store) struct user_store *store = suite_begin();
    static const uint32_t added[] = { 3, 1, 4, 2 };
    struct recovery claimed;

    for (size_t i = 0; i < 4; i++)
        add_nth_recovery(store, added[i]);
    for (uint32_t n = 1; n <= 3; n++) {
        assert_true(claim(store, n, T + 3, &claimed));
        assert_claimed(&claimed, n, T + 3, 1);
    }
    assert_false(claim(store, 4, T + 3, &claimed));
}

static void a_lease_that_ran_out_is_anothers(void **state)
{
    (void)state;
    AUTO(user_store) struct user_store *store = suite_begin();
    struct recovery claimed;

    add_nth_recovery(store, 0);
    assert_true(claim(store, 1, T, &claimed));
    assert_false(claim(store, 2, T + LEASE - 1, &claimed));
    assert_true(claim(store, 2, T + LEASE, &claimed));
    assert_claimed(&claimed, 0, T + LEASE, 2);
}

static void what_was_sent_is_gone(void **state)
{
    (void)state;
    AUTO(user_store) struct user_store *store = suite_begin();
    struct recovery claimed;

    add_nth_recovery(store, 0);
    add_nth_recovery(store, 1);
    assert_true(claim(store, 1, T, &claimed));
    delete_claimed(store, 0, 1);
    assert_true(claim(store, 2, T + LEASE, &claimed));
    assert_claimed(&claimed, 1, T + LEASE, 1);
    assert_false(claim(store, 3, T + LEASE, &claimed));
}

static void what_was_postponed_comes_then(void **state)
{
    (void)state;
    AUTO(user_store) struct user_store *store = suite_begin();
    struct recovery claimed;

    add_nth_recovery(store, 0);
    assert_true(claim(store, 1, T, &claimed));
    postpone(store, 0, 1, T + 50); /* sooner than the lease */
    assert_false(claim(store, 2, T + 49, &claimed));
    assert_true(claim(store, 2, T + 50, &claimed));
    assert_claimed(&claimed, 0, T + 50, 2);
    postpone(store, 0, 2, T + 5000); /* later than the lease */
    assert_false(claim(store, 3, T + 4999, &claimed));
    assert_true(claim(store, 3, T + 5000, &claimed));
    assert_claimed(&claimed, 0, T + 5000, 3);
}

/* Who does something with a recovery that is not its own. */
static const struct stranger_case {
    const char *name;
    bool reclaimed; /* by the second claim, after the first one's lease */
    uint32_t claim; /* the stranger's */
} stranger_cases[] = {
    { "stranger: another claim", false, 9 },
    { "stranger: the claim whose lease ran out", true, 1 },
};

static void a_strangers_word_changes_nothing(void **state)
{
    const struct stranger_case *c = *state;
    const int64_t now = c->reclaimed ? T + LEASE : T;
    AUTO(user_store) struct user_store *store = suite_begin();
    struct recovery claimed;

    add_nth_recovery(store, 0);
    assert_true(claim(store, 1, T, &claimed));
    if (c->reclaimed)
        assert_true(claim(store, 2, now, &claimed));
    postpone(store, 0, c->claim, now);
    delete_claimed(store, 0, c->claim);
    assert_false(claim(store, 3, now + LEASE - 1, &claimed));
    assert_true(claim(store, 3, now + LEASE, &claimed));
    assert_claimed(&claimed, 0, now + LEASE, c->reclaimed ? 3 : 2);
}

/* --- Many at once. --- */

static void *claim_the_one(void *context)
{
    struct racer *racer = context;
    const struct id id = nth_id(racer->number, A_CLAIM);
    struct recovery claimed;

    pthread_barrier_wait(racer->start);
    racer->failed = !user_store_claim_recovery(racer->store, &id, T, T + LEASE, &claimed,
                                               &racer->won, &racer->err);
    return NULL;
}

static void of_many_claimers_one_has_it(void **state)
{
    (void)state;
    struct user_store *stores[HANDLES];

    race_begin(stores);
    for (uint32_t n = 0; n < ROUNDS; n++) {
        struct recovery recovery = nth_recovery(n);
        recovery.due_at = T;
        add_recovery(stores[0], &recovery);
        assert_int_equal(run_race(claim_the_one, CLAIMERS, stores, NULL), 1);
    }
    race_end(stores);
}

struct claims {
    uint32_t (*counts)[RECOVERIES]; /* by claimer and recovery */
};

/* Until none is due; each claim has an id of its own. */
static void *claim_all(void *context)
{
    struct racer *racer = context;
    const struct claims *row = racer->row;
    bool found = true;

    pthread_barrier_wait(racer->start);
    for (uint32_t i = 0; found && !racer->failed && i < 2 * RECOVERIES; i++) {
        const struct id id = nth_id(racer->number * 1000 + i, A_CLAIM);
        struct recovery claimed;
        found = false;
        racer->failed = !user_store_claim_recovery(racer->store, &id, T + RECOVERIES,
                                                   T + 10 * LEASE, &claimed, &found, &racer->err);
        if (found)
            row->counts[racer->number][claimed.id.bytes[ID_BYTES - 1]]++;
    }
    return NULL;
}

static void each_of_many_is_claimed_once(void **state)
{
    (void)state;
    struct user_store *stores[HANDLES];
    uint32_t counts[CLAIMERS][RECOVERIES] = { 0 };
    const struct claims row = { counts };

    race_begin(stores);
    for (uint32_t n = 0; n < RECOVERIES; n++)
        add_nth_recovery(stores[0], n);
    run_race(claim_all, CLAIMERS, stores, &row);
    for (uint32_t n = 0; n < RECOVERIES; n++) {
        uint32_t count = 0;
        for (uint32_t i = 0; i < CLAIMERS; i++)
            count += counts[i][n];
        assert_int_equal(count, 1);
    }
    race_end(stores);
}

void add_recovery_cases(struct tests *tests)
{
    ADD_TEST(tests, nothing_is_claimed_where_nothing_is);
    ADD_TEST(tests, a_recovery_is_claimed_when_it_is_due);
    ADD_TEST(tests, the_longest_address_comes_back);
    ADD_TEST(tests, who_is_due_longest_comes_first);
    ADD_TEST(tests, a_lease_that_ran_out_is_anothers);
    ADD_TEST(tests, what_was_sent_is_gone);
    ADD_TEST(tests, what_was_postponed_comes_then);
    ADD_ROWS(tests, a_strangers_word_changes_nothing, stranger_cases);
    ADD_TEST(tests, of_many_claimers_one_has_it);
    ADD_TEST(tests, each_of_many_is_claimed_once);
}
