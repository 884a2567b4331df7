/* Opening and closing the in-memory store, and what tests do past its port. */
#include "sim/memory_store.h"

#include <assert.h>
#include <stdlib.h>

#include "sim/memory_calls.h"

static int64_t now(struct order_store *store)
{
    return clock_wall_ms(memory_of(store)->clock);
}

static uint64_t flushes(struct order_store *store)
{
    struct memory_store *memory = memory_of(store);
    LOCKED(&memory->mutex);
    return memory->flushes;
}

static void close_store(struct order_store *store)
{
    struct memory_store *memory = memory_of(store);

    pthread_mutex_lock(&memory->mutex);
    size_t left = --memory->handles;
    pthread_mutex_unlock(&memory->mutex);
    if (left > 0)
        return;

    assert(memory->open_units == 0);
    documents_done(&memory->documents);
    pthread_mutex_destroy(&memory->mutex);
    free(memory);
}

struct order_store *memory_store_open(const struct clock *clock, struct error *err)
{
    struct memory_store *memory = calloc(1, sizeof *memory);
    if (!memory) {
        error_set(err, ERR_NO_MEMORY, 0, "store in memory");
        return NULL;
    }
    memory->functions = (struct order_store_functions){
        .close = close_store,
        .now = now,
        .flushes = flushes,
    };
    memory_intake_functions(&memory->functions);
    memory_outbox_functions(&memory->functions);
    memory->store.functions = &memory->functions;
    memory->clock = clock;
    memory->handles = 1;
    pthread_mutex_init(&memory->mutex, NULL);
    return &memory->store;
}

struct order_store *memory_store_share(struct order_store *store)
{
    struct memory_store *memory = memory_of(store);
    LOCKED(&memory->mutex);
    memory->handles++;
    return store;
}

void memory_store_hook(struct order_store *store, const struct store_hooks *hooks)
{
    memory_of(store)->hooks = *hooks;
}

static void put(struct order_store *store, const struct write *write)
{
    struct memory_store *memory = memory_of(store);
    LOCKED(&memory->mutex);
    enum write_outcome outcome = documents_apply(&memory->documents, write);
    assert(outcome != WRITE_FAILED);
}

void memory_store_put_record(struct order_store *store, const struct record *record)
{
    put(store, &(struct write){ .kind = WRITE_ADD_RECORD, .record = *record });
}

void memory_store_put_order(struct order_store *store, const struct order *order)
{
    put(store, &(struct write){ .kind = WRITE_ADD_ORDER, .order = *order });
}

void memory_store_remove_record(struct order_store *store, const struct id *id)
{
    struct memory_store *memory = memory_of(store);
    LOCKED(&memory->mutex);
    documents_remove_record(&memory->documents, id);
}

void memory_store_remove_order(struct order_store *store, const struct id *id)
{
    struct memory_store *memory = memory_of(store);
    LOCKED(&memory->mutex);
    documents_remove_order(&memory->documents, id);
}

bool memory_store_record(struct order_store *store, const struct id *id, struct record *out)
{
    struct memory_store *memory = memory_of(store);
    LOCKED(&memory->mutex);
    const struct record *record = documents_record(&memory->documents, id);
    if (record)
        *out = *record;
    return record != NULL;
}

bool memory_store_order(struct order_store *store, const struct id *id, struct order *out)
{
    struct memory_store *memory = memory_of(store);
    LOCKED(&memory->mutex);
    const struct order *order = documents_order(&memory->documents, id);
    if (order)
        *out = *order;
    return order != NULL;
}

size_t memory_store_record_count(struct order_store *store)
{
    struct memory_store *memory = memory_of(store);
    LOCKED(&memory->mutex);
    return memory->documents.record_count;
}

size_t memory_store_order_count(struct order_store *store)
{
    struct memory_store *memory = memory_of(store);
    LOCKED(&memory->mutex);
    return memory->documents.order_count;
}

size_t memory_store_in_flight(struct order_store *store)
{
    struct memory_store *memory = memory_of(store);
    LOCKED(&memory->mutex);
    return memory->documents.late_count;
}

void memory_store_land(struct order_store *store, size_t index)
{
    struct memory_store *memory = memory_of(store);
    LOCKED(&memory->mutex);
    assert(index < memory->documents.late_count);
    struct write write = memory->documents.late[index];
    documents_remove_late(&memory->documents, index);
    (void)!documents_apply(&memory->documents, &write); /* one that matches nothing is nothing */
}

void memory_store_lose(struct order_store *store, size_t index)
{
    struct memory_store *memory = memory_of(store);
    LOCKED(&memory->mutex);
    assert(index < memory->documents.late_count);
    documents_remove_late(&memory->documents, index);
}

void memory_store_save(struct order_store *store, struct documents *copy)
{
    struct memory_store *memory = memory_of(store);
    LOCKED(&memory->mutex);
    documents_copy(copy, &memory->documents);
}

void memory_store_restore(struct order_store *store, const struct documents *copy)
{
    struct memory_store *memory = memory_of(store);
    LOCKED(&memory->mutex);
    documents_copy(&memory->documents, copy);
}

unsigned memory_store_calls(struct order_store *store, enum store_call call)
{
    struct memory_store *memory = memory_of(store);
    LOCKED(&memory->mutex);
    return memory->calls[call];
}
