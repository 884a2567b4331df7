/* Records and orders in two plain arrays: worlds in tests are small, and a look from end to end is
 * easier to trust than an index. */
#include "sim/memory_documents.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/test_point.h"

/* Makes room for one more element of `size` bytes. */
static bool grow(void **array, size_t *room, size_t count, size_t size)
{
    if (count < *room)
        return true;

    size_t larger = *room ? 2 * *room : 16;
    void *moved = realloc(*array, larger * size);
    if (!moved)
        return false;
    *array = moved;
    *room = larger;
    return true;
}

/* Keeps the order of the others: it is the order of insertion. */
static void remove_at(void *array, size_t *count, size_t index, size_t size)
{
    char *at = (char *)array + index * size;
    memmove(at, at + size, (*count - index - 1) * size);
    --*count;
}

void documents_done(struct documents *documents)
{
    free(documents->records);
    free(documents->orders);
    free(documents->late);
}

static void copy_array(void **to, size_t *room, const void *from, size_t count, size_t size)
{
    while (*room < count) {
        bool grown = grow(to, room, *room, size);
        assert(grown);
    }
    if (count > 0)
        memcpy(*to, from, count * size);
}

void documents_copy(struct documents *to, const struct documents *from)
{
    void *records = to->records, *orders = to->orders, *late = to->late;

    copy_array(&records, &to->record_room, from->records, from->record_count, sizeof *to->records);
    copy_array(&orders, &to->order_room, from->orders, from->order_count, sizeof *to->orders);
    copy_array(&late, &to->late_room, from->late, from->late_count, sizeof *to->late);
    to->records = records;
    to->record_count = from->record_count;
    to->orders = orders;
    to->order_count = from->order_count;
    to->late = late;
    to->late_count = from->late_count;
}

struct record *documents_record(const struct documents *documents, const struct id *id)
{
    for (size_t i = 0; i < documents->record_count; i++)
        if (id_equal(&documents->records[i].order_id, id))
            return &documents->records[i];
    return NULL;
}

struct order *documents_order(const struct documents *documents, const struct id *id)
{
    for (size_t i = 0; i < documents->order_count; i++)
        if (id_equal(&documents->orders[i].id, id))
            return &documents->orders[i];
    return NULL;
}

static enum write_outcome add_record(struct documents *documents, const struct record *record)
{
    if (documents_record(documents, &record->order_id))
        return WRITE_DUPLICATE;

    void *records = documents->records;
    if (!grow(&records, &documents->record_room, documents->record_count, sizeof *record))
        return WRITE_FAILED;
    documents->records = records;
    documents->records[documents->record_count++] = *record;
    return WRITE_OK;
}

static enum write_outcome add_order(struct documents *documents, const struct order *order)
{
    struct order *there = documents_order(documents, &order->id);
    if (there && TEST_FAULT("order-replaced"))
        *there = *order;
    if (there)
        return TEST_FAULT("order-replaced") ? WRITE_OK : WRITE_DUPLICATE;

    void *orders = documents->orders;
    if (!grow(&orders, &documents->order_room, documents->order_count, sizeof *order))
        return WRITE_FAILED;
    documents->orders = orders;
    documents->orders[documents->order_count++] = *order;
    return WRITE_OK;
}

static enum write_outcome confirm_order(struct documents *documents, const struct id *id)
{
    struct order *order = documents_order(documents, id);
    if (!order)
        return WRITE_FAILED;
    order->status = ORDER_PROCESSING;
    return WRITE_OK;
}

/* A pending record while `owner` holds it; it is nobody's afterwards. */
static enum write_outcome end_claim(struct documents *documents, const struct write *write)
{
    struct record *record = documents_record(documents, &write->id);
    if (!record || record->state != RECORD_PENDING || !id_equal(&record->owner, &write->owner))
        return WRITE_FAILED;

    record->owner = (struct id){ { 0 } };
    if (write->kind == WRITE_CONFIRM_RECORD) {
        record->state = RECORD_DONE;
    } else if (write->kind == WRITE_PARK) {
        record->state = RECORD_PARKED;
    } else {
        record->due_at = write->due_at;
        record->attempts++;
    }
    return WRITE_OK;
}

enum write_outcome documents_apply(struct documents *documents, const struct write *write)
{
    switch (write->kind) {
    case WRITE_ADD_RECORD:
        return add_record(documents, &write->record);
    case WRITE_ADD_ORDER:
        return add_order(documents, &write->order);
    case WRITE_CONFIRM_ORDER:
        return confirm_order(documents, &write->id);
    case WRITE_CONFIRM_RECORD:
    case WRITE_RELEASE:
    case WRITE_PARK:
        break;
    }
    return end_claim(documents, write);
}

bool documents_delay(struct documents *documents, const struct write *write)
{
    void *late = documents->late;
    if (!grow(&late, &documents->late_room, documents->late_count, sizeof *write))
        return false;
    documents->late = late;
    documents->late[documents->late_count++] = *write;
    return true;
}

void documents_remove_record(struct documents *documents, const struct id *id)
{
    struct record *record = documents_record(documents, id);
    if (record)
        remove_at(documents->records, &documents->record_count,
                  (size_t)(record - documents->records), sizeof *record);
}

void documents_remove_order(struct documents *documents, const struct id *id)
{
    struct order *order = documents_order(documents, id);
    if (order)
        remove_at(documents->orders, &documents->order_count, (size_t)(order - documents->orders),
                  sizeof *order);
}

void documents_remove_late(struct documents *documents, size_t index)
{
    remove_at(documents->late, &documents->late_count, index, sizeof *documents->late);
}

struct record *documents_due(const struct documents *documents, int64_t now, const struct id *owner)
{
    struct record *first = NULL;

    for (size_t i = 0; i < documents->record_count; i++) {
        struct record *record = &documents->records[i];
        bool due = record->state == RECORD_PENDING && record->due_at <= now &&
                   !id_equal(&record->owner, owner);
        if (due && (!first || record->due_at < first->due_at))
            first = record;
    }
    return first;
}

static int compare_place(int64_t date, const struct id *id, int64_t other_date,
                         const struct id *other)
{
    if (date != other_date)
        return date < other_date ? -1 : 1;
    return id_compare(id, other);
}

const struct order *documents_next_order(const struct documents *documents,
                                         const struct order_query *query,
                                         const struct order_cursor *cursor)
{
    const struct order *first = NULL;

    for (size_t i = 0; i < documents->order_count; i++) {
        const struct order *order = &documents->orders[i];
        if (!id_equal(&order->user_id, &query->user_id) ||
            (query->with_status && order->status != query->status) ||
            compare_place(order->date, &order->id, cursor->date, &cursor->id) <= 0)
            continue;
        if (!first || compare_place(order->date, &order->id, first->date, &first->id) < 0)
            first = order;
    }
    return first;
}
