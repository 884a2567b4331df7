/* Counters: changed only as they were read. */
#include "contract/user_store_racing.h"

enum { COUNTS_EACH = 5 };

/* No member is like another; as it was put, without a revision. */
static struct counter some_counter(uint32_t count)
{
    return (struct counter){ .count = count,
                             .since = INT64_C(1800000000001) + count,
                             .blocked_until = INT64_C(1800000000002) + count,
                             .expires_at = INT64_C(1800000000003) + count };
}

static struct counter counter_of(struct user_store *store, uint32_t n)
{
    const struct digest key = nth_digest(n);
    struct counter counter = some_counter(99);
    struct error err = { 0 };

    if (!user_store_get_counter(store, &key, &counter, &err))
        fail_msg("get_counter: %s", err.detail);
    return counter;
}

static bool put_counter(struct user_store *store, uint32_t n, const struct counter *from,
                        const struct counter *to)
{
    const struct digest key = nth_digest(n);
    struct error err = { 0 };
    bool put = false;

    if (!user_store_put_counter(store, &key, from, to, &put, &err))
        fail_msg("put_counter: %s", err.detail);
    return put;
}

static void delete_counter(struct user_store *store, uint32_t n)
{
    const struct digest key = nth_digest(n);
    struct error err = { 0 };

    if (!user_store_delete_counter(store, &key, &err))
        fail_msg("delete_counter: %s", err.detail);
}

static void assert_counter(struct user_store *store, uint32_t n, struct counter expected,
                           uint32_t revision)
{
    const struct counter counter = counter_of(store, n);

    assert_int_equal(counter.revision, revision);
    assert_int_equal(counter.count, expected.count);
    assert_int_equal(counter.since, expected.since);
    assert_int_equal(counter.blocked_until, expected.blocked_until);
    assert_int_equal(counter.expires_at, expected.expires_at);
}

static const struct counter none;

static void a_counter_that_is_not_there_is_zero(void **state)
{
    (void)state;
    AUTO(user_store) struct user_store *store = suite_begin();

    assert_counter(store, 1, none, 0);
    delete_counter(store, 1);
    assert_counter(store, 1, none, 0);
}

static void a_counter_comes_back_as_it_was_put(void **state)
{
    (void)state;
    AUTO(user_store) struct user_store *store = suite_begin();
    const struct counter first = some_counter(1);
    const struct counter other = { .count = 2, .expires_at = INT64_C(1800000000000) };
    struct counter from = none;

    assert_true(put_counter(store, 2, &none, &other));
    for (uint32_t revision = 1; revision < 5; revision++) {
        struct counter to = some_counter(revision);
        to.revision = 77; /* not the caller's to say */
        assert_true(put_counter(store, 1, &from, &to));
        assert_counter(store, 1, to, revision);
        from = counter_of(store, 1);
    }
    assert_counter(store, 2, other, 1);
    assert_true(put_counter(store, 1, &from, &first));
}

/* What is there, of what was read: none, as it was, older, or made anew since. */
enum reading { NEVER_THERE, AS_IT_IS, OUTDATED, GONE, ANOTHER_OF_THE_REVISION };

static const struct stale_case {
    const char *name;
    enum reading reading;
    bool put;
} stale_cases[] = {
    { "counter: as it is", AS_IT_IS, true },
    { "counter: read before it was there", NEVER_THERE, false },
    { "counter: read before it changed", OUTDATED, false },
    { "counter: read before it was deleted", GONE, false },
    { "counter: read before it was made anew", ANOTHER_OF_THE_REVISION, false },
};

/* Makes counter 1; gives what a racer has read of it, and what it is now. */
static struct counter read_counter(struct user_store *store, enum reading reading)
{
    const struct counter first = some_counter(1), second = some_counter(2);

