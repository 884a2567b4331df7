/* The collections of order-svc on MongoDB.
 *
 * The only thing that must be unique is _id, so no index but that guards the promise. An order's
 * and a record's _id are the same 12 bytes, as an ObjectId. */
#include "store/order_documents_mongo.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const struct mongo_index indexes_1[] = {
    /* Of what is pending alone: done records are many more, and lie in it for two days. */
    { RECORDS, "due", { "state", "dueAt", "_id" }, { "state", "pending" } },
    /* Of all: by it pending and parked ones are counted too, and the oldest pending one found. */
    { RECORDS, "created", { "state", "createdAt" }, { NULL, NULL } },
    /* A page of a user's list is one run of neighbours. */
    { ORDERS, "list", { "userId", "date", "_id" }, { NULL, NULL } },
};

static const struct mongo_migration migrations[] = {
    { .collections = { RECORDS, ORDERS, MONGO_PROBES },
      .indexes = indexes_1,
      .index_count = sizeof indexes_1 / sizeof *indexes_1,
      .oldest_reader = 1 },
};

const struct mongo_options order_collections = {
    .name = "order-svc",
    .database = "orders",
    .migrations = migrations,
    .migration_count = sizeof migrations / sizeof *migrations,
};

/* --- To documents. --- */

static const char *const state_names[] = {
    [RECORD_PENDING] = "pending",
    [RECORD_DONE] = "done",
    [RECORD_PARKED] = "parked",
};

const char *record_state_name(enum record_state state)
{
    return state_names[state];
}

static void append_id(bson_t *document, const char *name, const struct id *id)
{
    const bson_oid_t oid = mongo_oid(id);
    bson_append_oid(document, name, -1, &oid);
}

static bool is_zero(const struct id *id)
{
    return id_equal(id, &(struct id){ .bytes = { 0 } });
}

void record_append(bson_t *document, const struct record *record)
{
    append_id(document, "_id", &record->order_id);
    append_id(document, "userId", &record->user_id);
    BSON_APPEND_UTF8(document, "requestId", record->request_id);
    BSON_APPEND_INT64(document, "price", record->price);
    BSON_APPEND_DATE_TIME(document, "date", record->date);
    if (record->traceparent.text[0] != '\0')
        BSON_APPEND_UTF8(document, "traceparent", record->traceparent.text);
    BSON_APPEND_UTF8(document, "state", record_state_name(record->state));
    BSON_APPEND_DATE_TIME(document, "dueAt", record->due_at);
    BSON_APPEND_INT64(document, "attempts", record->attempts);
    BSON_APPEND_DATE_TIME(document, "createdAt", record->created_at);
    if (!is_zero(&record->owner))
        append_id(document, "owner", &record->owner);
}

void order_append(bson_t *document, const struct order *order)
{
    append_id(document, "_id", &order->id);
    append_id(document, "userId", &order->user_id);
    BSON_APPEND_INT64(document, "price", order->price);
    BSON_APPEND_DATE_TIME(document, "date", order->date);
    BSON_APPEND_UTF8(document, "status", order_status_name(order->status));
}

/* --- From documents. --- */

static bool read_state(const bson_t *document, enum record_state *out)
{
    char name[16];

    if (!mongo_field_text(document, "state", name, sizeof name))
        return false;
    for (size_t i = 0; i < sizeof state_names / sizeof *state_names; i++)
        if (strcmp(name, state_names[i]) == 0) {
            *out = (enum record_state)i;
            return true;
        }
    return false;
}

/* Optional ones: not there is fine, anything else than they must be is not. */
static bool read_traceparent(const bson_t *document, struct traceparent *out)
{
    return !mongo_field_is(document, "traceparent") ||
           mongo_field_text(document, "traceparent", out->text, sizeof out->text);
}

static bool read_owner(const bson_t *document, struct id *out)
{
    return !mongo_field_is(document, "owner") || mongo_field_id(document, "owner", out);
}

