/* Counters: a document each, {_id: digest, revision, …}, changed by compare and swap. */
#include "store/user_documents_mongo.h"
#include "store/user_rooms_mongo.h"

static bson_t *by_key(const struct digest *key)
{
    bson_t *filter = bson_new();

    digest_append(filter, "_id", key);
    return filter;
}

static void counter_append(bson_t *document, const struct counter *counter, uint32_t revision)
{
    BSON_APPEND_INT64(document, "revision", revision);
    BSON_APPEND_INT64(document, "count", counter->count);
    BSON_APPEND_DATE_TIME(document, "since", counter->since);
    BSON_APPEND_DATE_TIME(document, "blockedUntil", counter->blocked_until);
    BSON_APPEND_DATE_TIME(document, "expiresAt", counter->expires_at);
}

static bool counter_of_document(const bson_t *document, struct counter *out, struct error *err)
{
    struct counter counter;

    if (!mongo_field_number32(document, "revision", &counter.revision) ||
        !mongo_field_number32(document, "count", &counter.count) ||
        !mongo_field_date(document, "since", &counter.since) ||
        !mongo_field_date(document, "blockedUntil", &counter.blocked_until) ||
        !mongo_field_date(document, "expiresAt", &counter.expires_at))
        return error_set(err, ERR_BUG, 0, "a counter is not as it was written");
    *out = counter;
    return true;
}

bool user_mongo_get_counter(struct user_store *store, const struct digest *key,
                            struct counter *counter, struct error *err)
{
    AUTO(mongo_session) struct mongo_session *session = user_mongo_begin(store, err);
    AUTO(bson) bson_t *filter = by_key(key);
    AUTO(mongo_rows) struct mongo_rows rows = MONGO_NO_ROWS;
    bson_t document;
    bool found = false;

    if (!session || !document_find(session, COUNTERS, filter, &rows, &document, &found, err))
        return false;
    if (found)
        return counter_of_document(&document, counter, err);
    *counter = (struct counter){ .revision = 0 };
    return true;
}

static bool insert_counter(struct mongo_session *session, const struct digest *key,
                           const struct counter *to, bool *put, struct error *err)
{
    AUTO(bson) bson_t *document = by_key(key);

    counter_append(document, to, 1);
    const enum mongo_outcome outcome = document_insert(session, COUNTERS, document, err);
    if (outcome > MONGO_DUPLICATE)
        return false;
    *put = outcome == MONGO_INSERTED;
    return true;
}

/* All is compared: a counter that was deleted and made anew counts revisions from 1 again. */
static bool update_counter(struct mongo_session *session, const struct digest *key,
                           const struct counter *from, const struct counter *to, bool *put,
                           struct error *err)
{
    AUTO(bson) bson_t *filter = by_key(key);
    AUTO(bson) bson_t *fields = bson_new();

    counter_append(filter, from, from->revision);
    counter_append(fields, to, from->revision + 1);
    AUTO(bson) bson_t *change = BCON_NEW("$set", BCON_DOCUMENT(fields));
    return document_swap(session, COUNTERS, filter, change, put, err);
}

bool user_mongo_put_counter(struct user_store *store, const struct digest *key,
                            const struct counter *from, const struct counter *to, bool *put,
                            struct error *err)
{
    AUTO(mongo_session) struct mongo_session *session = user_mongo_begin(store, err);

    if (!session)
        return false;
    return from->revision == 0 ? insert_counter(session, key, to, put, err)
                               : update_counter(session, key, from, to, put, err);
}

bool user_mongo_delete_counter(struct user_store *store, const struct digest *key,
                               struct error *err)
{
    AUTO(mongo_session) struct mongo_session *session = user_mongo_begin(store, err);
    AUTO(bson) bson_t *filter = by_key(key);

    return session && document_delete(session, COUNTERS, filter, err);
}
