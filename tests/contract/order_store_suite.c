/* The suite's frame and what its cases share. */
#include "contract/order_store_suite.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { RECOVERY_TRIES = 500, RECOVERY_PAUSE_MS = 20 };

static const struct order_store_fixture *current;

const struct order_store_fixture *suite_fixture(void)
{
    return current;
}

int order_store_suite(const struct order_store_fixture *fixture)
{
    struct tests tests = { 0 };

    current = fixture;
    add_intake_cases(&tests);
    add_reading_cases(&tests);
    add_outbox_cases(&tests);
    add_race_cases(&tests);
    return tests_run(fixture->name, &tests);
}

struct order_store *suite_open(void)
{
    struct error err = { 0 };
    struct order_store *store = current->open(&err);

    if (!store)
        fail_msg("cannot open: %s", err.detail);
    return store;
}

struct order_store *suite_begin(void)
{
    current->clear();
    return suite_open();
}

void suite_end(struct order_store *store)
{
    order_store_close(store);
}

void suite_await_recovery(struct order_store *store)
{
    const struct timespec pause = { .tv_nsec = RECOVERY_PAUSE_MS * 1000000L };
    struct error err = { 0 };

    for (int tries = 0; tries < RECOVERY_TRIES; tries++) {
        if (order_store_probe(store, &err))
            return;
        nanosleep(&pause, NULL);
    }
    fail_msg("not recovered: %s", err.detail);
}

/* --- Things to store. --- */

struct id nth_id(uint32_t n)
{
    /* Scattered like hashes, so that their order is not the order of their coming. */
    const uint32_t scattered = n * UINT32_C(2654435761);
    struct id id = { .bytes = { 0 } };

    memcpy(id.bytes, &scattered, sizeof scattered);
    memcpy(id.bytes + 4, &n, sizeof n);
    return id;
}

struct record nth_record(uint32_t n)
{
    struct record record = {
        .order_id = nth_id(n),
        .user_id = { { 'u', (uint8_t)n } },
        .price = 100 + n,
        .date = T0 + n,
        .traceparent = { "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" },
        .state = RECORD_PENDING,
        .due_at = T0 + n,
        .created_at = T0 + n,
    };
    snprintf(record.request_id, sizeof record.request_id, "request-%u", n);
    return record;
}

struct order nth_order(uint32_t n)
{
    const struct record record = nth_record(n);

    return (struct order){ record.order_id, record.user_id, record.price, record.date, ORDER_NEW };
}

/* --- Units. --- */

bool try_add(struct order_store *store, const struct record records[], const struct order orders[],
             size_t count, enum write_outcome outcomes[], struct error *err)
{
    static _Thread_local const struct record *pointers[ORDER_UNIT_MAX];
    struct order_store_unit *unit = order_store_begin(store, err);

    if (!unit)
        return false;
    for (size_t i = 0; records && i < count; i++)
        pointers[i] = &records[i];
    if (records)
        order_store_add_records(unit, pointers, count, outcomes);
    if (orders)
        order_store_add_orders(unit, orders, count, outcomes);
    return order_store_commit(unit, err);
}

static void add_all(struct order_store *store, const struct record records[],
                    const struct order orders[], size_t count)
{
    static _Thread_local enum write_outcome outcomes[ORDER_UNIT_MAX];
    struct error err = { 0 };

    if (!try_add(store, records, orders, count, outcomes, &err))
        fail_msg("cannot commit: %s", err.detail);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(outcomes[i], WRITE_OK);
}

void add_records(struct order_store *store, const struct record records[], size_t count)
{
    add_all(store, records, NULL, count);
}

void add_orders(struct order_store *store, const struct order orders[], size_t count)
{
    add_all(store, NULL, orders, count);
}

bool read_record(struct order_store *store, const struct id *id, struct record *out)
{
    struct error err = { 0 };
    bool found = false;
    struct order_store_unit *unit = order_store_begin(store, &err);

    assert_non_null(unit);
    if (!order_store_find_records(unit, id, 1, out, &found, &err))
        fail_msg("cannot find: %s", err.detail);
    order_store_rollback(unit);
    return found;
}

bool read_order(struct order_store *store, const struct id *id, struct order *out)
{
    struct error err = { 0 };
    bool found = false;

    if (!order_store_get_order(store, id, out, &found, &err))
        fail_msg("cannot get: %s", err.detail);
    return found;
}

void assert_same_order(const struct order *actual, const struct order *expected)
{
    assert_memory_equal(&actual->id, &expected->id, sizeof actual->id);
    assert_memory_equal(&actual->user_id, &expected->user_id, sizeof actual->user_id);
    assert_int_equal(actual->price, expected->price);
    assert_int_equal(actual->date, expected->date);
    assert_int_equal(actual->status, expected->status);
}

void assert_same_record(const struct record *actual, const struct record *expected)
{
    assert_memory_equal(&actual->order_id, &expected->order_id, sizeof actual->order_id);
    assert_memory_equal(&actual->user_id, &expected->user_id, sizeof actual->user_id);
    assert_string_equal(actual->request_id, expected->request_id);
    assert_int_equal(actual->price, expected->price);
    assert_int_equal(actual->date, expected->date);
    assert_string_equal(actual->traceparent.text, expected->traceparent.text);
    assert_int_equal(actual->state, expected->state);
    assert_int_equal(actual->due_at, expected->due_at);
    assert_int_equal(actual->attempts, expected->attempts);
    assert_int_equal(actual->created_at, expected->created_at);
    assert_memory_equal(&actual->owner, &expected->owner, sizeof actual->owner);
}
