/* The outbox: claims and leases, confirming, releasing, parking, purging, counting. */
#include "contract/order_store_suite.h"

enum { LEASE = 30000 };

static const struct id first_owner = { { 'f', 'i', 'r', 's', 't' } };
static const struct id second_owner = { { 's', 'e', 'c', 'o', 'n', 'd' } };

static size_t claim(struct order_store *store, const struct id *owner, int64_t now, size_t max,
                    struct record records[])
{
    struct error err = { 0 };
    size_t count = 99999;

    if (!order_store_claim(store, owner, now, now + LEASE, max, records, &count, &err))
        fail_msg("cannot claim: %s", err.detail);
    assert_true(count <= max);
    return count;
}

static size_t confirm(struct order_store *store, const struct id *owner, const struct id ids[],
                      size_t count)
{
    struct error err = { 0 };
    size_t confirmed = 99999;

    if (!order_store_confirm_records(store, owner, ids, count, &confirmed, &err))
        fail_msg("cannot confirm: %s", err.detail);
    return confirmed;
}

static void release(struct order_store *store, const struct id *owner, const struct id *id,
                    int64_t due_at)
{
    struct error err = { 0 };

    if (!order_store_release(store, owner, id, &due_at, 1, &err))
        fail_msg("cannot release: %s", err.detail);
}

static void park(struct order_store *store, const struct id *owner, const struct id *id)
{
    struct error err = { 0 };

    if (!order_store_park(store, owner, id, &err))
        fail_msg("cannot park: %s", err.detail);
}

static size_t purge(struct order_store *store, int64_t created_before, size_t max)
{
    struct error err = { 0 };
    size_t purged = 99999;

    if (!order_store_purge(store, created_before, max, &purged, &err))
        fail_msg("cannot purge: %s", err.detail);
    return purged;
}

static struct outbox_stats stats(struct order_store *store)
{
    struct error err = { 0 };
    struct outbox_stats counted = { 99, 99, 99 };

    if (!order_store_stats(store, &counted, &err))
        fail_msg("cannot count: %s", err.detail);
    return counted;
}

static struct record must_read(struct order_store *store, uint32_t n)
{
    const struct id id = nth_id(n);
    struct record record = { 0 };

    assert_true(read_record(store, &id, &record));
    return record;
}

static void add_in_state(struct order_store *store, uint32_t n, enum record_state state)
{
    struct record record = nth_record(n);
    record.state = state;
    add_records(store, &record, 1);
}

/* Records 0..count-1, pending. */
static void add_numbered(struct order_store *store, uint32_t count)
{
    for (uint32_t n = 0; n < count; n++)
        add_in_state(store, n, RECORD_PENDING);
}

/* --- Claims. --- */

static void claim_takes_the_oldest_due_first(void **state)
{
    (void)state;
    struct order_store *store = suite_begin();
    struct record record, claimed[10];

    for (uint32_t n = 5; n-- > 0;) { /* not in the order in which they are due */
        record = nth_record(n);
        add_records(store, &record, 1);
    }
    assert_int_equal(claim(store, &first_owner, T0 + 3, 2, claimed), 2);
    for (uint32_t n = 0; n < 2; n++) {
        record = nth_record(n);
        record.owner = first_owner;
        record.due_at = T0 + 3 + LEASE;
        assert_same_record(&claimed[n], &record);
        record = must_read(store, n); /* and so it stands in the store */
        assert_same_record(&claimed[n], &record);
    }
    assert_int_equal(claim(store, &second_owner, T0 + 3, 10, claimed),
                     2); /* 2 and 3; 4 is not due */
    assert_int_equal(claimed[0].created_at, T0 + 2);
    assert_int_equal(claimed[1].created_at, T0 + 3);
    suite_end(store);
}

static void nothing_due_is_an_empty_claim(void **state)
{
    (void)state;
    struct order_store *store = suite_begin();
    struct record claimed[10];

    assert_int_equal(claim(store, &first_owner, T0, 10, claimed), 0);
    add_numbered(store, 1);
    assert_int_equal(claim(store, &first_owner, T0 - 1, 10, claimed), 0);
    suite_end(store);
}

static void only_pending_records_are_claimed(void **state)
{
    (void)state;
    struct order_store *store = suite_begin();
    struct record claimed[10];

    add_in_state(store, 0, RECORD_DONE);
    add_in_state(store, 1, RECORD_PARKED);
    assert_int_equal(claim(store, &first_owner, T0 + 100, 10, claimed), 0);
    suite_end(store);
}

static void lease_holds_until_its_end(void **state)
{
    (void)state;
    struct order_store *store = suite_begin();
    struct record claimed[10];

    add_numbered(store, 3);
    assert_int_equal(claim(store, &first_owner, T0 + 3, 10, claimed), 3);
    assert_int_equal(claim(store, &second_owner, T0 + 3 + LEASE - 1, 10, claimed), 0);
    assert_int_equal(claim(store, &second_owner, T0 + 3 + LEASE, 10, claimed), 3);
    assert_true(id_equal(&claimed[0].owner, &second_owner));
    suite_end(store);
}

