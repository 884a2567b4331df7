/* What only this adapter has: a transaction that SQLite undoes in the middle, allocations that
 * fail, rows that are not ours, and statements that must stay on their indexes. */
#include "unit/support/tests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/order_tables_sqlite.h"
#include "unit/support/oom.h"
#include "unit/support/sqlite_memory.h"
#include "unit/support/sqlite_plan.h"

enum { ENOUGH = 400 }; /* records, more than the full disk of these tests takes */

static char directory[] = "/tmp/orders-XXXXXX";
static char path[sizeof directory + 16];

static struct order_store *open_store(void)
{
    struct error err = { 0 };
    struct order_store *store = order_store_sqlite_open(path, &system_clock, &err);

    if (!store)
        fail_msg("cannot open: %s", err.detail);
    return store;
}

static void close_and_remove(struct order_store *store)
{
    order_store_close(store); /* the last handle takes the log with it */
    assert_int_equal(unlink(path), 0);
}

static struct record nth_record(uint32_t n)
{
    struct record record = { .price = 100, .date = n + 1, .due_at = n + 1, .created_at = n + 1 };

    memcpy(record.order_id.bytes, &n, sizeof n);
    snprintf(record.request_id, sizeof record.request_id, "%0*u", REQUEST_ID_MAX, n);
    return record;
}

static enum write_outcome add_record(struct order_store_unit *unit, uint32_t n)
{
    const struct record record = nth_record(n);
    const struct record *const records[] = { &record };
    enum write_outcome outcome = WRITE_UNKNOWN;

    order_store_add_records(unit, records, 1, &outcome);
    return outcome;
}

static void limit_pages(const struct order_store_unit *unit, const char *pragma)
{
    const struct order_store_unit_sqlite *self = (const struct order_store_unit_sqlite *)unit;
    assert_int_equal(sqlite3_exec(self->session->db, pragma, NULL, NULL, NULL), SQLITE_OK);
}

/* A disk that is full from `page_count` on; the outcomes up to the first that is not ok. */
static struct order_store_unit *begin_on_full_disk(struct order_store *store, uint32_t *written)
{
    struct error err = { 0 };
    struct order_store_unit *unit = order_store_begin(store, &err);

    assert_non_null(unit);
    limit_pages(unit, "PRAGMA max_page_count = 20");
    for (*written = 0; *written < ENOUGH; ++*written) {
        enum write_outcome outcome = add_record(unit, *written);
        if (outcome == WRITE_OK)
            continue;
        assert_int_equal(outcome, WRITE_FAILED);
        break;
    }
    assert_in_range(*written, 1, ENOUGH - 1);
    return unit;
}

static void full_disk_fails_the_rest_of_the_unit_and_its_commit(void **state)
{
    (void)state;
    struct order_store *store = open_store();
    uint32_t written = 0;
    struct error err = { 0 };
    const struct order order = { .id = nth_record(1).order_id, .price = 1 };
    struct record record;
    enum write_outcome outcome = WRITE_OK;
    bool found = true;

    struct order_store_unit *unit = begin_on_full_disk(store, &written);
    assert_int_equal(add_record(unit, 0), WRITE_FAILED); /* small, and it would have room now */
    order_store_add_orders(unit, &order, 1, &outcome);
    assert_int_equal(outcome, WRITE_FAILED);
    assert_false(order_store_find_records(unit, &order.id, 1, &record, &found, &err));
    assert_int_equal(err.cause, SQLITE_FULL);
    assert_true(found); /* untouched */
    err = (struct error){ 0 };
    assert_false(order_store_commit(unit, &err));
    assert_int_equal(err.code, ERR_UNAVAILABLE);
    assert_int_equal(err.cause, SQLITE_FULL);

    struct outbox_stats stats;
    assert_true(order_store_stats(store, &stats, &err));
    assert_int_equal(stats.pending, 0);
    close_and_remove(store);
}

static void full_disk_that_gets_room_takes_orders_again(void **state)
{
    (void)state;
    struct order_store *store = open_store();
    uint32_t written = 0;
    struct error err = { 0 };
    struct outbox_stats stats;

    order_store_rollback(begin_on_full_disk(store, &written));
    struct order_store_unit *unit = order_store_begin(store, &err);
    assert_non_null(unit);
    limit_pages(unit, "PRAGMA max_page_count = 100000");
    for (uint32_t n = 0; n < ENOUGH; n++)
        assert_int_equal(add_record(unit, n), WRITE_OK);
    assert_true(order_store_commit(unit, &err));
    assert_true(order_store_stats(store, &stats, &err));
    assert_int_equal(stats.pending, ENOUGH);
    close_and_remove(store);
}

/* --- Indexes. --- */

static const struct plan_case {
    const char *name;
    enum order_statement statement;
    const char *uses;
} plan_cases[] = {
    { "record by id", FIND_RECORD, "INDEX sqlite_autoindex_records_1" },
    { "order by id", FIND_ORDER, "INDEX sqlite_autoindex_orders" },
    { "page of a list", LIST_ORDERS, "PRIMARY KEY (user_id=? AND (date,id)>(?,?))" },
    { "page in a status", LIST_ORDERS_IN_STATUS, "PRIMARY KEY (user_id=? AND (date,id)>(?,?))" },
    { "due records", DUE_RECORDS, "INDEX records_due (due_at<?)" },
    { "counting", COUNT_RECORDS, "COVERING INDEX records_state (state=?)" },
    { "oldest pending", OLDEST_PENDING, "COVERING INDEX records_state (state=?)" },
    { "purge", PURGE_RECORDS, "INDEX records_state (state=? AND created_at<?)" },
    { "claim", CLAIM_RECORD, "INDEX sqlite_autoindex_records_1 (order_id=?)" },
    { "confirm an order", CONFIRM_ORDER, "INDEX sqlite_autoindex_orders" },
    { "confirm a record", CONFIRM_RECORD, "INDEX sqlite_autoindex_records_1 (order_id=?)" },
};

