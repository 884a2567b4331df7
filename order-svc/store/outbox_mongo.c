/* The outbox on MongoDB: only one document's update is atomic, so whatever was read before is asked
 * again in the condition of the write. Each call may be repeated. */
#include <stdlib.h>

#include "base/test_point.h"
#include "store/order_documents_mongo.h"

static struct mongo_session *begin(struct order_store *store, struct error *err)
{
    return mongo_begin(((struct order_store_mongo *)store)->mongo, err);
}

/* One update of all that match. */
static bool update_all(struct mongo_session *session, const char *collection, const bson_t *filter,
                       const bson_t *change, size_t *matched, struct error *err)
{
    AUTO(bson)
    bson_t *command =
        BCON_NEW("update", BCON_UTF8(collection), "updates", "[", "{", "q", BCON_DOCUMENT(filter),
                 "u", BCON_DOCUMENT(change), "multi", BCON_BOOL(true), "}", "]");
    return mongo_change(session, command, matched, err);
}

/* Reads up to `max` _ids in the order of `sort`. */
static bool read_ids(struct mongo_session *session, const bson_t *filter, const bson_t *sort,
                     size_t max, struct id ids[], size_t *count, struct error *err)
{
    AUTO(bson) bson_t *fields = BCON_NEW("_id", BCON_INT32(1));
    const struct mongo_query query = {
        .collection = RECORDS, .filter = filter, .sort = sort, .fields = fields, .limit = max
    };
    AUTO(mongo_rows) struct mongo_rows rows = MONGO_NO_ROWS;
    bson_t row;

    if (!mongo_find(session, &query, &rows, err))
        return false;
    for (*count = 0; *count < max && mongo_next(&rows, &row); (*count)++)
        if (!mongo_field_id(&row, "_id", &ids[*count]))
            return error_set(err, ERR_BUG, 0, "a record's _id is not as it was written");
    return true;
}

/* --- Claiming. --- */

static bool read_due(struct mongo_session *session, int64_t now, size_t max, struct id ids[],
                     size_t *count, struct error *err)
{
    AUTO(bson)
    bson_t *filter = BCON_NEW("state", BCON_UTF8(record_state_name(RECORD_PENDING)), "dueAt", "{",
                              "$lte", BCON_DATE_TIME(now), "}");
    AUTO(bson) bson_t *sort = BCON_NEW("dueAt", BCON_INT32(1), "_id", BCON_INT32(1));

    return read_ids(session, filter, sort, max, ids, count, err);
}

/* Whoever was faster has changed dueAt; his records do not match any more. */
static bool take(struct mongo_session *session, const struct id *owner, int64_t now,
                 int64_t lease_until, const struct id ids[], size_t count, struct error *err)
{
    const bson_oid_t token = mongo_oid(owner);
    AUTO(bson) bson_t *filter = order_documents_among(ids, count);
    AUTO(bson)
    bson_t *change =
        BCON_NEW("$set", "{", "owner", BCON_OID(&token), "dueAt", BCON_DATE_TIME(lease_until), "}");
    size_t taken = 0;

    BCON_APPEND(filter, "state", BCON_UTF8(record_state_name(RECORD_PENDING)), "dueAt", "{", "$lte",
                BCON_DATE_TIME(now), "}");
    return update_all(session, RECORDS, filter, change, &taken, err);
}