static void late_owner_changes_nothing_that_it_lost(void **state)
{
    (void)state;
    struct order_store *store = suite_begin();
    const struct id id = nth_id(0);
    struct record claimed, record;

    add_numbered(store, 1);
    assert_int_equal(claim(store, &first_owner, T0, 1, &claimed), 1);
    assert_int_equal(claim(store, &second_owner, T0 + LEASE, 1, &claimed), 1);

    assert_int_equal(confirm(store, &first_owner, &id, 1), 0);
    release(store, &first_owner, &id, T0);
    park(store, &first_owner, &id);
    record = must_read(store, 0);
    assert_same_record(&record, &claimed);
    assert_int_equal(confirm(store, &second_owner, &id, 1), 1);
    suite_end(store);
}

/* --- Confirming. --- */

static void confirmed_orders_are_processing_and_stay_so(void **state)
{
    (void)state;
    struct order_store *store = suite_begin();
    const struct order orders[] = { nth_order(0), nth_order(1) };
    const struct id ids[] = { nth_id(0), nth_id(9), nth_id(1), nth_id(0) }; /* 9: not there */
    struct order expected = orders[0], found;
    struct error err = { 0 };

    add_orders(store, orders, 2);
    for (int turn = 0; turn < 2; turn++) { /* once more tells the same */
        bool processing[4] = { false, true, false, false };
        assert_true(order_store_confirm_orders(store, ids, 4, processing, &err));
        assert_true(processing[0]);
        assert_false(processing[1]);
        assert_true(processing[2]);
        assert_true(processing[3]);
    }
    expected.status = ORDER_PROCESSING;
    assert_true(read_order(store, &ids[0], &found));
    assert_same_order(&found, &expected);
    assert_false(read_order(store, &ids[1], &found));
    suite_end(store);
}

static void confirmed_records_are_done(void **state)
{
    (void)state;
    struct order_store *store = suite_begin();
    const struct id ids[] = { nth_id(0), nth_id(1), nth_id(2), nth_id(9) };
    struct record claimed[10];

    add_numbered(store, 3);
    assert_int_equal(claim(store, &first_owner, T0 + 1, 10, claimed), 2);
    assert_int_equal(confirm(store, &first_owner, ids, 4), 2); /* 2 is not held, 9 not there */
    assert_int_equal(must_read(store, 0).state, RECORD_DONE);
    assert_int_equal(must_read(store, 1).state, RECORD_DONE);
    assert_int_equal(must_read(store, 2).state, RECORD_PENDING);
    assert_int_equal(confirm(store, &first_owner, ids, 4), 0); /* not pending any more */
    assert_int_equal(claim(store, &second_owner, T0 + 10 * LEASE, 10, claimed), 1);
    suite_end(store);
}

/* --- Giving back. --- */

static void released_record_is_due_again_with_one_attempt_more(void **state)
{
    (void)state;
    struct order_store *store = suite_begin();
    const struct id ids[] = { nth_id(0), nth_id(1) };
    const int64_t due_at[] = { T0 + 500, T0 + 700 };
    struct record claimed[2], expected, record;
    struct error err = { 0 };

    add_numbered(store, 2);
    assert_int_equal(claim(store, &first_owner, T0 + 1, 2, claimed), 2);
    assert_true(order_store_release(store, &first_owner, ids, due_at, 2, &err));
    for (uint32_t n = 0; n < 2; n++) {
        expected = nth_record(n);
        expected.due_at = due_at[n];
        expected.attempts = 1;
        record = must_read(store, n);
        assert_same_record(&record, &expected);
    }
    release(store, &first_owner, &ids[0], T0); /* not its any more */
    assert_int_equal(must_read(store, 0).attempts, 1);

    assert_int_equal(claim(store, &second_owner, T0 + 499, 2, claimed), 0);
    assert_int_equal(claim(store, &second_owner, T0 + 500, 2, claimed), 1);
    release(store, &second_owner, &ids[0], T0 + 900);
    assert_int_equal(must_read(store, 0).attempts, 2);
    suite_end(store);
}

static void parked_record_stays_and_blocks_nobody(void **state)
{
    (void)state;
    struct order_store *store = suite_begin();
    const struct id id = nth_id(0);
    struct record claimed[2];

    add_numbered(store, 2);
    assert_int_equal(claim(store, &first_owner, T0, 1, claimed), 1);
    park(store, &first_owner, &id);
    park(store, &first_owner, &id); /* nothing is held any more */
    assert_int_equal(must_read(store, 0).state, RECORD_PARKED);
    assert_int_equal(stats(store).parked, 1);

    assert_int_equal(claim(store, &second_owner, T0 + 10 * LEASE, 2, claimed), 1);
    assert_int_equal(claimed[0].created_at, T0 + 1);
    assert_int_equal(purge(store, INT64_MAX, 100), 0);
    assert_int_equal(confirm(store, &first_owner, &id, 1), 0);
    assert_int_equal(must_read(store, 0).state, RECORD_PARKED);
    suite_end(store);
}

/* --- Purging. --- */

