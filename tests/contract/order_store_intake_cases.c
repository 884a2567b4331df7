/* Intake: units, inserts, finding by id, and what an outage may not do. */
#include "contract/order_store_suite.h"

#include <string.h>
static void record_comes_back_whole(void **state)
{
    (void)state;
    struct order_store *store = suite_begin();
    struct record record = nth_record(1);
    struct record found;

    record.price = INT64_C(100000000000000); /* 1e12 in hundredths */
    record.attempts = UINT32_MAX;
    add_records(store, &record, 1);

    assert_true(read_record(store, &record.order_id, &found));
    assert_same_record(&found, &record);
    suite_end(store);
}

/* All 94 visible ASCII characters, and as many as may be. */
static void longest_request_id_comes_back_exactly(void **state)
{
    (void)state;
    struct order_store *store = suite_begin();
    struct record record = nth_record(1);
    struct record found;

    for (int i = 0; i < REQUEST_ID_MAX; i++)
        record.request_id[i] = (char)('!' + i % ('~' - '!' + 1));
    record.request_id[REQUEST_ID_MAX] = '\0';
    add_records(store, &record, 1);

    assert_true(read_record(store, &record.order_id, &found));
    assert_string_equal(found.request_id, record.request_id);
    suite_end(store);
}

static void record_without_trace_comes_back_without(void **state)
{
    (void)state;
    struct order_store *store = suite_begin();
    struct record record = nth_record(1);
    struct record found;

    record.traceparent = (struct traceparent){ "" };
    add_records(store, &record, 1);

    assert_true(read_record(store, &record.order_id, &found));
    assert_string_equal(found.traceparent.text, "");
    suite_end(store);
}

static void order_comes_back_whole(void **state)
{
    (void)state;
    struct order_store *store = suite_begin();
    struct order order = nth_order(1);
    struct order found;

    order.status = ORDER_PROCESSING;
    add_orders(store, &order, 1);

    assert_true(read_order(store, &order.id, &found));
    assert_same_order(&found, &order);
    suite_end(store);
}

static void what_is_not_there_is_not_found(void **state)
{
    (void)state;
    struct order_store *store = suite_begin();
    const struct order there = nth_order(2);
    const struct id ids[] = { nth_id(1), nth_id(2), nth_id(3) };
    struct order orders[3];
    struct record records[3];
    bool found[3] = { true, false, true };
    struct error err = { 0 };

    add_orders(store, &there, 1);
    struct order_store_unit *unit = order_store_begin(store, &err);
    assert_non_null(unit);
    assert_true(order_store_find_orders(unit, ids, 3, orders, found, &err));
    assert_false(found[0]);
    assert_true(found[1]);
    assert_false(found[2]);
    assert_same_order(&orders[1], &there);
    assert_true(order_store_find_records(unit, ids, 3, records, found, &err));
    assert_false(found[1]); /* a record is no order */
    order_store_rollback(unit);
    assert_false(read_order(store, &ids[0], orders));
    suite_end(store);
}

static void duplicate_record_changes_nothing(void **state)
{
    (void)state;
    struct order_store *store = suite_begin();
    const struct record first = nth_record(1);
    struct record other = nth_record(2);
    enum write_outcome outcome = WRITE_OK;
    struct record found;
    struct error err = { 0 };

    add_records(store, &first, 1);
    other.order_id = first.order_id;
    assert_true(try_add(store, &other, NULL, 1, &outcome, &err));
    assert_int_equal(outcome, WRITE_DUPLICATE);
    assert_true(read_record(store, &first.order_id, &found));
    assert_same_record(&found, &first);
    suite_end(store);
}

/* Not even one that has another user and date, where orders may be kept by those. */
static void duplicate_order_changes_nothing(void **state)
{
    (void)state;
    struct order_store *store = suite_begin();
    const struct order first = nth_order(1);
    struct order other = nth_order(2);
    enum write_outcome outcome = WRITE_OK;
    struct order found;
    struct error err = { 0 };

    add_orders(store, &first, 1);
    other.id = first.id;
    assert_true(try_add(store, NULL, &other, 1, &outcome, &err));
    assert_int_equal(outcome, WRITE_DUPLICATE);
    assert_true(read_order(store, &first.id, &found));
    assert_same_order(&found, &first);
    suite_end(store);
}

