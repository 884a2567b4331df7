/* Accounts: a change and the question whether an admin is left are one transaction, and SQLite has
 * one writer at a time, so nothing can come between them. */
#include "store/user_rows_sqlite.h"
#include "store/user_tables_sqlite.h"

bool accounts_sqlite_add(struct user_store *store, const struct account *account,
                         enum add_user_outcome *outcome, struct error *err)
{
    struct account added = *account;
    int changed = 0;

    added.revision = 1;
    if (!user_tables_write(store, ADD_USER, bind_account, &added, &changed, err))
        return false;
    *outcome = changed == 1 ? USER_ADDED : USER_NAME_TAKEN;
    return true;
}

bool accounts_sqlite_get(struct user_store *store, const struct id *id, struct account *account,
                         bool *found, struct error *err)
{
    return user_tables_read(store, GET_ACCOUNT, bind_id, id, read_account, account, found, err);
}

bool accounts_sqlite_find(struct user_store *store, const struct user_key *key,
                          struct account *account, bool *found, struct error *err)
{
    return user_tables_read(store, FIND_ACCOUNT, bind_user_key, key, read_account, account, found,
                            err);
}

/* --- Compare and swap. --- */

/* A struct account as it was read: id, revision. */
static int bind_as_read(sqlite3_stmt *statement, const void *what)
{
    const struct account *account = what;

    return SQLITE_FIRST_FAILURE(sqlite_bind_id(statement, 1, &account->user.id),
                                sqlite3_bind_int64(statement, 2, account->revision));
}

/* That no row changed is for either of two reasons. */
static bool swap(struct sqlite_session *session, const struct account *from,
                 const struct account *to, enum put_account_outcome *outcome, struct error *err)
{
    struct account next = *to;
    int changed = 0;
    bool as_read = false;

    next.revision = from->revision + 1;
    if (!user_tables_change(session, PUT_ACCOUNT, bind_account, &next, &changed, err))
        return false;
    if (changed == 0 &&
        !user_tables_find(session, IS_AS_READ, bind_as_read, from, NULL, NULL, &as_read, err))
        return false;
    *outcome = changed == 1 ? ACCOUNT_PUT : as_read ? ACCOUNT_NAME_TAKEN : ACCOUNT_MOVED_ON;
    return true;
}

/* Its names are columns: they go with it. */
static bool delete_with_sessions(struct sqlite_session *session, const struct account *from,
                                 enum put_account_outcome *outcome, struct error *err)
{
    int changed = 0, ended = 0;

    if (!user_tables_change(session, DELETE_ACCOUNT, bind_as_read, from, &changed, err))
        return false;
    *outcome = changed == 1 ? ACCOUNT_PUT : ACCOUNT_MOVED_ON;
    return changed == 0 ||
           user_tables_change(session, END_SESSIONS_OF, bind_id, &from->user.id, &ended, err);
}

static bool is_active_admin(const struct account *account)
{
    return account && account->user.active && account->user.role == ROLE_ADMIN;
}

/* The change is made already: what is left counts. */
static bool guard_last_admin(struct sqlite_session *session, enum put_account_outcome *outcome,
                             struct error *err)
{
    bool left = false;

    if (!user_tables_find(session, HAS_ADMIN, bind_nothing, NULL, NULL, NULL, &left, err))
        return false;
    if (!left)
        *outcome = ACCOUNT_LAST_ADMIN;
    return true;
}

/* `to` is NULL for a deletion. */
static bool change_account(struct sqlite_session *session, const struct account *from,
                           const struct account *to, enum put_account_outcome *outcome,
                           struct error *err)
{
    if (to ? !swap(session, from, to, outcome, err)
           : !delete_with_sessions(session, from, outcome, err))
        return false;
    if (*outcome != ACCOUNT_PUT || !is_active_admin(from) || is_active_admin(to))
        return true;
    return guard_last_admin(session, outcome, err);
}

static bool change_in_transaction(struct user_store *store, const struct account *from,
                                  const struct account *to, enum put_account_outcome *outcome,
                                  struct error *err)
{
    struct sqlite_session *session = user_tables_begin(store, err);
    enum put_account_outcome result = ACCOUNT_MOVED_ON;

    if (!session)
        return false;
    const bool decided = change_account(session, from, to, &result, err);
    const bool changed = decided && result == ACCOUNT_PUT;
    const bool committed = user_tables_end(store, session, changed, err);
    if (!decided || committed != changed)
        return false;
    *outcome = result;
    return true;
}

bool accounts_sqlite_put(struct user_store *store, const struct account *from,
                         const struct account *to, enum put_account_outcome *outcome,
                         struct error *err)
{
    return change_in_transaction(store, from, to, outcome, err);
}

bool accounts_sqlite_delete(struct user_store *store, const struct account *from,
                            enum put_account_outcome *outcome, struct error *err)
{
    return change_in_transaction(store, from, NULL, outcome, err);
}

/* --- Looking around. --- */

/* A struct user_query: after, limit, role, active, username; NULL where it does not filter. */
static int bind_query(sqlite3_stmt *statement, const void *what)
{
    const struct user_query *query = what;
    const char *role = query->by_role ? role_name(query->role) : NULL;

    return SQLITE_FIRST_FAILURE(
        query->has_after ? sqlite_bind_id(statement, 1, &query->after)
                         : sqlite3_bind_zeroblob(statement, 1, 0), /* before all ids */
        sqlite3_bind_int64(statement, 2, (sqlite3_int64)query->limit),
        sqlite_bind_text(statement, 3, role), /* NULL for NULL */
        query->by_active ? sqlite3_bind_int(statement, 4, query->active)
                         : sqlite3_bind_null(statement, 4),
        query->by_username ? sqlite_bind_text(statement, 5, query->username.text) : SQLITE_OK);
}

/* The statement that finds the fewest by an index. */
static enum user_statement statement_for(const struct user_query *query)
{
    if (query->by_username)
        return LIST_USERS_NAMED;
    if (query->by_role)
        return LIST_USERS_OF_ROLE;
    return query->by_active ? LIST_USERS_BY_ACTIVE : LIST_USERS;
}

bool accounts_sqlite_list(struct user_store *store, const struct user_query *query,
                          struct user users[], size_t *count, struct error *err)
{
    return user_tables_list(store, statement_for(query), bind_query, query, read_user, users,
                            sizeof *users, count, err);
}

bool accounts_sqlite_has_admin(struct user_store *store, bool *has, struct error *err)
{
    return user_tables_read(store, HAS_ADMIN, bind_nothing, NULL, NULL, NULL, has, err);
}
