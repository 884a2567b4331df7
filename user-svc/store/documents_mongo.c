#include "store/documents_mongo.h"

void id_append(bson_t *document, const char *name, const struct id *id)
{
    const bson_oid_t oid = mongo_oid(id);
    bson_append_oid(document, name, -1, &oid);
}

void digest_append(bson_t *document, const char *name, const struct digest *digest)
{
    bson_append_binary(document, name, -1, BSON_SUBTYPE_BINARY, digest->bytes, DIGEST_BYTES);
}

bson_t *document_by_id(const struct id *id)
{
    bson_t *filter = bson_new();

    id_append(filter, "_id", id);
    return filter;
}

bool document_find(struct mongo_session *session, const char *collection, const bson_t *filter,
                   struct mongo_rows *rows, bson_t *document, bool *found, struct error *err)
{
    const struct mongo_query query = { .collection = collection, .filter = filter, .limit = 1 };

    if (!mongo_find(session, &query, rows, err))
        return false;
    *found = mongo_next(rows, document);
    return true;
}

enum mongo_outcome document_insert(struct mongo_session *session, const char *collection,
                                   const bson_t *document, struct error *err)
{
    AUTO(bson) bson_t *documents = bson_new();
    enum mongo_outcome outcome;

    BSON_APPEND_DOCUMENT(documents, "0", document);
    mongo_insert(session, collection, documents, 1, &outcome, err);
    return outcome;
}

static bson_t *update_command(const char *collection, const bson_t *filter, const bson_t *change)
{
    return BCON_NEW("update", BCON_UTF8(collection), "updates", "[", "{", "q",
                    BCON_DOCUMENT(filter), "u", BCON_DOCUMENT(change), "}", "]");
}

bool document_update(struct mongo_session *session, const char *collection, const bson_t *filter,
                     const bson_t *change, size_t *matched, struct error *err)
{
    AUTO(bson) bson_t *command = update_command(collection, filter, change);

    return mongo_change(session, command, matched, err);
}

bool document_swap(struct mongo_session *session, const char *collection, const bson_t *filter,
                   const bson_t *change, bool *swapped, struct error *err)
{
    AUTO(bson) bson_t *command = update_command(collection, filter, change);
    size_t matched = 0;

    if (!mongo_swap(session, command, &matched, err))
        return false;
    *swapped = matched == 1;
    return true;
}

/* `limit`: 1, or 0 for all that match. */
static bson_t *delete_command(const char *collection, const bson_t *filter, int limit)
{
    return BCON_NEW("delete", BCON_UTF8(collection), "deletes", "[", "{", "q",
                    BCON_DOCUMENT(filter), "limit", BCON_INT32(limit), "}", "]");
}

bool document_delete(struct mongo_session *session, const char *collection, const bson_t *filter,
                     struct error *err)
{
    AUTO(bson) bson_t *command = delete_command(collection, filter, 1);
    size_t deleted = 0;

    return mongo_change(session, command, &deleted, err);
}

bool document_delete_once(struct mongo_session *session, const char *collection,
                          const bson_t *filter, bool *deleted, struct error *err)
{
    AUTO(bson) bson_t *command = delete_command(collection, filter, 1);
    size_t count = 0;

    if (!mongo_swap(session, command, &count, err))
        return false;
    *deleted = count == 1;
    return true;
}

bool documents_delete(struct mongo_session *session, const char *collection, const bson_t *filter,
                      size_t *deleted, struct error *err)
{
    AUTO(bson) bson_t *command = delete_command(collection, filter, 0);

    return mongo_change(session, command, deleted, err);
}

bool nothing_done(const struct error *fault, struct error *err)
{
    const enum err code = fault->code == ERR_UNKNOWN ? ERR_UNAVAILABLE : fault->code;

    return error_set(err, code, fault->cause, "%s", fault->detail);
}
