/* An order store in memory, for tests: the real protocol runs over it, and a test decides what
 * happens at every call.
 *
 * It gives what MongoDB gives and no more: each write to one document is atomic and durable by
 * itself, commit and rollback only end the unit. Two hooks stand around every call, without the
 * lock, so that they may change the store, hold the thread, or let others run; the first one
 * decides what becomes of each document. Any thread may use it. */
#ifndef SIM_MEMORY_STORE_H
#define SIM_MEMORY_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include "base/clock.h"
#include "sim/memory_documents.h"
#include "store/order_store.h"

enum store_call {
    CALL_BEGIN,
    CALL_COMMIT,
    CALL_ADD_RECORDS,
    CALL_ADD_ORDERS,
    CALL_FIND_ORDERS,
    CALL_FIND_RECORDS,
    CALL_GET_ORDER,
    CALL_LIST_ORDERS,
    CALL_CLAIM,
    CALL_CONFIRM_ORDERS,
    CALL_CONFIRM_RECORDS,
    CALL_RELEASE,
    CALL_PARK,
    CALL_PURGE,
    CALL_STATS,
    CALL_PROBE,
    STORE_CALLS,
};

/* For traces: "add records". */
const char *store_call_name(enum store_call call);

/* What becomes of one document's write. */
enum write_fault {
    FAULT_NONE,
    FAULT_FAILED,          /* not applied, and the caller knows */
    FAULT_UNKNOWN_LOST,    /* not applied, but nobody can tell */
    FAULT_UNKNOWN_APPLIED, /* applied, but nobody can tell */
    FAULT_UNKNOWN_LATER,   /* in flight: see memory_store_land() */
};

struct store_step {
    enum store_call call;
    unsigned nth;         /* 1: the first call of this kind since the store was opened */
    const struct id *ids; /* the documents' ids; a claim's are known only afterwards */
    size_t count;
    const struct order *orders; /* of add orders: what is to be stored */
    enum write_fault *faults;   /* one a document, for `before` to set; NULL: the call has none */
    /* For `before` to set: the call fails as a whole. ERR_UNKNOWN: what `faults` lets through is
     * applied and only the answer is lost; any other: nothing is applied. A call that cannot fail
     * as a whole (add_records, add_orders) tells it of each document. */
    enum err error;
};

struct store_hooks {
    void (*before)(void *context, struct store_step *step);      /* may be NULL */
    void (*after)(void *context, const struct store_step *step); /* may be NULL */
    void *context;
};

/* `clock` is borrowed; now() is its wall clock. NULL: ERR_NO_MEMORY. Close it with
 * order_store_close(), which asserts that every unit was ended. */
struct order_store *memory_store_open(const struct clock *clock, struct error *err) MUST_USE;

/* Another handle on the same store; each is closed, the last one frees. */
struct order_store *memory_store_share(struct order_store *store);

void memory_store_hook(struct order_store *store, const struct store_hooks *hooks);

/* --- Past the port, without hooks: what a test puts there, and what it finds. --- */

/* Each is as if another replica had done it; an existing document is left alone. */
void memory_store_put_record(struct order_store *store, const struct record *record);
void memory_store_put_order(struct order_store *store, const struct order *order);
/* A purge, or a rollback. */
void memory_store_remove_record(struct order_store *store, const struct id *id);
void memory_store_remove_order(struct order_store *store, const struct id *id);

bool memory_store_record(struct order_store *store, const struct id *id, struct record *out);
bool memory_store_order(struct order_store *store, const struct id *id, struct order *out);
size_t memory_store_record_count(struct order_store *store);
size_t memory_store_order_count(struct order_store *store);

/* How many writes are in flight; one of them (index below that) lands, or is lost for ever. */
size_t memory_store_in_flight(struct order_store *store);
void memory_store_land(struct order_store *store, size_t index);
void memory_store_lose(struct order_store *store, size_t index);

/* All documents, out to a copy (see documents_copy) and back. */
void memory_store_save(struct order_store *store, struct documents *copy);
void memory_store_restore(struct order_store *store, const struct documents *copy);

/* Calls of that kind so far. */
unsigned memory_store_calls(struct order_store *store, enum store_call call);

#endif
