/* Fields are named as clients see them, and what they never see as in user.h. */
#include "store/user_documents_mongo.h"

#include <string.h>

enum { OLDER_MAX = USED_TOKENS_KEPT - 1 };

/* What is found is found by _id: no index yet. */
static const struct mongo_migration migrations[] = {
    { .collections = { USERS, NAMES, SESSIONS, MONGO_PROBES }, .oldest_reader = 1 },
};

const struct mongo_options user_collections = {
    .name = "user-svc",
    .database = "users",
    .migrations = migrations,
    .migration_count = sizeof migrations / sizeof *migrations,
};

/* --- To documents. --- */

void id_append(bson_t *document, const char *name, const struct id *id)
{
    const bson_oid_t oid = mongo_oid(id);
    bson_append_oid(document, name, -1, &oid);
}

void digest_append(bson_t *document, const char *name, const struct digest *digest)
{
    bson_append_binary(document, name, -1, BSON_SUBTYPE_BINARY, digest->bytes, DIGEST_BYTES);
}

void older_append(bson_t *document, const struct used_token older[OLDER_MAX])
{
    bson_t array;

    BSON_APPEND_ARRAY_BEGIN(document, "older", &array);
    for (uint32_t i = 0; i < OLDER_MAX && older[i].used_at != 0; i++) {
        char space[16];
        const char *key = NULL;
        bson_t used;
        bson_uint32_to_string(i, &key, space, sizeof space);
        BSON_APPEND_DOCUMENT_BEGIN(&array, key, &used);
        digest_append(&used, "digest", &older[i].digest);
        BSON_APPEND_DATE_TIME(&used, "usedAt", older[i].used_at);
        bson_append_document_end(&array, &used);
    }
    bson_append_array_end(document, &array);
}

void account_append(bson_t *document, const struct account *account)
{
    const struct user *user = &account->user;

    id_append(document, "_id", &user->id);
    BSON_APPEND_UTF8(document, "username", user->username);
    BSON_APPEND_UTF8(document, "firstName", user->first_name);
    BSON_APPEND_UTF8(document, "lastName", user->last_name);
    BSON_APPEND_UTF8(document, "email", user->email);
    BSON_APPEND_UTF8(document, "phone", user->phone);
    BSON_APPEND_UTF8(document, "photo", user->photo);
    BSON_APPEND_UTF8(document, "role", role_name(user->role));
    BSON_APPEND_BOOL(document, "active", user->active);
    BSON_APPEND_INT64(document, "__v", user->version);
    BSON_APPEND_UTF8(document, "password", account->password.text);
    BSON_APPEND_INT64(document, "epoch", account->epoch);
    BSON_APPEND_DATE_TIME(document, "createdAt", account->created_at);
}

void session_append(bson_t *document, const struct session *session)
{
    id_append(document, "_id", &session->id);
    id_append(document, "userId", &session->user_id);
    BSON_APPEND_INT64(document, "epoch", session->epoch);
    digest_append(document, "current", &session->current);
    digest_append(document, "parent", &session->parent);
    BSON_APPEND_DATE_TIME(document, "rotatedAt", session->rotated_at);
    older_append(document, session->older);
    BSON_APPEND_DATE_TIME(document, "createdAt", session->created_at);
    BSON_APPEND_DATE_TIME(document, "expiresAt", session->expires_at);
}

void tombstone_append(bson_t *document, const struct id *user_id)
{
    id_append(document, "_id", user_id);
    BSON_APPEND_BOOL(document, "tombstone", true);
}

bool document_is_tombstone(const bson_t *document)
{
    return mongo_field_is(document, "tombstone");
}

/* --- From documents. --- */

static bool read_role(const bson_t *document, enum role *out)
{
    char name[16];

    return mongo_field_text(document, "role", name, sizeof name) &&
           role_parse(name, strlen(name), out);
}

