/* The in-memory store's outbox. */
#include <assert.h>

#include "base/test_point.h"
#include "sim/memory_calls.h"

static bool claim(struct order_store *store, const struct id *owner, int64_t now,
                  int64_t lease_until, size_t max, struct record records[], size_t *count,
                  struct error *err)
{
    struct memory_store *memory = memory_of(store);
    struct id ids[ORDER_UNIT_MAX];
    struct store_step step = { .call = CALL_CLAIM, .ids = ids };

    assert(max <= ORDER_UNIT_MAX);
    memory_enter(memory, &step);
    pthread_mutex_lock(&memory->mutex);
    while (memory_lets_through(&step) && step.count < max) {
        struct record *record = documents_due(&memory->documents, now, owner);
        if (!record)
            break;
        record->owner = *owner;
        record->due_at = lease_until;
        if (step.error == ERR_NONE)
            records[step.count] = *record;
        ids[step.count++] = record->order_id;
    }
    pthread_mutex_unlock(&memory->mutex);
    if (step.error == ERR_NONE)
        *count = step.count;
    return memory_leave(memory, &step, err);
}

static bool confirm_orders(struct order_store *store, const struct id ids[], size_t count,
                           bool processing[], struct error *err)
{
    struct memory_store *memory = memory_of(store);
    enum write_fault faults[ORDER_UNIT_MAX];
    struct store_step step = {
        .call = CALL_CONFIRM_ORDERS, .ids = ids, .count = count, .faults = faults
    };

    assert(count <= ORDER_UNIT_MAX);
    memory_enter(memory, &step);
    pthread_mutex_lock(&memory->mutex);
    for (size_t i = 0; i < count; i++) {
        struct write write = { .kind = WRITE_CONFIRM_ORDER, .id = ids[i] };
        enum write_outcome outcome = memory_perform(memory, &write, &step, i);
        if (step.error == ERR_NONE)
            processing[i] = outcome == WRITE_OK;
    }
    pthread_mutex_unlock(&memory->mutex);
    return memory_leave(memory, &step, err);
}

/* Ends claims: confirm, release and park. `due_at` is for a release, else NULL. Counts those that
 * `owner` held; a document whose fate nobody knows makes the whole unknown. */
static bool end_claims(struct memory_store *memory, struct store_step *step, struct write write,
                       const int64_t due_at[], size_t *ended, struct error *err)
{
    enum write_fault faults[ORDER_UNIT_MAX];
    size_t held = 0;

    assert(step->count <= ORDER_UNIT_MAX);
    step->faults = faults;
    memory_enter(memory, step);
    pthread_mutex_lock(&memory->mutex);
    for (size_t i = 0; i < step->count; i++) {
        write.id = step->ids[i];
        write.due_at = due_at ? due_at[i] : 0;
        held += memory_perform(memory, &write, step, i) == WRITE_OK;
    }
    pthread_mutex_unlock(&memory->mutex);
    for (size_t i = 0; i < step->count && step->error == ERR_NONE; i++)
        if (faults[i] != FAULT_NONE)
            step->error = ERR_UNKNOWN;
    if (step->error == ERR_NONE && ended)
        *ended = held;
    bool done = memory_leave(memory, step, err);
    step->faults = NULL; /* they end with this function */
    return done;
}

static bool confirm_records(struct order_store *store, const struct id *owner,
                            const struct id ids[], size_t count, size_t *confirmed,
                            struct error *err)
{
    struct store_step step = { .call = CALL_CONFIRM_RECORDS, .ids = ids, .count = count };
    struct write write = { .kind = WRITE_CONFIRM_RECORD, .owner = *owner };
    return end_claims(memory_of(store), &step, write, NULL, confirmed, err);
}

static bool release(struct order_store *store, const struct id *owner, const struct id ids[],
                    const int64_t due_at[], size_t count, struct error *err)
{
    struct store_step step = { .call = CALL_RELEASE, .ids = ids, .count = count };
    struct write write = { .kind = WRITE_RELEASE, .owner = *owner };
    return end_claims(memory_of(store), &step, write, due_at, NULL, err);
}

static bool park(struct order_store *store, const struct id *owner, const struct id *id,
                 struct error *err)
{
    struct store_step step = { .call = CALL_PARK, .ids = id, .count = 1 };
    struct write write = { .kind = WRITE_PARK, .owner = *owner };
    return end_claims(memory_of(store), &step, write, NULL, NULL, err);
}

static bool purge(struct order_store *store, int64_t created_before, size_t max, size_t *purged,
                  struct error *err)
{
    struct memory_store *memory = memory_of(store);
    struct store_step step = { .call = CALL_PURGE };
    size_t count = 0;

    memory_enter(memory, &step);
    pthread_mutex_lock(&memory->mutex);
    for (size_t i = memory->documents.record_count;
         memory_lets_through(&step) && i-- > 0 && count < max;) {
        const struct record *record = &memory->documents.records[i];
        bool wanted = record->state == RECORD_DONE ||
                      (record->state == RECORD_PENDING && TEST_FAULT("purge-of-pending"));
        if (!wanted || record->created_at >= created_before)
            continue;
        struct id id = record->order_id; /* the record is about to go */
        documents_remove_record(&memory->documents, &id);
        count++;
    }
    pthread_mutex_unlock(&memory->mutex);
    if (step.error == ERR_NONE)
        *purged = count;
    return memory_leave(memory, &step, err);
}

static bool stats(struct order_store *store, struct outbox_stats *out, struct error *err)
{
    struct memory_store *memory = memory_of(store);
    struct store_step step = { .call = CALL_STATS };
    struct outbox_stats counted = { 0 };

    memory_enter(memory, &step);
    pthread_mutex_lock(&memory->mutex);
    for (size_t i = 0; i < memory->documents.record_count; i++) {
        const struct record *record = &memory->documents.records[i];
        counted.parked += record->state == RECORD_PARKED;
        if (record->state != RECORD_PENDING)
            continue;
        counted.pending++;
        if (!counted.oldest_pending_at || record->created_at < counted.oldest_pending_at)
            counted.oldest_pending_at = record->created_at;
    }
    pthread_mutex_unlock(&memory->mutex);
    if (step.error == ERR_NONE)
        *out = counted;
    return memory_leave(memory, &step, err);
}

static bool probe(struct order_store *store, struct error *err)
{
    struct store_step step = { .call = CALL_PROBE };

    memory_enter(memory_of(store), &step);
    return memory_leave(memory_of(store), &step, err);
}

void memory_outbox_functions(struct order_store_functions *functions)
{
    functions->claim = claim;
    functions->confirm_orders = confirm_orders;
    functions->confirm_records = confirm_records;
    functions->release = release;
    functions->park = park;
    functions->purge = purge;
    functions->stats = stats;
    functions->probe = probe;
}
