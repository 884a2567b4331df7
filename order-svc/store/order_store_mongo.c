/* Orders and records on MongoDB: intake and reading. The outbox is in outbox_mongo.c.
 *
 * A unit holds a client, no transaction: each bulk is durable when it has returned, and the order
 * of the steps is what protects (see place_orders.c). A bulk is unordered, so each document in it
 * ends by itself. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/order_documents_mongo.h"

struct order_store_unit_mongo {
    struct order_store_unit unit;
    struct mongo_session *session;
};

typedef struct order_store_unit_mongo mongo_unit;

static struct mongo *mongo_of(struct order_store *store)
{
    return ((struct order_store_mongo *)store)->mongo; /* its first member */
}

static struct mongo_session *session_of(struct order_store_unit *unit)
{
    return ((mongo_unit *)unit)->session;
}

static void store_close(struct order_store *store)
{
    mongo_close(mongo_of(store));
    free(store);
}

static int64_t store_now(struct order_store *store)
{
    return mongo_now(mongo_of(store));
}

static uint64_t store_flushes(struct order_store *store)
{
    return mongo_flushes(mongo_of(store));
}

/* --- A unit. --- */

static struct order_store_unit *store_begin(struct order_store *store, struct error *err)
{
    AUTO(memory) mongo_unit *unit = calloc(1, sizeof *unit);

    if (!unit) {
        error_set(err, ERR_NO_MEMORY, 0, "unit");
        return NULL;
    }
    unit->unit.store = store;
    unit->session = mongo_begin(mongo_of(store), err);
    return unit->session ? &STEAL(unit)->unit : NULL;
}

static void unit_rollback(struct order_store_unit *unit)
{
    mongo_end(session_of(unit));
    free(unit);
}

/* Every step was durable already. */
static bool unit_commit(struct order_store_unit *unit, struct error *err)
{
    (void)err;
    unit_rollback(unit);
    return true;
}

/* --- Inserting. --- */

static const enum write_outcome write_outcomes[] = {
    [MONGO_INSERTED] = WRITE_OK,
    [MONGO_DUPLICATE] = WRITE_DUPLICATE,
    [MONGO_REFUSED] = WRITE_FAILED,
    [MONGO_UNKNOWN] = WRITE_UNKNOWN,
};

/* The port has no place for why a document failed: its outcome is all that the answer needs. */
static void insert_all(struct order_store_unit *unit, const char *collection,
                       const bson_t *documents, size_t count, enum write_outcome outcomes[])
{
    enum mongo_outcome ends[ORDER_UNIT_MAX];

    mongo_insert(session_of(unit), collection, documents, count, ends, NULL);
    for (size_t i = 0; i < count; i++)
        outcomes[i] = write_outcomes[ends[i]];
}

static const char *key_of(uint32_t index, char space[static 16])
{
    const char *key = NULL;

    bson_uint32_to_string(index, &key, space, 16);
    return key;
}

static void unit_add_records(struct order_store_unit *unit, const struct record *const records[],
                             size_t count, enum write_outcome outcomes[])
{
    AUTO(bson) bson_t *documents = bson_new();
    char space[16];

    for (uint32_t i = 0; i < count; i++) {
        bson_t document;
        BSON_APPEND_DOCUMENT_BEGIN(documents, key_of(i, space), &document);
        record_append(&document, records[i]);
        bson_append_document_end(documents, &document);
    }
    insert_all(unit, RECORDS, documents, count, outcomes);
}

static void unit_add_orders(struct order_store_unit *unit, const struct order orders[],
                            size_t count, enum write_outcome outcomes[])
{
    AUTO(bson) bson_t *documents = bson_new();
    char space[16];

    for (uint32_t i = 0; i < count; i++) {
        bson_t document;
        BSON_APPEND_DOCUMENT_BEGIN(documents, key_of(i, space), &document);
        order_append(&document, &orders[i]);
        bson_append_document_end(documents, &document);
    }
    insert_all(unit, ORDERS, documents, count, outcomes);
}

/* --- Finding by id. --- */