static void of_one_id_twice_in_a_call_the_first_wins(void **state)
{
    (void)state;
    struct order_store *store = suite_begin();
    struct record records[] = { nth_record(1), nth_record(2), nth_record(3) };
    struct order orders[] = { nth_order(1), nth_order(2), nth_order(3) };
    enum write_outcome outcomes[3];
    struct record record;
    struct order order;
    struct error err = { 0 };

    records[1].order_id = records[0].order_id;
    orders[1].id = orders[0].id;
    assert_true(try_add(store, records, NULL, 3, outcomes, &err));
    assert_int_equal(outcomes[0], WRITE_OK);
    assert_int_equal(outcomes[1], WRITE_DUPLICATE);
    assert_int_equal(outcomes[2], WRITE_OK);
    assert_true(try_add(store, NULL, orders, 3, outcomes, &err));
    assert_int_equal(outcomes[0], WRITE_OK);
    assert_int_equal(outcomes[1], WRITE_DUPLICATE);
    assert_int_equal(outcomes[2], WRITE_OK);

    assert_true(read_record(store, &records[0].order_id, &record));
    assert_same_record(&record, &records[0]);
    assert_true(read_order(store, &orders[0].id, &order));
    assert_same_order(&order, &orders[0]);
    suite_end(store);
}

static void unit_sees_what_it_wrote(void **state)
{
    (void)state;
    struct order_store *store = suite_begin();
    const struct record record = nth_record(1);
    const struct record *const records[] = { &record };
    const struct order order = nth_order(1);
    enum write_outcome outcome;
    struct record found_record;
    struct order found_order;
    bool found = false;
    struct error err = { 0 };

    struct order_store_unit *unit = order_store_begin(store, &err);
    assert_non_null(unit);
    order_store_add_records(unit, records, 1, &outcome);
    order_store_add_orders(unit, &order, 1, &outcome);
    assert_true(order_store_find_records(unit, &order.id, 1, &found_record, &found, &err));
    assert_true(found);
    found = false;
    assert_true(order_store_find_orders(unit, &order.id, 1, &found_order, &found, &err));
    assert_true(found);
    assert_true(order_store_commit(unit, &err));
    suite_end(store);
}

static void committed_is_there_for_a_new_handle(void **state)
{
    (void)state;
    struct order_store *store = suite_begin();
    const struct order order = nth_order(1);
    struct order found;

    add_orders(store, &order, 1);
    suite_end(store);
    store = suite_open();
    assert_true(read_order(store, &order.id, &found));
    assert_same_order(&found, &order);
    suite_end(store);
}

static void rolled_back_unit_leaves_nothing(void **state)
{
    (void)state;
    struct order_store *store = suite_begin();
    const struct order order = nth_order(1);
    enum write_outcome outcome;
    struct order found;
    struct error err = { 0 };

    struct order_store_unit *unit = order_store_begin(store, &err);
    assert_non_null(unit);
    order_store_add_orders(unit, &order, 1, &outcome);
    assert_int_equal(outcome, WRITE_OK);
    order_store_rollback(unit);
    assert_int_equal(read_order(store, &order.id, &found), !suite_fixture()->units_are_atomic);
    order_store_rollback(NULL);
    suite_end(store);
}

static void flushes_count_what_was_written(void **state)
{
    (void)state;
    struct order_store *store = suite_begin();
    const struct order order = nth_order(1);
    enum write_outcome outcome;
    struct error err = { 0 };

    uint64_t before = order_store_flushes(store);
    add_orders(store, &order, 1);
    assert_int_equal(order_store_flushes(store), before + 1);
    if (suite_fixture()->units_are_atomic) {
        assert_true(try_add(store, NULL, &order, 1, &outcome, &err)); /* a duplicate */
        assert_int_equal(order_store_flushes(store), before + 1);
    }
    suite_end(store);
}

