#include "store/user_tables_sqlite.h"

#include "store/user_rows_sqlite.h"

/* As many as the lane `accounts` has threads, so that none of them waits for another. */
enum { READERS = 8 };

#define NO_DIGEST "x'0000000000000000000000000000000000000000000000000000000000000000'"

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
    { "ALTER TABLE users ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;"
      "ALTER TABLE users ADD COLUMN reset_digest BLOB NOT NULL DEFAULT " NO_DIGEST ";"
      "ALTER TABLE users ADD COLUMN reset_requested_at INTEGER NOT NULL DEFAULT 0;"
      "ALTER TABLE users ADD COLUMN reset_expires_at INTEGER NOT NULL DEFAULT 0;"
      "CREATE INDEX users_role ON users (role, id);"
      "CREATE INDEX users_active ON users (active, id);"
      "CREATE INDEX sessions_user ON sessions (user_id);"
      "CREATE INDEX sessions_expiry ON sessions (expires_at);"
      "CREATE TABLE counters ("
      " key BLOB PRIMARY KEY, revision INTEGER NOT NULL, count INTEGER NOT NULL,"
      " since INTEGER NOT NULL, blocked_until INTEGER NOT NULL, expires_at INTEGER NOT NULL)"
      " STRICT, WITHOUT ROWID;"
      "CREATE INDEX counters_expiry ON counters (expires_at);"
      "CREATE TABLE recoveries ("
      " id BLOB PRIMARY KEY, email TEXT NOT NULL, created_at INTEGER NOT NULL,"
      " due_at INTEGER NOT NULL, attempts INTEGER NOT NULL, claim BLOB) STRICT, WITHOUT ROWID;"
      "CREATE INDEX recoveries_due ON recoveries (due_at, id);"
      "CREATE TABLE audit ("
      " date INTEGER NOT NULL, id BLOB NOT NULL, actor BLOB, target BLOB, action TEXT NOT NULL,"
      " outcome TEXT NOT NULL, source TEXT NOT NULL, PRIMARY KEY (date, id))"
      " STRICT, WITHOUT ROWID;"
      "CREATE INDEX audit_actor ON audit (actor, date, id);"
      "CREATE INDEX audit_target ON audit (target, date, id);",
      1 },
};

/* A page of users behind ?1, of at most ?2, in role ?3 and active ?4 where these are not NULL. The
 * condition repeats what filters best, for SQLite to see that there is an index. */
#define LIST_USERS_THAT(condition)                                                                 \
    "SELECT " USER_COLUMNS " FROM users u WHERE u.id > ?1"                                         \
    " AND (?3 IS NULL OR u.role = ?3) AND (?4 IS NULL OR u.active = ?4)" condition                 \
    " ORDER BY u.id LIMIT ?2"

/* `which` events of those before date ?1 and id ?2. */
#define AUDIT_EVENTS(which)                                                                        \
    "SELECT " AUDIT_COLUMNS " FROM audit WHERE " which "(date, id) < (?1, ?2)"
#define NEWEST_FIRST " ORDER BY date DESC, id DESC LIMIT ?3"