static bool unit_find_orders(struct order_store_unit *unit, const struct id ids[], size_t count,
                             struct order orders[], bool found[], struct error *err)
{
    AUTO(bson) bson_t *filter = order_documents_among(ids, count);
    return order_documents_find(session_of(unit), filter, ids, count,
                                (struct order_target){ .orders = orders }, found, err);
}

static bool unit_find_records(struct order_store_unit *unit, const struct id ids[], size_t count,
                              struct record records[], bool found[], struct error *err)
{
    AUTO(bson) bson_t *filter = order_documents_among(ids, count);
    return order_documents_find(session_of(unit), filter, ids, count,
                                (struct order_target){ .records = records }, found, err);
}

/* --- Reading. --- */

static bool store_get_order(struct order_store *store, const struct id *id, struct order *order,
                            bool *found, struct error *err)
{
    AUTO(mongo_session) struct mongo_session *session = mongo_begin(mongo_of(store), err);
    AUTO(bson) bson_t *filter = order_documents_among(id, 1);

    return session && order_documents_find(session, filter, id, 1,
                                           (struct order_target){ .orders = order }, found, err);
}

/* After the cursor in the order of the index; the date stands there twice because that is what lets
 * a store begin in the index's middle. */
static bson_t *list_filter(const struct order_query *query)
{
    const bson_oid_t user = mongo_oid(&query->user_id);
    const bson_oid_t after = mongo_oid(&query->after.id);
    const int64_t date = query->after.date;
    bson_t *filter =
        BCON_NEW("userId", BCON_OID(&user), "date", "{", "$gte", BCON_DATE_TIME(date), "}", "$or",
                 "[", "{", "date", "{", "$gt", BCON_DATE_TIME(date), "}", "}", "{", "date",
                 BCON_DATE_TIME(date), "_id", "{", "$gt", BCON_OID(&after), "}", "}", "]");

    if (query->with_status)
        BSON_APPEND_UTF8(filter, "status", order_status_name(query->status));
    return filter;
}

static bool store_list_orders(struct order_store *store, const struct order_query *query,
                              struct order orders[], size_t *count, struct error *err)
{
    AUTO(mongo_session) struct mongo_session *session = mongo_begin(mongo_of(store), err);
    AUTO(bson) bson_t *filter = list_filter(query);
    AUTO(bson) bson_t *sort = BCON_NEW("date", BCON_INT32(1), "_id", BCON_INT32(1));
    const struct mongo_query find = {
        .collection = ORDERS, .filter = filter, .sort = sort, .limit = query->limit
    };
    AUTO(mongo_rows) struct mongo_rows rows = MONGO_NO_ROWS;
    size_t read = 0;
    bson_t row;

    if (!session || !mongo_find(session, &find, &rows, err))
        return false;
    while (read < query->limit && mongo_next(&rows, &row))
        if (!order_of_document(&row, &orders[read++], err))
            return false;
    *count = read;
    return true;
}

/* --- Opening. --- */

static const struct order_store_functions functions = {
    .close = store_close,
    .now = store_now,
    .flushes = store_flushes,
    .begin = store_begin,
    .commit = unit_commit,
    .rollback = unit_rollback,
    .add_records = unit_add_records,
    .add_orders = unit_add_orders,
    .find_orders = unit_find_orders,
    .find_records = unit_find_records,
    .get_order = store_get_order,
    .list_orders = store_list_orders,
    .claim = outbox_mongo_claim,
    .confirm_orders = outbox_mongo_confirm_orders,
    .confirm_records = outbox_mongo_confirm_records,
    .release = outbox_mongo_release,
    .park = outbox_mongo_park,
    .purge = outbox_mongo_purge,
    .stats = outbox_mongo_stats,
    .probe = outbox_mongo_probe,
};

struct order_store *order_store_mongo_open(const char *uri, const struct clock *clock,
                                           struct error *err)
{
    AUTO(memory) struct order_store_mongo *self = calloc(1, sizeof *self);
    struct mongo_options options = order_collections;

    if (!self) {
        error_set(err, ERR_NO_MEMORY, 0, "order store");
        return NULL;
    }
    options.uri = uri;
    self->mongo = mongo_open(&options, clock, err);
    if (!self->mongo)
        return NULL;
    self->store.functions = &functions;
    return &STEAL(self)->store;
}