static bool read_user(const bson_t *document, struct user *user)
{
    return mongo_field_id(document, "_id", &user->id) &&
           mongo_field_text(document, "username", user->username, sizeof user->username) &&
           mongo_field_text(document, "firstName", user->first_name, sizeof user->first_name) &&
           mongo_field_text(document, "lastName", user->last_name, sizeof user->last_name) &&
           mongo_field_text(document, "email", user->email, sizeof user->email) &&
           mongo_field_text(document, "phone", user->phone, sizeof user->phone) &&
           mongo_field_text(document, "photo", user->photo, sizeof user->photo) &&
           read_role(document, &user->role) &&
           mongo_field_flag(document, "active", &user->active) &&
           mongo_field_number32(document, "__v", &user->version);
}

bool account_of_document(const bson_t *document, struct account *out, struct error *err)
{
    struct account account = { 0 };

    if (!read_user(document, &account.user) ||
        !mongo_field_text(document, "password", account.password.text,
                          sizeof account.password.text) ||
        !mongo_field_number32(document, "epoch", &account.epoch) ||
        !mongo_field_date(document, "createdAt", &account.created_at))
        return error_set(err, ERR_BUG, 0, "a user is not as it was written");
    *out = account;
    return true;
}

static bool read_used_token(const bson_iter_t *entry, struct used_token *out)
{
    const uint8_t *bytes = NULL;
    uint32_t length = 0;
    bson_t used;

    if (!BSON_ITER_HOLDS_DOCUMENT(entry))
        return false;
    bson_iter_document(entry, &length, &bytes);
    return bson_init_static(&used, bytes, length) &&
           mongo_field_bytes(&used, "digest", out->digest.bytes, DIGEST_BYTES) &&
           mongo_field_date(&used, "usedAt", &out->used_at);
}

/* Into what is zeroed. A later version may keep more than we do: the newest are enough for us. */
static bool read_older(const bson_t *document, struct used_token older[OLDER_MAX])
{
    bson_iter_t array, entry;

    if (!bson_iter_init_find(&array, document, "older") || !BSON_ITER_HOLDS_ARRAY(&array) ||
        !bson_iter_recurse(&array, &entry))
        return false;
    for (size_t i = 0; i < OLDER_MAX && bson_iter_next(&entry); i++)
        if (!read_used_token(&entry, &older[i]))
            return false;
    return true;
}

bool session_of_document(const bson_t *document, struct session *out, struct error *err)
{
    struct session session = { 0 };

    if (!mongo_field_id(document, "_id", &session.id) ||
        !mongo_field_id(document, "userId", &session.user_id) ||
        !mongo_field_number32(document, "epoch", &session.epoch) ||
        !mongo_field_bytes(document, "current", session.current.bytes, DIGEST_BYTES) ||
        !mongo_field_bytes(document, "parent", session.parent.bytes, DIGEST_BYTES) ||
        !mongo_field_date(document, "rotatedAt", &session.rotated_at) ||
        !read_older(document, session.older) ||
        !mongo_field_date(document, "createdAt", &session.created_at) ||
        !mongo_field_date(document, "expiresAt", &session.expires_at))
        return error_set(err, ERR_BUG, 0, "a session is not as it was written");
    *out = session;
    return true;
}

/* --- One document. --- */

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

bool document_update(struct mongo_session *session, const char *collection, const bson_t *filter,
                     const bson_t *change, size_t *matched, struct error *err)
{
    AUTO(bson)
    bson_t *command = BCON_NEW("update", BCON_UTF8(collection), "updates", "[", "{", "q",
                               BCON_DOCUMENT(filter), "u", BCON_DOCUMENT(change), "}", "]");
    return mongo_change(session, command, matched, err);
}

bool document_delete(struct mongo_session *session, const char *collection, const bson_t *filter,
                     struct error *err)
{
    AUTO(bson)
    bson_t *command = BCON_NEW("delete", BCON_UTF8(collection), "deletes", "[", "{", "q",
                               BCON_DOCUMENT(filter), "limit", BCON_INT32(1), "}", "]");
    size_t deleted = 0;

    return mongo_change(session, command, &deleted, err);
}
