/* Sweeping: what has had its time goes, in bounded batches, and nothing else. */
#include "contract/user_store_suite.h"

#define T INT64_C(1800000000000)

enum { ITEMS = 10, PAST = 6, BATCH = 4 };

/* One of each kind, whose time is T + n. */
static void add_items(struct user_store *store, uint32_t n)
{
    const struct account account = nth_account(n);
    const struct digest key = nth_digest(n);
    const struct counter none = { 0 }, counter = { .count = 1, .expires_at = T + n };
    const struct audit_event event = { .id = nth_id(n, AN_EVENT), .date = T + n };
    struct session session = nth_session(n);
    struct error err = { 0 };
    bool put = false;

    session.expires_at = T + n;
    assert_int_equal(add(store, &account), USER_ADDED);
    if (!user_store_add_session(store, &session, &err) ||
        !user_store_put_counter(store, &key, &none, &counter, &put, &err) ||
        !user_store_add_audit(store, &event, &err))
        fail_msg("add: %s", err.detail);
    assert_true(put);
}

/* --- Which are there. --- */

static bool has_session(struct user_store *store, uint32_t n)
{
    struct session session;

    return read_session(store, n, &session);
}

static bool has_counter(struct user_store *store, uint32_t n)
{
    const struct digest key = nth_digest(n);
    struct counter counter;
    struct error err = { 0 };

    if (!user_store_get_counter(store, &key, &counter, &err))
        fail_msg("get_counter: %s", err.detail);
    return counter.revision != 0;
}

static bool has_event(struct user_store *store, uint32_t n)
{
    const struct audit_query query = {
        .has_before = true, .before_date = T + n + 1, .limit = 1 /* the newest of the older */
    };
    struct audit_event event;
    struct error err = { 0 };
    size_t count = 0;

    if (!user_store_list_audit(store, &query, &event, &count, &err))
        fail_msg("list_audit: %s", err.detail);
    return count == 1 && event.date == T + n;
}

static const struct sweep_case {
    const char *name;
    enum sweep what;
    bool (*has)(struct user_store *store, uint32_t n);
} sweep_cases[] = {
    { "sweep: sessions", SWEEP_SESSIONS, has_session },
    { "sweep: counters", SWEEP_COUNTERS, has_counter },
    { "sweep: audit", SWEEP_AUDIT, has_event },
};

enum { KINDS = sizeof sweep_cases / sizeof *sweep_cases };

static size_t sweep(struct user_store *store, enum sweep what)
{
    struct error err = { 0 };
    size_t deleted = 99;

    if (!user_store_sweep(store, what, T + PAST, BATCH, &deleted, &err))
        fail_msg("sweep: %s", err.detail);
    return deleted;
}

static unsigned count_left(struct user_store *store, const struct sweep_case *c)
{
    unsigned left = 0;

    for (uint32_t n = 0; n < ITEMS; n++)
        left += c->has(store, n);
    return left;
}

static void what_is_past_goes_in_batches(void **state)
{
    const struct sweep_case *c = *state;
    AUTO(user_store) struct user_store *store = suite_begin();
    struct account account;

    for (uint32_t n = 0; n < ITEMS; n++)
        add_items(store, n);
    assert_int_equal(sweep(store, c->what), BATCH);
    assert_int_equal(count_left(store, c), ITEMS - BATCH);
    assert_int_equal(sweep(store, c->what), PAST - BATCH);
    assert_int_equal(sweep(store, c->what), 0);
    for (uint32_t n = 0; n < ITEMS; n++)
        assert_int_equal(c->has(store, n), n >= PAST);

    for (size_t i = 0; i < KINDS; i++)
        if (&sweep_cases[i] != c)
            assert_int_equal(count_left(store, &sweep_cases[i]), ITEMS);
    assert_true(find(store, "Name.0", &account));
}

static void where_nothing_is_nothing_goes(void **state)
{
    const struct sweep_case *c = *state;
    AUTO(user_store) struct user_store *store = suite_begin();

    assert_int_equal(sweep(store, c->what), 0);
}

void add_sweep_cases(struct tests *tests)
{
    ADD_ROWS(tests, what_is_past_goes_in_batches, sweep_cases);
    ADD_ROWS(tests, where_nothing_is_nothing_goes, sweep_cases);
}
