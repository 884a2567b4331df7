/* Deleting what is past. A delete has no limit, so it is by ids; what they are is asked once more,
 * for a session may have been prolonged and a counter begun again since. */
#include "store/user_documents_mongo.h"
#include "store/user_rooms_mongo.h"

static const struct sweep_rule {
    const char *collection, *field;
} rules[] = {
    [SWEEP_SESSIONS] = { SESSIONS, "expiresAt" },
    [SWEEP_COUNTERS] = { COUNTERS, "expiresAt" },
    [SWEEP_AUDIT] = { AUDIT, "date" },
};

static bson_t *past(const struct sweep_rule *rule, int64_t before)
{
    return BCON_NEW(rule->field, "{", "$lt", BCON_DATE_TIME(before), "}");
}

/* The _ids, whatever they are made of, into an array. */
static bool read_ids(struct mongo_session *session, const struct mongo_query *query, bson_t *ids,
                     uint32_t *count, struct error *err)
{
    AUTO(mongo_rows) struct mongo_rows rows = MONGO_NO_ROWS;
    bson_iter_t id;
    bson_t row;

    if (!mongo_find(session, query, &rows, err))
        return false;
    for (*count = 0; mongo_next(&rows, &row); (*count)++) {
        char space[16];
        const char *key = NULL;
        bson_uint32_to_string(*count, &key, space, sizeof space);
        if (!bson_iter_init_find(&id, &row, "_id") || !bson_append_iter(ids, key, -1, &id))
            return error_set(err, ERR_BUG, 0, "a document has no _id");
    }
    return true;
}

static bool delete_past(struct mongo_session *session, const struct sweep_rule *rule,
                        int64_t before, const bson_t *ids, size_t *deleted, struct error *err)
{
    AUTO(bson) bson_t *filter = past(rule, before);

    BCON_APPEND(filter, "_id", "{", "$in", BCON_ARRAY(ids), "}");
    return documents_delete(session, rule->collection, filter, deleted, err);
}

bool user_mongo_sweep(struct user_store *store, enum sweep what, int64_t before, size_t limit,
                      size_t *deleted, struct error *err)
{
    AUTO(mongo_session) struct mongo_session *session = user_mongo_begin(store, err);
    const struct sweep_rule *rule = &rules[what];
    AUTO(bson) bson_t *filter = past(rule, before);
    AUTO(bson) bson_t *fields = BCON_NEW("_id", BCON_INT32(1));
    AUTO(bson) bson_t *ids = bson_new();
    const struct mongo_query query = {
        .collection = rule->collection, .filter = filter, .fields = fields, .limit = limit
    };
    uint32_t count = 0;

    if (!session || !read_ids(session, &query, ids, &count, err))
        return false;
    if (count > 0)
        return delete_past(session, rule, before, ids, deleted, err);
    *deleted = 0;
    return true;
}
