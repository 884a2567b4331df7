/* Recoveries: an outbox of which one is claimed at a time, in one step. */
#include "store/user_documents_mongo.h"
#include "store/user_rooms_mongo.h"

static bool recovery_of_document(const bson_t *document, struct recovery *out, struct error *err)
{
    struct recovery recovery = { .attempts = 0 };

    if (!mongo_field_id(document, "_id", &recovery.id) ||
        !mongo_field_text(document, "email", recovery.email, sizeof recovery.email) ||
        !mongo_field_date(document, "createdAt", &recovery.created_at) ||
        !mongo_field_date(document, "dueAt", &recovery.due_at) ||
        !mongo_field_number32(document, "attempts", &recovery.attempts))
        return error_set(err, ERR_BUG, 0, "a recovery is not as it was written");
    *out = recovery;
    return true;
}

/* Its id is random and made once: a duplicate is our own, written by a try whose answer was lost.
 */
bool user_mongo_add_recovery(struct user_store *store, const struct recovery *recovery,
                             struct error *err)
{
    AUTO(mongo_session) struct mongo_session *session = user_mongo_begin(store, err);
    AUTO(bson) bson_t *document = document_by_id(&recovery->id);

    BSON_APPEND_UTF8(document, "email", recovery->email);
    BSON_APPEND_DATE_TIME(document, "createdAt", recovery->created_at);
    BSON_APPEND_DATE_TIME(document, "dueAt", recovery->due_at);
    BSON_APPEND_INT64(document, "attempts", recovery->attempts);
    return session && document_insert(session, RECOVERIES, document, err) <= MONGO_DUPLICATE;
}

/* Repeated when its answer was lost, it takes another one; the first comes back when it is due. */
bool user_mongo_claim_recovery(struct user_store *store, const struct id *claim, int64_t now,
                               int64_t lease_until, struct recovery *recovery, bool *found,
                               struct error *err)
{
    AUTO(mongo_session) struct mongo_session *session = user_mongo_begin(store, err);
    AUTO(mongo_rows) struct mongo_rows rows = MONGO_NO_ROWS;
    const bson_oid_t token = mongo_oid(claim);
    AUTO(bson)
    bson_t *command =
        BCON_NEW("findAndModify", BCON_UTF8(RECOVERIES), "query", "{", "dueAt", "{", "$lte",
                 BCON_DATE_TIME(now), "}", "}", "sort", "{", "dueAt", BCON_INT32(1), "_id",
                 BCON_INT32(1), "}", "update", "{", "$set", "{", "claim", BCON_OID(&token), "dueAt",
                 BCON_DATE_TIME(lease_until), "}", "$inc", "{", "attempts", BCON_INT64(1), "}", "}",
                 "new", BCON_BOOL(true));
    bson_t document;
    bool there = false;

    if (!session || !mongo_find_and_modify(session, command, &rows, &document, &there, err) ||
        (there && !recovery_of_document(&document, recovery, err)))
        return false;
    *found = there;
    return true;
}

/* {_id, claim}: only while it is that claim's. */
static bson_t *claimed(const struct id *id, const struct id *claim)
{
    bson_t *filter = document_by_id(id);

    id_append(filter, "claim", claim);
    return filter;
}

bool user_mongo_postpone_recovery(struct user_store *store, const struct id *id,
                                  const struct id *claim, int64_t due_at, struct error *err)
{
    AUTO(mongo_session) struct mongo_session *session = user_mongo_begin(store, err);
    AUTO(bson) bson_t *filter = claimed(id, claim);
    AUTO(bson)
    bson_t *change = BCON_NEW("$set", "{", "dueAt", BCON_DATE_TIME(due_at), "}", "$unset", "{",
                              "claim", BCON_BOOL(true), "}");
    size_t matched = 0;

    return session && document_update(session, RECOVERIES, filter, change, &matched, err);
}

bool user_mongo_delete_recovery(struct user_store *store, const struct id *id,
                                const struct id *claim, struct error *err)
{
    AUTO(mongo_session) struct mongo_session *session = user_mongo_begin(store, err);
    AUTO(bson) bson_t *filter = claimed(id, claim);

    return session && document_delete(session, RECOVERIES, filter, err);
}