bool record_of_document(const bson_t *document, struct record *out, struct error *err)
{
    struct record record = { .state = RECORD_PENDING };

    if (!mongo_field_id(document, "_id", &record.order_id) ||
        !mongo_field_id(document, "userId", &record.user_id) ||
        !mongo_field_text(document, "requestId", record.request_id, sizeof record.request_id) ||
        !mongo_field_number(document, "price", &record.price) ||
        !mongo_field_date(document, "date", &record.date) ||
        !read_traceparent(document, &record.traceparent) || !read_state(document, &record.state) ||
        !mongo_field_date(document, "dueAt", &record.due_at) ||
        !mongo_field_number32(document, "attempts", &record.attempts) ||
        !mongo_field_date(document, "createdAt", &record.created_at) ||
        !read_owner(document, &record.owner))
        return error_set(err, ERR_BUG, 0, "a record is not as it was written");
    *out = record;
    return true;
}

bool order_of_document(const bson_t *document, struct order *out, struct error *err)
{
    struct order order = { .status = ORDER_NEW };
    char status[16];

    if (!mongo_field_id(document, "_id", &order.id) ||
        !mongo_field_id(document, "userId", &order.user_id) ||
        !mongo_field_number(document, "price", &order.price) ||
        !mongo_field_date(document, "date", &order.date) ||
        !mongo_field_text(document, "status", status, sizeof status) ||
        !order_status_parse(status, strlen(status), &order.status))
        return error_set(err, ERR_BUG, 0, "an order is not as it was written");
    *out = order;
    return true;
}

/* --- Finding by id. --- */

/* Where each id stands in the caller's array, in the order of the ids. */
struct places {
    size_t count;
    struct place {
        struct id id;
        size_t at;
    } list[ORDER_UNIT_MAX];
};

static int compare_places(const void *a, const void *b)
{
    return id_compare(&((const struct place *)a)->id, &((const struct place *)b)->id);
}

static void sort_places(struct places *places, const struct id ids[], size_t count)
{
    assert(count <= ORDER_UNIT_MAX);
    places->count = count;
    for (size_t i = 0; i < count; i++)
        places->list[i] = (struct place){ ids[i], i };
    qsort(places->list, count, sizeof *places->list, compare_places);
}

/* The first place of that id, or where it would be. */
static size_t first_place(const struct places *places, const struct id *id)
{
    size_t low = 0, high = places->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (id_compare(&places->list[middle].id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool place_row(const bson_t *row, const struct places *places, struct order_target target,
                      bool there[], struct error *err)
{
    struct order order;
    struct record record;

    if (!(target.orders ? order_of_document(row, &order, err)
                        : record_of_document(row, &record, err)))
        return false;
    const struct id *id = target.orders ? &order.id : &record.order_id;
    for (size_t i = first_place(places, id); i < places->count && id_equal(&places->list[i].id, id);
         i++) {
        size_t at = places->list[i].at;
        if (target.orders)
            target.orders[at] = order;
        else
            target.records[at] = record;
        there[at] = true;
    }
    return true;
}

bool order_documents_find(struct mongo_session *session, const bson_t *filter,
                          const struct id ids[], size_t count, struct order_target target,
                          bool found[], struct error *err)
{
    const struct mongo_query query = { .collection = target.orders ? ORDERS : RECORDS,
                                       .filter = filter,
                                       .limit = ORDER_UNIT_MAX };
    AUTO(mongo_rows) struct mongo_rows rows = MONGO_NO_ROWS;
    struct places places;
    bool there[ORDER_UNIT_MAX] = { false };
    bson_t row;

    if (!mongo_find(session, &query, &rows, err))
        return false;
    sort_places(&places, ids, count);
    while (mongo_next(&rows, &row))
        if (!place_row(&row, &places, target, there, err))
            return false;
    memcpy(found, there, count * sizeof *found);
    return true;
}

bson_t *order_documents_among(const struct id ids[], size_t count)
{
    AUTO(bson) bson_t *array = mongo_ids(ids, count);
    return BCON_NEW("_id", "{", "$in", BCON_ARRAY(array), "}");
}
