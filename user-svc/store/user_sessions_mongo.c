/* Sessions: each call is one document's write. */
#include "store/user_documents_mongo.h"
#include "store/user_rooms_mongo.h"

/* Its id is random and made once: a duplicate is our own, written by a try whose answer was lost.
 */
bool user_mongo_add_session(struct user_store *store, const struct session *session,
                            struct error *err)
{
    AUTO(mongo_session) struct mongo_session *client = user_mongo_begin(store, err);
    AUTO(bson) bson_t *document = bson_new();

    session_append(document, session);
    return client && document_insert(client, SESSIONS, document, err) <= MONGO_DUPLICATE;
}

static bool read_session(struct mongo_session *client, const struct id *id, struct session *session,
                         bool *found, struct error *err)
{
    AUTO(bson) bson_t *filter = document_by_id(id);
    AUTO(mongo_rows) struct mongo_rows rows = MONGO_NO_ROWS;
    bson_t document;

    return document_find(client, SESSIONS, filter, &rows, &document, found, err) &&
           (!*found || session_of_document(&document, session, err));
}

bool user_mongo_get_session(struct user_store *store, const struct id *id, struct session *session,
                            struct account *account, bool *found, struct error *err)
{
    AUTO(mongo_session) struct mongo_session *client = user_mongo_begin(store, err);
    struct session read;
    bool there = false;

    if (!client || !read_session(client, id, &read, &there, err))
        return false;
    if (there && !user_read(client, &read.user_id, account, &there, err))
        return false;
    if (there)
        *session = read;
    *found = there;
    return true;
}

bool user_mongo_rotate_session(struct user_store *store, const struct rotation *rotation,
                               enum rotate_outcome *outcome, struct error *err)
{
    AUTO(mongo_session) struct mongo_session *client = user_mongo_begin(store, err);
    AUTO(bson) bson_t *filter = document_by_id(&rotation->session_id);
    AUTO(bson) bson_t *moved = bson_new();
    size_t matched = 0;

    digest_append(filter, "current", &rotation->from);
    digest_append(moved, "current", &rotation->to);
    digest_append(moved, "parent", &rotation->from);
    BSON_APPEND_DATE_TIME(moved, "rotatedAt", rotation->rotated_at);
    BSON_APPEND_DATE_TIME(moved, "expiresAt", rotation->expires_at);
    older_append(moved, rotation->older);
    AUTO(bson) bson_t *change = BCON_NEW("$set", BCON_DOCUMENT(moved));
    if (!client || !document_update(client, SESSIONS, filter, change, &matched, err))
        return false;
    *outcome = matched == 1 ? SESSION_ROTATED : SESSION_MOVED_ON;
    return true;
}

bool user_mongo_end_session(struct user_store *store, const struct id *id, struct error *err)
{
    AUTO(mongo_session) struct mongo_session *client = user_mongo_begin(store, err);
    AUTO(bson) bson_t *filter = document_by_id(id);

    return client && document_delete(client, SESSIONS, filter, err);
}

bool user_mongo_end_session_as_read(struct user_store *store, const struct session *from,
                                    bool *ended, struct error *err)
{
    AUTO(mongo_session) struct mongo_session *client = user_mongo_begin(store, err);
    AUTO(bson) bson_t *filter = document_by_id(&from->id);

    digest_append(filter, "current", &from->current);
    return client && document_delete_once(client, SESSIONS, filter, ended, err);
}
