/* The documents of the in-memory store, and the writes that change one of them. No lock, no hooks:
 * those are memory_store.c's. */
#ifndef SIM_MEMORY_DOCUMENTS_H
#define SIM_MEMORY_DOCUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include "order.h"
#include "store/order_store.h"

/* A change of one document, which may be applied now, later, or never. */
struct write {
    enum write_kind {
        WRITE_ADD_RECORD,
        WRITE_ADD_ORDER,
        WRITE_CONFIRM_ORDER,
        WRITE_CONFIRM_RECORD,
        WRITE_RELEASE,
        WRITE_PARK,
    } kind;
    struct record record; /* ADD_RECORD */
    struct order order;   /* ADD_ORDER */
    struct id id, owner;  /* the others: which document, and while who holds it */
    int64_t due_at;       /* RELEASE */
};

struct documents {
    struct record *records;
    size_t record_count, record_room;
    struct order *orders;
    size_t order_count, order_room;
    struct write *late; /* in flight */
    size_t late_count, late_room;
};

void documents_done(struct documents *documents);

/* `to` begins zeroed, may be used again and again, and keeps its room. Asserts that there is
 * memory.
 */
void documents_copy(struct documents *to, const struct documents *from);

/* NULL: not there. */
struct record *documents_record(const struct documents *documents, const struct id *id);
struct order *documents_order(const struct documents *documents, const struct id *id);

/* OK: applied. DUPLICATE: an insert's id is taken. FAILED: no memory, or nothing matched. */
enum write_outcome documents_apply(struct documents *documents, const struct write *write);

/* Puts it in flight. */
bool documents_delay(struct documents *documents, const struct write *write);

void documents_remove_record(struct documents *documents, const struct id *id);
void documents_remove_order(struct documents *documents, const struct id *id);
void documents_remove_late(struct documents *documents, size_t index);

/* The pending record that is due first, not later than `now`, and not held by `owner`. */
struct record *documents_due(const struct documents *documents, int64_t now,
                             const struct id *owner);

/* The first order that matches the query after `cursor`. NULL: none. */
const struct order *documents_next_order(const struct documents *documents,
                                         const struct order_query *query,
                                         const struct order_cursor *cursor);

#endif
