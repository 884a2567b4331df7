/* Fields are named as clients see them, and what they never see as in user.h. */
#include "store/user_documents_mongo.h"

#include <string.h>

enum { OLDER_MAX = USED_TOKENS_KEPT - 1 };

static const struct mongo_index indexes_2[] = {
    /* Admins are few; the others need not be in it. */
    { USERS, "admins", { "role", "active", "_id" }, { "role", "admin" } },
    { SESSIONS, "user", { "userId" }, { NULL, NULL } },
    { SESSIONS, "expiry", { "expiresAt" }, { NULL, NULL } },
    { COUNTERS, "expiry", { "expiresAt" }, { NULL, NULL } },
    { RECOVERIES, "due", { "dueAt", "_id" }, { NULL, NULL } },
    { AUDIT, "date", { "date", "_id" }, { NULL, NULL } },
    /* Of an array: an event comes under its actor and under its target. */
    { AUDIT, "users", { "users", "date", "_id" }, { NULL, NULL } },
};

static const struct mongo_migration migrations[] = {
    { .collections = { USERS, NAMES, SESSIONS, MONGO_PROBES }, .oldest_reader = 1 },
    { .collections = { GUARDS, COUNTERS, RECOVERIES, AUDIT },
      .indexes = indexes_2,
      .index_count = sizeof indexes_2 / sizeof *indexes_2,
      .oldest_reader = 1 },
};

const struct mongo_options user_collections = {
    .name = "user-svc",
    .database = "users",
    .migrations = migrations,
    .migration_count = sizeof migrations / sizeof *migrations,
};

/* --- To documents. --- */

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

static void reset_append(bson_t *document, const struct password_reset *reset)
{
    bson_t child;

    BSON_APPEND_DOCUMENT_BEGIN(document, "reset", &child);
    digest_append(&child, "digest", &reset->digest);
    BSON_APPEND_DATE_TIME(&child, "requestedAt", reset->requested_at);
    BSON_APPEND_DATE_TIME(&child, "expiresAt", reset->expires_at);
    bson_append_document_end(document, &child);
}

void account_append(bson_t *document, const struct account *account, uint32_t revision)
{
    const struct user *user = &account->user;

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
    BSON_APPEND_INT64(document, "revision", revision);
    reset_append(document, &account->reset);
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

void tombstone_append(bson_t *change)
{
    BSON_APPEND_BOOL(change, "tombstone", true);
}

void no_tombstone_append(bson_t *filter)
{
    BCON_APPEND(filter, "tombstone", "{", "$exists", BCON_BOOL(false), "}");
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

static bool read_document(const bson_iter_t *field, bson_t *out)
{
    const uint8_t *bytes = NULL;
    uint32_t length = 0;

    if (!BSON_ITER_HOLDS_DOCUMENT(field))
        return false;
    bson_iter_document(field, &length, &bytes);
    return bson_init_static(out, bytes, length);
}

static bool read_reset(const bson_t *document, struct password_reset *out)
{
    bson_iter_t field;
    bson_t reset;

    return bson_iter_init_find(&field, document, "reset") && read_document(&field, &reset) &&
           mongo_field_bytes(&reset, "digest", out->digest.bytes, DIGEST_BYTES) &&
           mongo_field_date(&reset, "requestedAt", &out->requested_at) &&
           mongo_field_date(&reset, "expiresAt", &out->expires_at);
}

bool account_of_document(const bson_t *document, struct account *out, struct error *err)
{
    struct account account = { 0 };

    if (!read_user(document, &account.user) ||
        !mongo_field_text(document, "password", account.password.text,
                          sizeof account.password.text) ||
        !mongo_field_number32(document, "epoch", &account.epoch) ||
        !mongo_field_number32(document, "revision", &account.revision) ||
        !read_reset(document, &account.reset) ||
        !mongo_field_date(document, "createdAt", &account.created_at))
        return error_set(err, ERR_BUG, 0, "a user is not as it was written");
    *out = account;
    return true;
}

static bool read_used_token(const bson_iter_t *entry, struct used_token *out)
{
    bson_t used;

    return read_document(entry, &used) &&
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

/* --- One user. --- */

bool user_look(struct mongo_session *session, const struct id *id, enum presence *presence,
               struct account *account, struct error *err)
{
    AUTO(bson) bson_t *filter = document_by_id(id);
    AUTO(mongo_rows) struct mongo_rows rows = MONGO_NO_ROWS;
    bson_t document;
    bool found = false;

    if (!document_find(session, USERS, filter, &rows, &document, &found, err))
        return false;
    const bool buried = found && mongo_field_is(&document, "tombstone");
    if (found && !buried && !account_of_document(&document, account, err))
        return false;
    *presence = buried ? USER_BURIED : found ? USER_THERE : USER_ABSENT;
    return true;
}

bool user_read(struct mongo_session *session, const struct id *id, struct account *account,
               bool *found, struct error *err)
{
    enum presence presence = USER_ABSENT;

    if (!user_look(session, id, &presence, account, err))
        return false;
    *found = presence == USER_THERE;
    return true;
}

bool user_fence(struct mongo_session *session, const struct id *id, struct error *err)
{
    AUTO(bson) bson_t *filter = document_by_id(id);
    AUTO(bson) bson_t *change = BCON_NEW("$inc", "{", "revision", BCON_INT64(1), "}");
    size_t matched = 0;

    return document_update(session, USERS, filter, change, &matched, err);
}
