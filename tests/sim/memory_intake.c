/* The in-memory store's units, and its reading calls. */
#include <assert.h>
#include <stdlib.h>

#include "sim/memory_calls.h"

/* ---- a unit ---- */

static struct order_store_unit *begin(struct order_store *store, struct error *err)
{
    struct memory_store *memory = memory_of(store);
    struct store_step step = { .call = CALL_BEGIN };

    memory_enter(memory, &step);
    if (!memory_leave(memory, &step, err))
        return NULL;

    struct order_store_unit *unit = malloc(sizeof *unit);
    if (!unit) {
        error_set(err, ERR_NO_MEMORY, 0, "unit");
        return NULL;
    }
    unit->store = store;
    LOCKED(&memory->mutex);
    memory->open_units++;
    return unit;
}

static void rollback(struct order_store_unit *unit)
{
    struct memory_store *memory = memory_of(unit->store);
    LOCKED(&memory->mutex);
    memory->open_units--;
    free(unit);
}

static bool commit(struct order_store_unit *unit, struct error *err)
{
    struct memory_store *memory = memory_of(unit->store);
    struct store_step step = { .call = CALL_COMMIT };

    memory_enter(memory, &step);
    rollback(unit);
    return memory_leave(memory, &step, err);
}

static void add_records(struct order_store_unit *unit, const struct record *const records[],
                        size_t count, enum write_outcome outcomes[])
{
    struct memory_store *memory = memory_of(unit->store);
    struct id ids[ORDER_UNIT_MAX];
    enum write_fault faults[ORDER_UNIT_MAX];
    struct store_step step = {
        .call = CALL_ADD_RECORDS, .ids = ids, .count = count, .faults = faults
    };

    assert(count <= ORDER_UNIT_MAX);
    for (size_t i = 0; i < count; i++)
        ids[i] = records[i]->order_id;
    memory_enter(memory, &step);

    pthread_mutex_lock(&memory->mutex);
    for (size_t i = 0; i < count; i++) {
        struct write write = { .kind = WRITE_ADD_RECORD, .record = *records[i] };
        outcomes[i] = memory_perform(memory, &write, &step, i);
    }
    memory->flushes++;
    pthread_mutex_unlock(&memory->mutex);
    (void)!memory_leave(memory, &step, NULL);
}

static void add_orders(struct order_store_unit *unit, const struct order orders[], size_t count,
                       enum write_outcome outcomes[])
{
    struct memory_store *memory = memory_of(unit->store);
    struct id ids[ORDER_UNIT_MAX];
    enum write_fault faults[ORDER_UNIT_MAX];
    struct store_step step = {
        .call = CALL_ADD_ORDERS, .ids = ids, .count = count, .faults = faults, .orders = orders
    };

    assert(count <= ORDER_UNIT_MAX);
    for (size_t i = 0; i < count; i++)
        ids[i] = orders[i].id;
    memory_enter(memory, &step);

    pthread_mutex_lock(&memory->mutex);
    for (size_t i = 0; i < count; i++) {
        struct write write = { .kind = WRITE_ADD_ORDER, .order = orders[i] };
        outcomes[i] = memory_perform(memory, &write, &step, i);
    }
    memory->flushes++;
    pthread_mutex_unlock(&memory->mutex);
    (void)!memory_leave(memory, &step, NULL);
}

static bool find_orders(struct order_store_unit *unit, const struct id ids[], size_t count,
                        struct order orders[], bool found[], struct error *err)
{
    struct memory_store *memory = memory_of(unit->store);
    struct store_step step = { .call = CALL_FIND_ORDERS, .ids = ids, .count = count };

    memory_enter(memory, &step);
    pthread_mutex_lock(&memory->mutex);
    for (size_t i = 0; step.error == ERR_NONE && i < count; i++) {
        const struct order *order = documents_order(&memory->documents, &ids[i]);
        found[i] = order != NULL;
        if (order)
            orders[i] = *order;
    }
    pthread_mutex_unlock(&memory->mutex);
    return memory_leave(memory, &step, err);
}

static bool find_records(struct order_store_unit *unit, const struct id ids[], size_t count,
                         struct record records[], bool found[], struct error *err)
{
    struct memory_store *memory = memory_of(unit->store);
    struct store_step step = { .call = CALL_FIND_RECORDS, .ids = ids, .count = count };

    memory_enter(memory, &step);
    pthread_mutex_lock(&memory->mutex);
    for (size_t i = 0; step.error == ERR_NONE && i < count; i++) {
        const struct record *record = documents_record(&memory->documents, &ids[i]);
        found[i] = record != NULL;
        if (record)
            records[i] = *record;
    }
    pthread_mutex_unlock(&memory->mutex);
    return memory_leave(memory, &step, err);
}

/* ---- reading ---- */

static bool get_order(struct order_store *store, const struct id *id, struct order *order,
                      bool *found, struct error *err)
{
    struct memory_store *memory = memory_of(store);
    struct store_step step = { .call = CALL_GET_ORDER, .ids = id, .count = 1 };

    memory_enter(memory, &step);
    if (step.error == ERR_NONE)
        *found = memory_store_order(store, id, order);
    return memory_leave(memory, &step, err);
}

static bool list_orders(struct order_store *store, const struct order_query *query,
                        struct order orders[], size_t *count, struct error *err)
{
    struct memory_store *memory = memory_of(store);
    struct store_step step = { .call = CALL_LIST_ORDERS };
    struct order_cursor cursor = query->after;
    size_t listed = 0;

    memory_enter(memory, &step);
    pthread_mutex_lock(&memory->mutex);
    while (step.error == ERR_NONE && listed < query->limit) {
        const struct order *order = documents_next_order(&memory->documents, query, &cursor);
        if (!order)
            break;
        orders[listed++] = *order;
        cursor = (struct order_cursor){ order->date, order->id };
    }
    pthread_mutex_unlock(&memory->mutex);
    if (step.error == ERR_NONE)
        *count = listed;
    return memory_leave(memory, &step, err);
}

void memory_intake_functions(struct order_store_functions *functions)
{
    functions->begin = begin;
    functions->commit = commit;
    functions->rollback = rollback;
    functions->add_records = add_records;
    functions->add_orders = add_orders;
    functions->find_orders = find_orders;
    functions->find_records = find_records;
    functions->get_order = get_order;
    functions->list_orders = list_orders;
}