static const char *const statements[USER_STATEMENT_COUNT] = {
    [ADD_USER] = "INSERT INTO users (id, username, first_name, last_name, email, phone, photo,"
                 " role, active, version, password, epoch, created_at, revision, reset_digest,"
                 " reset_requested_at, reset_expires_at, username_key, email_key)"
                 " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,"
                 " ?17, ?18, ?19) ON CONFLICT DO NOTHING",
    [GET_ACCOUNT] = "SELECT " ACCOUNT_COLUMNS " FROM users u WHERE u.id = ?1",
    [FIND_ACCOUNT] = "SELECT " ACCOUNT_COLUMNS " FROM users u"
                     " WHERE u.username_key = ?1 OR u.email_key = ?1",
    [PUT_ACCOUNT] = "UPDATE OR IGNORE users SET username = ?2, first_name = ?3, last_name = ?4,"
                    " email = ?5, phone = ?6, photo = ?7, role = ?8, active = ?9, version = ?10,"
                    " password = ?11, epoch = ?12, created_at = ?13, revision = ?14,"
                    " reset_digest = ?15, reset_requested_at = ?16, reset_expires_at = ?17,"
                    " username_key = ?18, email_key = ?19"
                    " WHERE id = ?1 AND revision = ?14 - 1",
    [IS_AS_READ] = "SELECT 1 FROM users WHERE id = ?1 AND revision = ?2",
    [DELETE_ACCOUNT] = "DELETE FROM users WHERE id = ?1 AND revision = ?2",
    [END_SESSIONS_OF] = "DELETE FROM sessions WHERE user_id = ?1",
    /* Told which index: by itself SQLite looks at all who are active. */
    [HAS_ADMIN] = "SELECT 1 FROM users INDEXED BY users_role"
                  " WHERE role = 'admin' AND active = 1 LIMIT 1",
    [LIST_USERS] = LIST_USERS_THAT(""),
    [LIST_USERS_OF_ROLE] = LIST_USERS_THAT(" AND u.role = ?3"),
    [LIST_USERS_BY_ACTIVE] = LIST_USERS_THAT(" AND u.active = ?4"),
    [LIST_USERS_NAMED] = LIST_USERS_THAT(" AND u.username_key = ?5"),
    [ADD_SESSION] = "INSERT INTO sessions (id, user_id, epoch, current, parent, rotated_at,"
                    " created_at, expires_at, older)"
                    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [GET_SESSION] = "SELECT " ACCOUNT_COLUMNS ", " SESSION_COLUMNS
                    " FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = ?1",
    [ROTATE_SESSION] = "UPDATE sessions SET current = ?3, parent = ?2, rotated_at = ?4,"
                       " expires_at = ?5, older = ?6 WHERE id = ?1 AND current = ?2",
    [END_SESSION] = "DELETE FROM sessions WHERE id = ?1",
    [END_SESSION_AS_READ] = "DELETE FROM sessions WHERE id = ?1 AND current = ?2",
    [GET_COUNTER] = "SELECT " COUNTER_COLUMNS " FROM counters WHERE key = ?1",
    [ADD_COUNTER] = "INSERT INTO counters (key, " COUNTER_COLUMNS ")"
                    " VALUES (?1, 1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
    /* All is compared: a counter that was deleted and made anew counts revisions from 1 again. */
    [PUT_COUNTER] = "UPDATE counters SET revision = revision + 1, count = ?2, since = ?3,"
                    " blocked_until = ?4, expires_at = ?5 WHERE key = ?1 AND revision = ?6"
                    " AND count = ?7 AND since = ?8 AND blocked_until = ?9 AND expires_at = ?10",
    [DELETE_COUNTER] = "DELETE FROM counters WHERE key = ?1",
    [ADD_RECOVERY] = "INSERT INTO recoveries (" RECOVERY_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5)",
    [CLAIM_RECOVERY] = "UPDATE recoveries SET claim = ?1, due_at = ?3, attempts = attempts + 1"
                       " WHERE id = (SELECT id FROM recoveries WHERE due_at <= ?2"
                       " ORDER BY due_at, id LIMIT 1) RETURNING " RECOVERY_COLUMNS,
    [POSTPONE_RECOVERY] = "UPDATE recoveries SET due_at = ?3, claim = NULL"
                          " WHERE id = ?1 AND claim = ?2",
    [DELETE_RECOVERY] = "DELETE FROM recoveries WHERE id = ?1 AND claim = ?2",
    [ADD_AUDIT] = "INSERT INTO audit (" AUDIT_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [LIST_AUDIT] = AUDIT_EVENTS("") NEWEST_FIRST,
    /* Two runs of neighbours, merged; an event of someone on themselves comes from the first. */
    [LIST_AUDIT_OF_USER] = AUDIT_EVENTS("actor = ?4 AND ") " UNION ALL " AUDIT_EVENTS(
        "target = ?4 AND actor IS NOT ?4 AND ") NEWEST_FIRST,
    [SWEEP_SESSIONS_TABLE] = "DELETE FROM sessions WHERE id IN"
                             " (SELECT id FROM sessions WHERE expires_at < ?1 LIMIT ?2)",
    [SWEEP_COUNTERS_TABLE] = "DELETE FROM counters WHERE key IN"
                             " (SELECT key FROM counters WHERE expires_at < ?1 LIMIT ?2)",
    [SWEEP_AUDIT_TABLE] = "DELETE FROM audit WHERE (date, id) IN"
                          " (SELECT date, id FROM audit WHERE date < ?1 LIMIT ?2)",
    [PROBE] = "UPDATE probe SET written = written + 1",
};

