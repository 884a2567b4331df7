/* Finding users: by id, by name, all of them. */
#include <string.h>

#include "store/user_names_mongo.h"
#include "store/user_rooms_mongo.h"

bool user_mongo_get_account(struct user_store *store, const struct id *id, struct account *account,
                            bool *found, struct error *err)
{
    AUTO(mongo_session) struct mongo_session *session = user_mongo_begin(store, err);

    return session && user_read(session, id, account, found, err);
}

/* Two reads always, so that the time does not tell whether somebody has the name. */
static bool find_account(struct mongo_session *session, const struct user_key *key,
                         struct account *account, bool *found, struct error *err)
{
    struct account holder;
    struct id user_id;
    bool there = false;

    if (!names_find(session, key, &user_id, err) ||
        !user_read(session, &user_id, &holder, &there, err))
        return false;
    there = there && account_uses(&holder, key);
    if (there)
        *account = holder;
    *found = there;
    return true;
}

bool user_mongo_find_account(struct user_store *store, const struct user_key *key,
                             struct account *account, bool *found, struct error *err)
{
    AUTO(mongo_session) struct mongo_session *session = user_mongo_begin(store, err);

    return session && find_account(session, key, account, found, err);
}

/* --- Listing. --- */

static bson_t *list_filter(const struct user_query *query)
{
    bson_t *filter = bson_new();

    no_tombstone_append(filter);
    if (query->has_after) {
        const bson_oid_t after = mongo_oid(&query->after);
        BCON_APPEND(filter, "_id", "{", "$gt", BCON_OID(&after), "}");
    }
    if (query->by_role)
        BSON_APPEND_UTF8(filter, "role", role_name(query->role));
    if (query->by_active)
        BSON_APPEND_BOOL(filter, "active", query->active);
    return filter;
}

static bool list_page(struct mongo_session *session, const struct user_query *query,
                      struct user users[], size_t *count, struct error *err)
{
    AUTO(bson) bson_t *filter = list_filter(query);
    AUTO(bson) bson_t *sort = BCON_NEW("_id", BCON_INT32(1));
    const struct mongo_query find = {
        .collection = USERS, .filter = filter, .sort = sort, .limit = query->limit
    };
    AUTO(mongo_rows) struct mongo_rows rows = MONGO_NO_ROWS;
    struct account account;
    size_t read = 0;
    bson_t row;

    if (!mongo_find(session, &find, &rows, err))
        return false;
    for (; read < query->limit && mongo_next(&rows, &row); read++) {
        if (!account_of_document(&row, &account, err))
            return false;
        users[read] = account.user;
    }
    *count = read;
    return true;
}

/* The rest of the query, for the one user who has the name. */
static bool is_asked_for(const struct user_query *query, const struct user *user)
{
    const struct user_key username = user_key_of(user->username);

    return strcmp(username.text, query->username.text) == 0 &&
           (!query->has_after || id_compare(&user->id, &query->after) > 0) &&
           (!query->by_role || user->role == query->role) &&
           (!query->by_active || user->active == query->active);
}

static bool list_by_username(struct mongo_session *session, const struct user_query *query,
                             struct user users[], size_t *count, struct error *err)
{
    struct account account;
    bool found = false;

    if (!find_account(session, &query->username, &account, &found, err))
        return false;
    *count = found && is_asked_for(query, &account.user) ? 1 : 0;
    if (*count == 1)
        users[0] = account.user;
    return true;
}

bool user_mongo_list_users(struct user_store *store, const struct user_query *query,
                           struct user users[], size_t *count, struct error *err)
{
    AUTO(mongo_session) struct mongo_session *session = user_mongo_begin(store, err);

    return session &&
           (query->by_username ? list_by_username : list_page)(session, query, users, count, err);
}

bool user_mongo_has_admin(struct user_store *store, bool *has, struct error *err)
{
    AUTO(mongo_session) struct mongo_session *session = user_mongo_begin(store, err);
    AUTO(bson)
    bson_t *filter = BCON_NEW("role", BCON_UTF8(role_name(ROLE_ADMIN)), "active", BCON_BOOL(true));
    AUTO(mongo_rows) struct mongo_rows rows = MONGO_NO_ROWS;
    bson_t admin;

    no_tombstone_append(filter);
    return session && document_find(session, USERS, filter, &rows, &admin, has, err);
}