static void purge_takes_old_done_records_only(void **state)
{
    (void)state;
    struct order_store *store = suite_begin();
    const struct order order = nth_order(0);
    struct order found;
    struct record record;

    add_in_state(store, 0, RECORD_DONE);
    add_in_state(store, 1, RECORD_PENDING);
    add_in_state(store, 2, RECORD_PARKED);
    add_in_state(store, 3, RECORD_DONE); /* created at the very moment: not before it */
    add_orders(store, &order, 1);

    assert_int_equal(purge(store, T0 + 3, 100), 1);
    assert_false(read_record(store, &order.id, &record));
    assert_int_equal(must_read(store, 1).state, RECORD_PENDING);
    assert_int_equal(must_read(store, 2).state, RECORD_PARKED);
    assert_int_equal(must_read(store, 3).state, RECORD_DONE);
    assert_true(read_order(store, &order.id, &found)); /* the promise outlives its record */
    suite_end(store);
}

static void purge_is_bounded_and_goes_on(void **state)
{
    (void)state;
    struct order_store *store = suite_begin();

    for (uint32_t n = 0; n < 5; n++)
        add_in_state(store, n, RECORD_DONE);
    assert_int_equal(purge(store, T0 + 100, 2), 2);
    assert_int_equal(purge(store, T0 + 100, 2), 2);
    assert_int_equal(purge(store, T0 + 100, 2), 1);
    assert_int_equal(purge(store, T0 + 100, 2), 0);
    suite_end(store);
}

/* --- Counting. --- */

static void stats_tell_what_the_outbox_holds(void **state)
{
    (void)state;
    struct order_store *store = suite_begin();
    struct outbox_stats counted = stats(store);

    assert_int_equal(counted.pending, 0);
    assert_int_equal(counted.parked, 0);
    assert_int_equal(counted.oldest_pending_at, 0);

    add_in_state(store, 0, RECORD_DONE);
    add_in_state(store, 1, RECORD_PARKED);
    add_in_state(store, 3, RECORD_PENDING);
    add_in_state(store, 2, RECORD_PENDING);
    counted = stats(store);
    assert_int_equal(counted.pending, 2);
    assert_int_equal(counted.parked, 1);
    assert_int_equal(counted.oldest_pending_at, T0 + 2);
    suite_end(store);
}

/* --- An outage. --- */

static void outage_fails_each_call_and_changes_nothing(void **state)
{
    (void)state;
    struct order_store *store = suite_begin();
    const struct order order = nth_order(0);
    const struct id id = nth_id(0);
    const int64_t due_at = T0;
    struct record claimed, other, record;
    bool processing = false;
    size_t count = 77;
    struct error errors[7] = { 0 };
    bool done[7];

    add_orders(store, &order, 1);
    add_numbered(store, 2);
    add_in_state(store, 2, RECORD_DONE);
    assert_int_equal(claim(store, &first_owner, T0, 1, &claimed), 1);

    suite_fixture()->make_unavailable();
    done[0] =
        order_store_claim(store, &second_owner, T0 + 1, T0 + 2, 1, &other, &count, &errors[0]);
    done[1] = order_store_confirm_orders(store, &id, 1, &processing, &errors[1]);
    done[2] = order_store_confirm_records(store, &first_owner, &id, 1, &count, &errors[2]);
    done[3] = order_store_release(store, &first_owner, &id, &due_at, 1, &errors[3]);
    done[4] = order_store_park(store, &first_owner, &id, &errors[4]);
    done[5] = order_store_purge(store, INT64_MAX, 10, &count, &errors[5]);
    done[6] = order_store_probe(store, &errors[6]);
    suite_fixture()->make_available();

    for (size_t i = 0; i < 7; i++) {
        assert_false(done[i]);
        assert_true(errors[i].code == ERR_UNAVAILABLE || errors[i].code == ERR_UNKNOWN);
    }
    suite_await_recovery(store);
    assert_int_equal(count, 77); /* outputs are untouched */
    assert_false(processing);
    record = must_read(store, 0);
    assert_same_record(&record, &claimed);
    assert_int_equal(must_read(store, 2).state, RECORD_DONE);
    assert_int_equal(confirm(store, &first_owner, &id, 1), 1);
    suite_end(store);
}

void add_outbox_cases(struct tests *tests)
{
    ADD_TEST(tests, claim_takes_the_oldest_due_first);
    ADD_TEST(tests, nothing_due_is_an_empty_claim);
    ADD_TEST(tests, only_pending_records_are_claimed);
    ADD_TEST(tests, lease_holds_until_its_end);
    ADD_TEST(tests, late_owner_changes_nothing_that_it_lost);
    ADD_TEST(tests, confirmed_orders_are_processing_and_stay_so);
    ADD_TEST(tests, confirmed_records_are_done);
    ADD_TEST(tests, released_record_is_due_again_with_one_attempt_more);
    ADD_TEST(tests, parked_record_stays_and_blocks_nobody);
    ADD_TEST(tests, purge_takes_old_done_records_only);
    ADD_TEST(tests, purge_is_bounded_and_goes_on);
    ADD_TEST(tests, stats_tell_what_the_outbox_holds);
    ADD_TEST(tests, outage_fails_each_call_and_changes_nothing);
}