const struct sqlite_options user_tables = {
    .migrations = migrations,
    .migration_count = sizeof migrations / sizeof *migrations,
    .statements = statements,
    .statement_count = USER_STATEMENT_COUNT,
    .readers = READERS,
};

static struct sqlite_pool *pool_of(struct user_store *store)
{
    return ((struct user_store_sqlite *)store)->pool; /* its first member */
}

/* --- In a transaction of the caller's. --- */

/* Binds and steps once. The reset comes first: whatever became of the last run, this one starts
 * afresh. */
static int start(sqlite3_stmt *statement, bind_function *bind, const void *what)
{
    sqlite3_reset(statement);
    const int code = bind(statement, what);
    return code == SQLITE_OK ? sqlite3_step(statement) : code;
}

bool user_tables_change(struct sqlite_session *session, enum user_statement which,
                        bind_function *bind, const void *what, int *changed, struct error *err)
{
    const int code = start(session->statements[which], bind, what);

    if (code != SQLITE_DONE)
        return sqlite_failed(session->db, code, "cannot write", err);
    *changed = sqlite3_changes(session->db);
    return true;
}

bool user_tables_find(struct sqlite_session *session, enum user_statement which,
                      bind_function *bind, const void *what, read_function *read, void *out,
                      bool *found, struct error *err)
{
    sqlite3_stmt *statement = session->statements[which];
    const int code = start(statement, bind, what);

    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return sqlite_failed(session->db, code, "cannot read", err);
    if (code == SQLITE_ROW && read && !read(statement, out))
        return sqlite_unreadable(statement, err);
    *found = code == SQLITE_ROW;
    return true;
}

struct sqlite_session *user_tables_begin(struct user_store *store, struct error *err)
{
    return sqlite_begin(pool_of(store), err);
}

bool user_tables_end(struct user_store *store, struct sqlite_session *session, bool done,
                     struct error *err)
{
    if (done)
        return sqlite_commit(pool_of(store), session, err);
    sqlite_rollback(pool_of(store), session);
    return false;
}

/* --- As a transaction of its own. --- */

bool user_tables_write(struct user_store *store, enum user_statement which, bind_function *bind,
                       const void *what, int *changed, struct error *err)
{
    struct sqlite_session *session = user_tables_begin(store, err);
    int count = 0;

    if (!session)
        return false;
    const bool done = user_tables_change(session, which, bind, what, &count, err);
    if (!user_tables_end(store, session, done, err))
        return false;
    *changed = count;
    return true;
}

bool user_tables_read(struct user_store *store, enum user_statement which, bind_function *bind,
                      const void *what, read_function *read, void *out, bool *found,
                      struct error *err)
{
    struct sqlite_session *session = sqlite_read_begin(pool_of(store), err);

    if (!session)
        return false;
    const bool ok = user_tables_find(session, which, bind, what, read, out, found, err);
    sqlite_read_end(pool_of(store), session);
    return ok;
}

static bool read_all(sqlite3_stmt *statement, bind_function *bind, const void *what,
                     read_function *read, char *rows, size_t size, size_t *count, struct error *err)
{
    size_t done = 0;
    int code = start(statement, bind, what);

    for (; code == SQLITE_ROW; code = sqlite3_step(statement))
        if (!read(statement, rows + size * done++))
            return sqlite_unreadable(statement, err);
    if (code != SQLITE_DONE)
        return sqlite_failed(sqlite3_db_handle(statement), code, "cannot list", err);
    *count = done;
    return true;
}

bool user_tables_list(struct user_store *store, enum user_statement which, bind_function *bind,
                      const void *what, read_function *read, void *rows, size_t size, size_t *count,
                      struct error *err)
{
    struct sqlite_session *session = sqlite_read_begin(pool_of(store), err);

    if (!session)
        return false;
    const bool ok = read_all(session->statements[which], bind, what, read, rows, size, count, err);
    sqlite_read_end(pool_of(store), session);
    return ok;
}
