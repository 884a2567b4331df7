/* Users and sessions in SQLite: each call is one statement, each write a transaction of its own. */
#include "store/user_store.h"

#include <stdlib.h>
#include "store/sqlite.h"
#include "store/user_rows_sqlite.h"

/* As many as the lane `accounts` has threads, so that none of them waits for another. */
enum { READERS = 8 };

struct user_store_sqlite {
    struct user_store base;
    struct sqlite_options options;
    struct sqlite_pool *pool;
    const struct clock *clock;
};

static const struct sqlite_migration migrations[] = {
    { "CREATE TABLE users ("
      " id BLOB PRIMARY KEY, username TEXT NOT NULL, username_key TEXT NOT NULL UNIQUE,"
      " first_name TEXT NOT NULL, last_name TEXT NOT NULL,"
      " email TEXT NOT NULL, email_key TEXT NOT NULL UNIQUE, phone TEXT NOT NULL,"
      " photo TEXT NOT NULL, role TEXT NOT NULL, active INTEGER NOT NULL,"
      " version INTEGER NOT NULL, password TEXT NOT NULL, epoch INTEGER NOT NULL,"
      " created_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
      "CREATE TABLE sessions ("
      " id BLOB PRIMARY KEY, user_id BLOB NOT NULL, epoch INTEGER NOT NULL,"
      " current BLOB NOT NULL, parent BLOB NOT NULL, rotated_at INTEGER NOT NULL,"
      " created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;",
      1 },
    { "CREATE TABLE probe (written INTEGER NOT NULL) STRICT;"
      "INSERT INTO probe VALUES (0);",
      1 },
    { "ALTER TABLE sessions ADD COLUMN older BLOB NOT NULL DEFAULT x'';", 1 },
};

enum statement {
    ADD_USER,
    GET_ACCOUNT,
    FIND_ACCOUNT,
    REPLACE_PASSWORD,
    ADD_SESSION,
    GET_SESSION,
    ROTATE_SESSION,
    END_SESSION,
    PROBE,
    STATEMENTS,
};

static const char *const statements[STATEMENTS] = {
    [ADD_USER] = "INSERT INTO users (id, username, first_name, last_name, email, phone, photo,"
                 " role, active, version, password, epoch, created_at, username_key, email_key)"
                 " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)"
                 " ON CONFLICT DO NOTHING",
    [GET_ACCOUNT] = "SELECT " ACCOUNT_COLUMNS " FROM users u WHERE u.id = ?1",
    [FIND_ACCOUNT] = "SELECT " ACCOUNT_COLUMNS " FROM users u"
                     " WHERE u.username_key = ?1 OR u.email_key = ?1",
    [REPLACE_PASSWORD] = "UPDATE users SET password = ?3 WHERE id = ?1 AND password = ?2",
    [ADD_SESSION] = "INSERT INTO sessions (id, user_id, epoch, current, parent, rotated_at,"
                    " created_at, expires_at, older)"
                    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [GET_SESSION] = "SELECT " ACCOUNT_COLUMNS ", " SESSION_COLUMNS
                    " FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = ?1",
    [ROTATE_SESSION] = "UPDATE sessions SET current = ?3, parent = ?2, rotated_at = ?4,"
                       " expires_at = ?5, older = ?6 WHERE id = ?1 AND current = ?2",
    [END_SESSION] = "DELETE FROM sessions WHERE id = ?1",
    [PROBE] = "UPDATE probe SET written = written + 1",
};

static struct user_store_sqlite *of_base(struct user_store *store)
{
    return (struct user_store_sqlite *)store; /* its first member */
}

/* --- Running a statement. --- */

/* Binds and steps once. The reset comes first: whatever became of the last run, this one starts
 * afresh. */
static int start(sqlite3_stmt *statement, bind_function *bind, const void *what)
{
    sqlite3_reset(statement);
    const int code = bind(statement, what);
    return code == SQLITE_OK ? sqlite3_step(statement) : code;
}

/* `changed`: how many rows the write changed. */
static bool write_rows(struct user_store *store, enum statement which, bind_function *bind,
                       const void *what, int *changed, struct error *err)
{
    struct sqlite_pool *pool = of_base(store)->pool;
    struct sqlite_session *session = sqlite_begin(pool, err);

    if (!session)
        return false;
    const int code = start(session->statements[which], bind, what);
    if (code != SQLITE_DONE) {
        sqlite_failed(session->db, code, "cannot write", err);
        sqlite_rollback(pool, session);
        return false;
    }
    const int count = sqlite3_changes(session->db);
    if (!sqlite_commit(pool, session, err))
        return false;
    *changed = count;
    return true;
}