static void statement_goes_by_its_index(void **state)
{
    const struct plan_case *c = *state;
    struct order_store *store = open_store();

    assert_goes_by_index(path, order_tables.statements[c->statement], c->uses);
    close_and_remove(store);
}

/* --- Rows that are not ours. --- */

static void row_of_another_shape_is_a_bug_not_an_overflow(void **state)
{
    (void)state;
    struct order_store *store = open_store();
    sqlite3 *db = NULL;
    struct error err = { 0 };
    struct record record;
    struct order order;
    size_t count = 77;
    bool found = true;
    const struct id me = { { 1 } };
    const struct order_query query = { .user_id = { { 0 } }, .limit = 1 };

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(db,
                     "INSERT INTO records VALUES (zeroblob(12), zeroblob(12),"
                     " printf('%0500d', 1), 1, 1, '', 0, 1, 0, 1, NULL);"
                     "INSERT INTO orders VALUES (zeroblob(500), zeroblob(12), 1, 1, 0)",
                     NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);

    assert_false(order_store_claim(store, &me, 10, 20, 1, &record, &count, &err));
    assert_int_equal(err.code, ERR_BUG);
    assert_false(order_store_list_orders(store, &query, &order, &count, &err));
    assert_int_equal(err.code, ERR_BUG);
    assert_int_equal(count, 77);
    assert_true(order_store_get_order(store, &me, &order, &found, &err)); /* others are served */
    assert_false(found);
    close_and_remove(store);
}

/* --- No memory. --- */

static void assert_no_memory(const struct error *err)
{
    if (err->code != ERR_NO_MEMORY && err->code != ERR_UNKNOWN)
        fail_msg("%s: %s", error_name(err->code), err->detail);
}

static void opening_survives_any_failed_allocation(void **state)
{
    (void)state;
    unsigned refused = 0;

    for (unsigned n = 1;; n++) {
        struct error err = { 0 };
        oom_fail_at(n);
        struct order_store *store = order_store_sqlite_open(path, &system_clock, &err);
        bool failed = oom_stop();
        if (!store) {
            assert_int_equal(err.code, ERR_NO_MEMORY);
            refused++;
        }
        order_store_close(store);
        if (!failed)
            break;
    }
    assert_true(refused > 0);
    close_and_remove(open_store());
}

/* One record from intake to done; false at the first call that fails. */
static bool live_a_life(struct order_store *store, uint32_t n, struct error *err)
{
    const struct id me = { { 'm', 'e' } };
    const struct id id = nth_record(n).order_id;
    const struct order order = { .id = id, .price = 1, .date = n + 1 };
    const struct order_query query = { .limit = 1 };
    enum write_outcome outcome = WRITE_OK;
    struct record record;
    struct order read;
    struct outbox_stats stats;
    size_t count = 0;
    bool found = false;

    struct order_store_unit *unit = order_store_begin(store, err);
    if (!unit)
        return false;
    if (add_record(unit, n) != WRITE_OK)
        error_set(err, ERR_NO_MEMORY, 0, "record");
    order_store_add_orders(unit, &order, 1, &outcome);
    if (!order_store_find_records(unit, &id, 1, &record, &found, err)) {
        order_store_rollback(unit);
        return false;
    }
    return order_store_commit(unit, err) &&
           order_store_claim(store, &me, n + 1, n + 2, 1, &record, &count, err) &&
           order_store_confirm_orders(store, &id, 1, &found, err) &&
           order_store_list_orders(store, &query, &read, &count, err) &&
           order_store_stats(store, &stats, err) &&
           order_store_confirm_records(store, &me, &id, 1, &count, err) &&
           order_store_purge(store, INT64_MAX, 10, &count, err);
}

static void each_call_survives_any_failed_allocation(void **state)
{
    (void)state;
    struct order_store *store = open_store();
    unsigned refused = 0;

    for (unsigned n = 1;; n++) {
        struct error err = { 0 };
        oom_fail_at(n);
        bool lived = live_a_life(store, n, &err);
        bool failed = oom_stop();
        if (!lived) {
            assert_no_memory(&err);
            refused++;
        }
        err = (struct error){ 0 };
        if (!live_a_life(store, 1000000 + n, &err)) /* and all is well again */
            fail_msg("%s", err.detail);
        if (!failed)
            break;
        order_store_close(store); /* so that the next walk begins cold as well */
        store = open_store();
    }
    assert_true(refused > 0);
    close_and_remove(store);
}

int main(void)
{
    struct tests tests = { 0 };

    sqlite_memory_by_malloc();
    if (!mkdtemp(directory))
        return 1;
    snprintf(path, sizeof path, "%s/orders.db", directory);
    ADD_TEST(&tests, full_disk_fails_the_rest_of_the_unit_and_its_commit);
    ADD_TEST(&tests, full_disk_that_gets_room_takes_orders_again);
    ADD_ROWS(&tests, statement_goes_by_its_index, plan_cases);
    ADD_TEST(&tests, row_of_another_shape_is_a_bug_not_an_overflow);
    ADD_TEST(&tests, opening_survives_any_failed_allocation);
    ADD_TEST(&tests, each_call_survives_any_failed_allocation);
    int failed = tests_run("order_store_sqlite", &tests);
    rmdir(directory);
    return failed;
}
