/* Users and sessions in MongoDB: each call is one document's write, but for add_user. */
#include <stdlib.h>

#include "store/user_documents_mongo.h"

struct user_store_mongo {
    struct user_store base;
    struct mongo *mongo;
};

static struct mongo *mongo_of(struct user_store *store)
{
    return ((struct user_store_mongo *)store)->mongo; /* its first member */
}

static bson_t *by_id(const struct id *id)
{
    bson_t *filter = bson_new();

    id_append(filter, "_id", id);
    return filter;
}

/* --- Users. --- */

static bool add_user(struct user_store *store, const struct account *account,
                     enum add_user_outcome *outcome, struct error *err)
{
    AUTO(mongo_session) struct mongo_session *session = mongo_begin(mongo_of(store), err);

    return session && user_names_add_user(session, account, outcome, err);
}

static bool read_account(struct mongo_session *session, const struct id *id,
                         struct account *account, bool *found, struct error *err)
{
    AUTO(bson) bson_t *filter = by_id(id);
    AUTO(mongo_rows) struct mongo_rows rows = MONGO_NO_ROWS;
    bson_t document;
    bool there = false;

    if (!document_find(session, USERS, filter, &rows, &document, &there, err))
        return false;
    there = there && !document_is_tombstone(&document);
    if (there && !account_of_document(&document, account, err))
        return false;
    *found = there;
    return true;
}

static bool get_account(struct user_store *store, const struct id *id, struct account *account,
                        bool *found, struct error *err)
{
    AUTO(mongo_session) struct mongo_session *session = mongo_begin(mongo_of(store), err);

    return session && read_account(session, id, account, found, err);
}

/* A name whose user is not there is a claim that leads to nothing, or not yet. */
static bool find_account(struct user_store *store, const struct user_key *key,
                         struct account *account, bool *found, struct error *err)
{
    AUTO(mongo_session) struct mongo_session *session = mongo_begin(mongo_of(store), err);
    AUTO(bson) bson_t *filter = BCON_NEW("_id", BCON_UTF8(key->text));
    AUTO(mongo_rows) struct mongo_rows rows = MONGO_NO_ROWS;
    bson_t name;
    bool claimed = false;
    struct id user_id;

    if (!session || !document_find(session, NAMES, filter, &rows, &name, &claimed, err))
        return false;
    if (!claimed) {
        *found = false;
        return true;
    }
    if (!mongo_field_id(&name, "userId", &user_id))
        return error_set(err, ERR_BUG, 0, "a name is not as it was written");
    return read_account(session, &user_id, account, found, err);
}

static bool replace_password(struct user_store *store, const struct id *id,
                             const struct password_hash *from, const struct password_hash *to,
                             struct error *err)
{
    AUTO(mongo_session) struct mongo_session *session = mongo_begin(mongo_of(store), err);
    AUTO(bson) bson_t *filter = by_id(id);
    AUTO(bson) bson_t *change = BCON_NEW("$set", "{", "password", BCON_UTF8(to->text), "}");
    size_t matched = 0;

    BSON_APPEND_UTF8(filter, "password", from->text);
    return session && document_update(session, USERS, filter, change, &matched, err);
}

/* --- Sessions. --- */

/* Its id is random and made once: a duplicate is our own, written by a try whose answer was lost.
 */
static bool add_session(struct user_store *store, const struct session *session, struct error *err)
{
    AUTO(mongo_session) struct mongo_session *client = mongo_begin(mongo_of(store), err);
    AUTO(bson) bson_t *document = bson_new();

    session_append(document, session);
    return client && document_insert(client, SESSIONS, document, err) <= MONGO_DUPLICATE;
}

static bool read_session(struct mongo_session *client, const struct id *id, struct session *session,
                         bool *found, struct error *err)
{
    AUTO(bson) bson_t *filter = by_id(id);
    AUTO(mongo_rows) struct mongo_rows rows = MONGO_NO_ROWS;
    bson_t document;

    return document_find(client, SESSIONS, filter, &rows, &document, found, err) &&
           (!*found || session_of_document(&document, session, err));
}

static bool get_session(struct user_store *store, const struct id *id, struct session *session,
                        struct account *account, bool *found, struct error *err)
{
    AUTO(mongo_session) struct mongo_session *client = mongo_begin(mongo_of(store), err);
    struct session read;
    bool there = false;

    if (!client || !read_session(client, id, &read, &there, err))
        return false;
    if (there && !read_account(client, &read.user_id, account, &there, err))
        return false;
    if (there)
        *session = read;
    *found = there;
    return true;
}

static bool rotate_session(struct user_store *store, const struct rotation *rotation,
                           enum rotate_outcome *outcome, struct error *err)
{
    AUTO(mongo_session) struct mongo_session *client = mongo_begin(mongo_of(store), err);
    AUTO(bson) bson_t *filter = by_id(&rotation->session_id);
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

static bool end_session(struct user_store *store, const struct id *id, struct error *err)
{
    AUTO(mongo_session) struct mongo_session *client = mongo_begin(mongo_of(store), err);
    AUTO(bson) bson_t *filter = by_id(id);

    return client && document_delete(client, SESSIONS, filter, err);
}

/* --- Health. --- */

static bool probe(struct user_store *store, struct error *err)
{
    AUTO(mongo_session) struct mongo_session *session = mongo_begin(mongo_of(store), err);

    return session && mongo_probe(session, user_collections.name, err);
}

/* --- Opening and closing. --- */

static void close_store(struct user_store *store)
{
    mongo_close(mongo_of(store));
    free(store);
}

static int64_t now(struct user_store *store)
{
    return mongo_now(mongo_of(store));
}

static const struct user_store_functions functions = {
    .close = close_store,
    .now = now,
    .add_user = add_user,
    .get_account = get_account,
    .find_account = find_account,
    .replace_password = replace_password,
    .add_session = add_session,
    .get_session = get_session,
    .rotate_session = rotate_session,
    .end_session = end_session,
    .probe = probe,
};

struct user_store *user_store_mongo_open(const char *uri, const struct clock *clock,
                                         struct error *err)
{
    AUTO(memory) struct user_store_mongo *store = calloc(1, sizeof *store);
    struct mongo_options options = user_collections;

    if (!store) {
        error_set(err, ERR_NO_MEMORY, 0, "user store");
        return NULL;
    }
    options.uri = uri;
    store->mongo = mongo_open(&options, clock, err);
    if (!store->mongo)
        return NULL;
    store->base.functions = &functions;
    return &STEAL(store)->base;
}
