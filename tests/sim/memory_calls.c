/* What stands around every call of the in-memory store. */
#include "sim/memory_calls.h"

#include <string.h>

static const char *const call_names[STORE_CALLS] = {
    [CALL_BEGIN] = "begin",
    [CALL_COMMIT] = "commit",
    [CALL_ADD_RECORDS] = "add records",
    [CALL_ADD_ORDERS] = "add orders",
    [CALL_FIND_ORDERS] = "find orders",
    [CALL_FIND_RECORDS] = "find records",
    [CALL_GET_ORDER] = "get order",
    [CALL_LIST_ORDERS] = "list orders",
    [CALL_CLAIM] = "claim",
    [CALL_CONFIRM_ORDERS] = "confirm orders",
    [CALL_CONFIRM_RECORDS] = "confirm records",
    [CALL_RELEASE] = "release",
    [CALL_PARK] = "park",
    [CALL_PURGE] = "purge",
    [CALL_STATS] = "stats",
    [CALL_PROBE] = "probe",
};

const char *store_call_name(enum store_call call)
{
    return call_names[call];
}

struct memory_store *memory_of(struct order_store *store)
{
    return (struct memory_store *)store;
}

void memory_enter(struct memory_store *memory, struct store_step *step)
{
    pthread_mutex_lock(&memory->mutex);
    step->nth = ++memory->calls[step->call];
    pthread_mutex_unlock(&memory->mutex);

    if (step->faults)
        memset(step->faults, 0, step->count * sizeof *step->faults);
    if (memory->hooks.before)
        memory->hooks.before(memory->hooks.context, step);
}

bool memory_leave(struct memory_store *memory, const struct store_step *step, struct error *err)
{
    if (memory->hooks.after)
        memory->hooks.after(memory->hooks.context, step);
    if (step->error == ERR_NONE)
        return true;
    return error_set(err, step->error, 0, "%s", store_call_name(step->call));
}

bool memory_lets_through(const struct store_step *step)
{
    return step->error == ERR_NONE || step->error == ERR_UNKNOWN;
}

enum write_outcome memory_perform(struct memory_store *memory, const struct write *write,
                                  const struct store_step *step, size_t i)
{
    if (!memory_lets_through(step) || step->faults[i] == FAULT_FAILED)
        return WRITE_FAILED;

    enum write_outcome outcome = WRITE_UNKNOWN;
    if (step->faults[i] == FAULT_UNKNOWN_LATER)
        return documents_delay(&memory->documents, write) ? WRITE_UNKNOWN : WRITE_FAILED;
    if (step->faults[i] != FAULT_UNKNOWN_LOST)
        outcome = documents_apply(&memory->documents, write);
    return step->faults[i] == FAULT_NONE && step->error == ERR_NONE ? outcome : WRITE_UNKNOWN;
}