static void largest_unit_fits(void **state)
{
    (void)state;
    static struct record records[ORDER_UNIT_MAX], found_records[ORDER_UNIT_MAX];
    static struct id ids[ORDER_UNIT_MAX];
    static bool found[ORDER_UNIT_MAX];
    struct order_store *store = suite_begin();
    struct error err = { 0 };

    for (uint32_t i = 0; i < ORDER_UNIT_MAX; i++) {
        records[i] = nth_record(i);
        ids[i] = records[i].order_id;
    }
    add_records(store, records, ORDER_UNIT_MAX);
    struct order_store_unit *unit = order_store_begin(store, &err);
    assert_non_null(unit);
    assert_true(order_store_find_records(unit, ids, ORDER_UNIT_MAX, found_records, found, &err));
    order_store_rollback(unit);
    for (size_t i = 0; i < ORDER_UNIT_MAX; i++) {
        assert_true(found[i]);
        assert_same_record(&found_records[i], &records[i]);
    }
    suite_end(store);
}

static void store_tells_a_time(void **state)
{
    (void)state;
    struct order_store *store = suite_begin();

    assert_true(order_store_now(store) > INT64_C(1700000000000)); /* this code is younger */
    suite_end(store);
}

/* --- An outage in the middle. --- */

/* What was refused before may have come through after all. */
static void add_in_the_end(struct order_store *store, const struct record *record,
                           const struct order *order)
{
    enum write_outcome outcome = WRITE_FAILED;
    struct error err = { 0 };

    suite_await_recovery(store);
    assert_true(try_add(store, record, NULL, 1, &outcome, &err) && outcome <= WRITE_DUPLICATE);
    assert_true(try_add(store, NULL, order, 1, &outcome, &err) && outcome <= WRITE_DUPLICATE);
}

static bool is_outage(bool succeeded, enum write_outcome outcome, const struct error *err)
{
    return succeeded ? outcome == WRITE_FAILED || outcome == WRITE_UNKNOWN
                     : err->code == ERR_UNAVAILABLE || err->code == ERR_UNKNOWN;
}

static void outage_is_told_and_loses_nothing(void **state)
{
    (void)state;
    enum { ADDED = 5 };
    struct order_store *store = suite_begin();
    struct order orders[ADDED], found;
    struct record records[ADDED], found_record;
    const struct record late_record = nth_record(100);
    const struct order late_order = nth_order(100);
    enum write_outcome outcome = WRITE_OK;
    struct error err = { 0 };

    for (uint32_t i = 0; i < ADDED; i++) {
        orders[i] = nth_order(i);
        records[i] = nth_record(i);
    }
    add_records(store, records, ADDED);
    add_orders(store, orders, ADDED);

    suite_fixture()->make_unavailable();
    bool added = try_add(store, &late_record, NULL, 1, &outcome, &err);
    bool told = is_outage(added, outcome, &err);
    suite_fixture()->make_available();

    assert_true(told);
    add_in_the_end(store, &late_record, &late_order);
    assert_true(read_record(store, &late_record.order_id, &found_record));
    assert_same_record(&found_record, &late_record);
    for (uint32_t i = 0; i < ADDED; i++) {
        assert_true(read_order(store, &orders[i].id, &found));
        assert_same_order(&found, &orders[i]);
        assert_true(read_record(store, &records[i].order_id, &found_record));
        assert_same_record(&found_record, &records[i]);
    }
    suite_end(store);
}

void add_intake_cases(struct tests *tests)
{
    ADD_TEST(tests, record_comes_back_whole);
    ADD_TEST(tests, longest_request_id_comes_back_exactly);
    ADD_TEST(tests, record_without_trace_comes_back_without);
    ADD_TEST(tests, order_comes_back_whole);
    ADD_TEST(tests, what_is_not_there_is_not_found);
    ADD_TEST(tests, duplicate_record_changes_nothing);
    ADD_TEST(tests, duplicate_order_changes_nothing);
    ADD_TEST(tests, of_one_id_twice_in_a_call_the_first_wins);
    ADD_TEST(tests, unit_sees_what_it_wrote);
    ADD_TEST(tests, committed_is_there_for_a_new_handle);
    ADD_TEST(tests, rolled_back_unit_leaves_nothing);
    ADD_TEST(tests, flushes_count_what_was_written);
    ADD_TEST(tests, largest_unit_fits);
    ADD_TEST(tests, store_tells_a_time);
    ADD_TEST(tests, outage_is_told_and_loses_nothing);
}