    assert_true(put_counter(store, 1, &none, &first));
    const struct counter read = reading == NEVER_THERE ? none : counter_of(store, 1);
    if (reading == OUTDATED)
        assert_true(put_counter(store, 1, &read, &second));
    if (reading == GONE || reading == ANOTHER_OF_THE_REVISION)
        delete_counter(store, 1);
    if (reading == ANOTHER_OF_THE_REVISION)
        assert_true(put_counter(store, 1, &none, &second));
    return read;
}

static void a_counter_is_put_only_as_it_was_read(void **state)
{
    const struct stale_case *c = *state;
    AUTO(user_store) struct user_store *store = suite_begin();
    const struct counter read = read_counter(store, c->reading), before = counter_of(store, 1);
    const struct counter to = some_counter(7);

    assert_int_equal(put_counter(store, 1, &read, &to), c->put);
    assert_counter(store, 1, c->put ? to : before, c->put ? 2 : before.revision);
}

static void a_deleted_counter_begins_anew(void **state)
{
    (void)state;
    AUTO(user_store) struct user_store *store = suite_begin();
    const struct counter first = some_counter(1), second = some_counter(2);

    assert_true(put_counter(store, 1, &none, &first));
    assert_true(put_counter(store, 2, &none, &second));
    delete_counter(store, 1);
    assert_counter(store, 1, none, 0);
    assert_counter(store, 2, second, 1);
    assert_true(put_counter(store, 1, &none, &second));
    assert_counter(store, 1, second, 1);
}

/* --- Many at once. --- */

static void *put_what_all_have_read(void *context)
{
    struct racer *racer = context;
    const struct digest key = nth_digest(1);
    const struct counter *from = racer->row;
    const struct counter to = some_counter(100 + racer->number);

    pthread_barrier_wait(racer->start);
    racer->failed =
        !user_store_put_counter(racer->store, &key, from, &to, &racer->won, &racer->err);
    return NULL;
}

/* The first round makes it, the others change it. */
static void of_many_puts_of_one_counter_one_counts(void **state)
{
    (void)state;
    struct user_store *stores[HANDLES];
    struct counter from = none;

    race_begin(stores);
    for (uint32_t round = 1; round <= 8; round++) {
        assert_int_equal(run_race(put_what_all_have_read, RACERS, stores, &from), 1);
        from = counter_of(stores[0], 1);
        assert_int_equal(from.revision, round);
        assert_in_range(from.count, 100, 100 + RACERS - 1);
    }
    race_end(stores);
}

static bool count_one(struct racer *racer, const struct digest *key)
{
    bool put = false;

    while (!put) {
        struct counter from, to;
        if (!user_store_get_counter(racer->store, key, &from, &racer->err))
            return false;
        to = from;
        to.count++;
        if (!user_store_put_counter(racer->store, key, &from, &to, &put, &racer->err))
            return false;
    }
    return true;
}

static void *count_some(void *context)
{
    struct racer *racer = context;
    const struct digest key = nth_digest(1);

    pthread_barrier_wait(racer->start);
    for (int i = 0; !racer->failed && i < COUNTS_EACH; i++)
        racer->failed = !count_one(racer, &key);
    return NULL;
}

static void nothing_that_was_counted_is_lost(void **state)
{
    (void)state;
    struct user_store *stores[HANDLES];

    race_begin(stores);
    run_race(count_some, RACERS, stores, NULL);
    const struct counter counted = counter_of(stores[0], 1);
    assert_int_equal(counted.count, RACERS * COUNTS_EACH);
    assert_int_equal(counted.revision, RACERS * COUNTS_EACH);
    race_end(stores);
}

void add_counter_cases(struct tests *tests)
{
    ADD_TEST(tests, a_counter_that_is_not_there_is_zero);
    ADD_TEST(tests, a_counter_comes_back_as_it_was_put);
    ADD_ROWS(tests, a_counter_is_put_only_as_it_was_read, stale_cases);
    ADD_TEST(tests, a_deleted_counter_begins_anew);
    ADD_TEST(tests, of_many_puts_of_one_counter_one_counts);
    ADD_TEST(tests, nothing_that_was_counted_is_lost);
}