/* What carries the token, in the order of `ids`. */
static bool read_taken(struct mongo_session *session, const struct id *owner, const struct id ids[],
                       size_t count, struct record records[], size_t *taken, struct error *err)
{
    const bson_oid_t token = mongo_oid(owner);
    AUTO(bson) bson_t *filter = order_documents_among(ids, count);
    bool found[ORDER_UNIT_MAX];
    size_t kept = 0;

    BCON_APPEND(filter, "owner", BCON_OID(&token));
    if (!order_documents_find(session, filter, ids, count,
                              (struct order_target){ .records = records }, found, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (found[i])
            records[kept++] = records[i];
    *taken = kept;
    return true;
}

bool outbox_mongo_claim(struct order_store *store, const struct id *owner, int64_t now,
                        int64_t lease_until, size_t max, struct record records[], size_t *count,
                        struct error *err)
{
    AUTO(mongo_session) struct mongo_session *session = begin(store, err);
    struct id ids[ORDER_UNIT_MAX];
    size_t due = 0;

    if (!session || !read_due(session, now, max, ids, &due, err))
        return false;
    if (due == 0) {
        *count = 0;
        return true;
    }
    return take(session, owner, now, lease_until, ids, due, err) &&
           read_taken(session, owner, ids, due, records, count, err);
}

/* --- Confirming. --- */

static bool find_processing(struct mongo_session *session, const struct id ids[], size_t count,
                            bool processing[], struct error *err)
{
    AUTO(bson) bson_t *filter = order_documents_among(ids, count);
    AUTO(memory) struct order *orders = calloc(count, sizeof *orders);
    bool found[ORDER_UNIT_MAX];

    if (!orders)
        return error_set(err, ERR_NO_MEMORY, 0, "confirming orders");
    if (!order_documents_find(session, filter, ids, count,
                              (struct order_target){ .orders = orders }, found, err))
        return false;
    for (size_t i = 0; i < count; i++)
        processing[i] = found[i] && orders[i].status == ORDER_PROCESSING;
    return true;
}

/* One that was processing before matches as well: as many as were asked for, or it is to be seen
 * which. A status that a later version may have is left alone. */
bool outbox_mongo_confirm_orders(struct order_store *store, const struct id ids[], size_t count,
                                 bool processing[], struct error *err)
{
    AUTO(mongo_session) struct mongo_session *session = begin(store, err);
    AUTO(bson) bson_t *filter = order_documents_among(ids, count);
    AUTO(bson)
    bson_t *change =
        BCON_NEW("$set", "{", "status", BCON_UTF8(order_status_name(ORDER_PROCESSING)), "}");
    BCON_APPEND(filter, "status", "{", "$in", "[", BCON_UTF8(order_status_name(ORDER_NEW)),
                BCON_UTF8(order_status_name(ORDER_PROCESSING)), "]", "}");
    size_t matched = 0;

    if (!session || !update_all(session, ORDERS, filter, change, &matched, err))
        return false;
    if (matched != count)
        return find_processing(session, ids, count, processing, err);
    for (size_t i = 0; i < count; i++)
        processing[i] = true;
    return true;
}

/* --- What the owner's token covers. --- */

static void append_owned(bson_t *filter, const struct id *owner)
{
    const bson_oid_t token = mongo_oid(owner);

    BCON_APPEND(filter, "owner", BCON_OID(&token), "state",
                BCON_UTF8(record_state_name(RECORD_PENDING)));
}

/* To a state that is nobody's. */
static bool close_owned(struct order_store *store, const struct id *owner, const struct id ids[],
                        size_t count, enum record_state state, size_t *closed, struct error *err)
{
    AUTO(mongo_session) struct mongo_session *session = begin(store, err);
    AUTO(bson) bson_t *filter = order_documents_among(ids, count);
    AUTO(bson)
    bson_t *change = BCON_NEW("$set", "{", "state", BCON_UTF8(record_state_name(state)), "}",
                              "$unset", "{", "owner", BCON_BOOL(true), "}");

    append_owned(filter, owner);
    return session && update_all(session, RECORDS, filter, change, closed, err);
}

bool outbox_mongo_confirm_records(struct order_store *store, const struct id *owner,
                                  const struct id ids[], size_t count, size_t *confirmed,
                                  struct error *err)
{
    return close_owned(store, owner, ids, count, RECORD_DONE, confirmed, err);
}

bool outbox_mongo_park(struct order_store *store, const struct id *owner, const struct id *id,
                       struct error *err)
{
    size_t parked = 0;
    return close_owned(store, owner, id, 1, RECORD_PARKED, &parked, err);
}

static void append_release(bson_t *updates, const char *key, const struct id *owner,
                           const struct id *id, int64_t due_at)
{
    AUTO(bson) bson_t *filter = order_documents_among(id, 1);
    AUTO(bson) bson_t *update = bson_new();

    append_owned(filter, owner);
    BCON_APPEND(update, "q", BCON_DOCUMENT(filter), "u", "{", "$set", "{", "dueAt",
                BCON_DATE_TIME(due_at), "}", "$inc", "{", "attempts", BCON_INT64(1), "}", "$unset",
                "{", "owner", BCON_BOOL(true), "}", "}");
    bson_append_document(updates, key, -1, update);
}

/* Each is due at a time of its own, so each is an update of its own, all in one bulk. */
bool outbox_mongo_release(struct order_store *store, const struct id *owner, const struct id ids[],
                          const int64_t due_at[], size_t count, struct error *err)
{
    AUTO(mongo_session) struct mongo_session *session = begin(store, err);
    AUTO(bson) bson_t *updates = bson_new();
    size_t released = 0;

    for (uint32_t i = 0; i < count; i++) {
        char space[16];
        const char *key = NULL;
        bson_uint32_to_string(i, &key, space, sizeof space);
        append_release(updates, key, owner, &ids[i], due_at[i]);
    }
    AUTO(bson)
    bson_t *command = BCON_NEW("update", BCON_UTF8(RECORDS), "ordered", BCON_BOOL(false), "updates",
                               BCON_ARRAY(updates));
    return session && mongo_change(session, command, &released, err);
}

/* --- Purging. --- */

static bson_t *purgeable(int64_t created_before)
{
    const enum record_state state = TEST_FAULT("purge-of-pending") ? RECORD_PENDING : RECORD_DONE;

    return BCON_NEW("state", BCON_UTF8(record_state_name(state)), "createdAt", "{", "$lt",
                    BCON_DATE_TIME(created_before), "}");
}

/* A delete has no limit, so it is by ids. What they are is asked once more: never another state. */
static bool delete_purgeable(struct mongo_session *session, int64_t created_before,
                             const struct id ids[], size_t count, size_t *deleted,
                             struct error *err)
{
    AUTO(bson) bson_t *filter = purgeable(created_before);
    AUTO(bson) bson_t *among = mongo_ids(ids, count);

    BCON_APPEND(filter, "_id", "{", "$in", BCON_ARRAY(among), "}");
    AUTO(bson)
    bson_t *command = BCON_NEW("delete", BCON_UTF8(RECORDS), "deletes", "[", "{", "q",
                               BCON_DOCUMENT(filter), "limit", BCON_INT32(0), "}", "]");
    return mongo_change(session, command, deleted, err);
}

bool outbox_mongo_purge(struct order_store *store, int64_t created_before, size_t max,
                        size_t *purged, struct error *err)
{
    AUTO(mongo_session) struct mongo_session *session = begin(store, err);
    AUTO(bson) bson_t *filter = purgeable(created_before);
    AUTO(bson) bson_t *sort = BCON_NEW("createdAt", BCON_INT32(1));
    AUTO(memory) struct id *ids = calloc(max, sizeof *ids);
    size_t count = 0;

    if (!ids)
        return error_set(err, ERR_NO_MEMORY, 0, "purging");
    if (!session || !read_ids(session, filter, sort, max, ids, &count, err))
        return false;
    if (count > 0)
        return delete_purgeable(session, created_before, ids, count, purged, err);
    *purged = 0;
    return true;
}

/* --- Counting. --- */

static bool count_state(struct mongo_session *session, enum record_state state, uint64_t *count,
                        struct error *err)
{
    AUTO(bson) bson_t *filter = BCON_NEW("state", BCON_UTF8(record_state_name(state)));
    return mongo_count(session, RECORDS, filter, count, err);
}

static bool oldest_pending(struct mongo_session *session, int64_t *created_at, struct error *err)
{
    AUTO(bson) bson_t *filter = BCON_NEW("state", BCON_UTF8(record_state_name(RECORD_PENDING)));
    AUTO(bson) bson_t *sort = BCON_NEW("createdAt", BCON_INT32(1));
    const struct mongo_query query = {
        .collection = RECORDS, .filter = filter, .sort = sort, .limit = 1
    };
    AUTO(mongo_rows) struct mongo_rows rows = MONGO_NO_ROWS;
    bson_t row;

    if (!mongo_find(session, &query, &rows, err))
        return false;
    return !mongo_next(&rows, &row) || mongo_field_date(&row, "createdAt", created_at) ||
           error_set(err, ERR_BUG, 0, "a record is not as it was written");
}

bool outbox_mongo_stats(struct order_store *store, struct outbox_stats *stats, struct error *err)
{
    AUTO(mongo_session) struct mongo_session *session = begin(store, err);
    struct outbox_stats counted = { 0 };

    if (!session || !count_state(session, RECORD_PENDING, &counted.pending, err) ||
        !count_state(session, RECORD_PARKED, &counted.parked, err) ||
        !oldest_pending(session, &counted.oldest_pending_at, err))
        return false;
    *stats = counted;
    return true;
}

bool outbox_mongo_probe(struct order_store *store, struct error *err)
{
    AUTO(mongo_session) struct mongo_session *session = begin(store, err);

    return session && mongo_probe(session, order_collections.name, err);
}