/* Every row is one that we wrote: what does not read as that is no memory, or our bug. */
static bool unreadable(sqlite3 *db, struct error *err)
{
    if (sqlite3_errcode(db) == SQLITE_NOMEM)
        return error_set(err, ERR_NO_MEMORY, SQLITE_NOMEM, "cannot read a row");
    return error_set(err, ERR_BUG, 0, "a row is not as it was written");
}

static bool step_to_row(struct sqlite_session *session, enum statement which, bind_function *bind,
                        const void *what, read_function *read, void *out, bool *found,
                        struct error *err)
{
    sqlite3_stmt *statement = session->statements[which];
    const int code = start(statement, bind, what);

    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return sqlite_failed(session->db, code, "cannot read", err);
    if (code == SQLITE_ROW && !read(statement, out))
        return unreadable(session->db, err);
    *found = code == SQLITE_ROW;
    return true;
}

/* At most one row. */
static bool read_row(struct user_store *store, enum statement which, bind_function *bind,
                     const void *what, read_function *read, void *out, bool *found,
                     struct error *err)
{
    struct sqlite_pool *pool = of_base(store)->pool;
    struct sqlite_session *session = sqlite_read_begin(pool, err);

    if (!session)
        return false;
    const bool ok = step_to_row(session, which, bind, what, read, out, found, err);
    sqlite_read_end(pool, session);
    return ok;
}

/* --- Users. --- */

static bool add_user(struct user_store *store, const struct account *account,
                     enum add_user_outcome *outcome, struct error *err)
{
    int changed = 0;

    if (!write_rows(store, ADD_USER, bind_account, account, &changed, err))
        return false;
    *outcome = changed == 1 ? USER_ADDED : USER_NAME_TAKEN;
    return true;
}

static bool get_account(struct user_store *store, const struct id *id, struct account *account,
                        bool *found, struct error *err)
{
    return read_row(store, GET_ACCOUNT, bind_id, id, read_account, account, found, err);
}

static bool find_account(struct user_store *store, const struct user_key *key,
                         struct account *account, bool *found, struct error *err)
{
    return read_row(store, FIND_ACCOUNT, bind_user_key, key, read_account, account, found, err);
}

static bool replace_password(struct user_store *store, const struct id *id,
                             const struct password_hash *from, const struct password_hash *to,
                             struct error *err)
{
    const struct password_change change = { id, from, to };
    int changed = 0;

    return write_rows(store, REPLACE_PASSWORD, bind_password_change, &change, &changed, err);
}

/* --- Sessions. --- */

static bool add_session(struct user_store *store, const struct session *session, struct error *err)
{
    int changed = 0;

    return write_rows(store, ADD_SESSION, bind_session, session, &changed, err);
}

static bool get_session(struct user_store *store, const struct id *id, struct session *session,
                        struct account *account, bool *found, struct error *err)
{
    struct session_and_account both;

    if (!read_row(store, GET_SESSION, bind_id, id, read_session_and_account, &both, found, err))
        return false;
    if (*found) {
        *session = both.session;
        *account = both.account;
    }
    return true;
}

static bool rotate_session(struct user_store *store, const struct rotation *rotation,
                           enum rotate_outcome *outcome, struct error *err)
{
    int changed = 0;

    if (!write_rows(store, ROTATE_SESSION, bind_rotation, rotation, &changed, err))
        return false;
    *outcome = changed == 1 ? SESSION_ROTATED : SESSION_MOVED_ON;
    return true;
}

static bool end_session(struct user_store *store, const struct id *id, struct error *err)
{
    int changed = 0;

    return write_rows(store, END_SESSION, bind_id, id, &changed, err);
}

/* --- Health. --- */

static bool probe(struct user_store *store, struct error *err)
{
    int changed = 0;

    return write_rows(store, PROBE, bind_nothing, NULL, &changed, err);
}

/* --- Opening and closing. --- */

static void close_store(struct user_store *store)
{
    sqlite_pool_close(of_base(store)->pool);
    free(of_base(store));
}

static int64_t now(struct user_store *store)
{
    return clock_wall_ms(of_base(store)->clock);
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

struct user_store *user_store_sqlite_open(const char *path, const struct clock *clock,
                                          struct error *err)
{
    AUTO(memory) struct user_store_sqlite *store = calloc(1, sizeof *store);

    if (!store) {
        error_set(err, ERR_NO_MEMORY, 0, "user store");
        return NULL;
    }
    store->base.functions = &functions;
    store->clock = clock;
    store->options = (struct sqlite_options){
        .path = path,
        .migrations = migrations,
        .migration_count = sizeof migrations / sizeof *migrations,
        .statements = statements,
        .statement_count = STATEMENTS,
        .readers = READERS,
    };
    store->pool = sqlite_pool_open(&store->options, err);
    if (!store->pool)
        return NULL;
    return &STEAL(store)->base;
}
