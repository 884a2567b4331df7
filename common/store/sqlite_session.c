/* One SQLite connection from open to close.
 *
 * Whatever a setting here says about durability is checked by reading it back: SQLite ignores what
 * it does not know, and a file system without shared memory silently gets no WAL. */
#include "store/sqlite_session.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    /* Between attempts to enter WAL mode: SQLite itself does not wait there. */
    WAL_RETRY_MS = 10,
};

/* The page cache: random ids touch pages all over a table, and a page that is not cached is a read
 * in the middle of the writer's turn. A bound, not a reservation. The log's file is cut back to
 * 64 MiB at a restart, should a burst have grown it. */
static const char writer_settings[] = "PRAGMA synchronous = FULL;"
                                      "PRAGMA cache_size = -65536;"
                                      "PRAGMA journal_size_limit = 67108864;";
static const char reader_settings[] = "PRAGMA synchronous = FULL;"
                                      "PRAGMA cache_size = -8192;"
                                      "PRAGMA query_only = ON;";

/* --- Errors. --- */

/* By the primary code; what is not here is a promise broken: ERR_BUG. */
static const struct code_row {
    int code;
    enum err err;
    bool of_connection;
} codes[] = {
    { SQLITE_BUSY, ERR_UNAVAILABLE, false },    { SQLITE_FULL, ERR_UNAVAILABLE, false },
    { SQLITE_NOMEM, ERR_NO_MEMORY, false },     { SQLITE_READONLY, ERR_UNAVAILABLE, true },
    { SQLITE_IOERR, ERR_UNAVAILABLE, true },    { SQLITE_CANTOPEN, ERR_UNAVAILABLE, true },
    { SQLITE_PROTOCOL, ERR_UNAVAILABLE, true }, { SQLITE_PERM, ERR_UNAVAILABLE, true },
    { SQLITE_CORRUPT, ERR_UNAVAILABLE, true },  { SQLITE_NOTADB, ERR_UNAVAILABLE, true },
    { SQLITE_SCHEMA, ERR_UNAVAILABLE, true },
};

static const struct code_row *find_code(int code)
{
    if (code == SQLITE_IOERR_NOMEM) /* the one failure of the system's layer that is no disk's */
        code = SQLITE_NOMEM;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i].code == (code & 0xff))
            return &codes[i];
    return NULL;
}

bool sqlite_failed(sqlite3 *db, int code, const char *what, struct error *err)
{
    /* The connection knows more than the primary code, if it still speaks of the same failure. */
    int extended = db ? sqlite3_extended_errcode(db) : code;
    bool same = (extended & 0xff) == (code & 0xff);
    int cause = same ? extended : code;
    const struct code_row *row = find_code(cause);

    return error_set(err, row ? row->err : ERR_BUG, cause, "%s: %s", what,
                     db && same ? sqlite3_errmsg(db) : sqlite3_errstr(code));
}

bool sqlite_code_is_of_connection(int code)
{
    const struct code_row *row = find_code(code);
    return row && row->of_connection;
}

/* --- Opening. --- */

static bool execute(sqlite3 *db, const char *sql, struct error *err)
{
    int code = sqlite3_exec(db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK || sqlite_failed(db, code, "cannot set up", err);
}

static int open_file(const char *path, enum sqlite_session_kind kind, sqlite3 **db)
{
    int create = kind == SQLITE_SESSION_MAKER ? SQLITE_OPEN_CREATE : 0;
    int code = sqlite3_open_v2(
        path, db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | create,
        NULL);

    /* Where it may not write SQLite opens for reading: not enough for us, readers share the log's
     * index with writers. */
    if (code == SQLITE_OK && sqlite3_db_readonly(*db, "main") == 1)
        return SQLITE_READONLY;
    return code;
}

/* SQLITE_OK, SQLITE_CANTOPEN where there can be no WAL, or the failure. */
static int try_wal(sqlite3 *db)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(db, "PRAGMA journal_mode = WAL", -1, &statement, NULL);

    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        const char *mode = (const char *)sqlite3_column_text(statement, 0);
        if (!mode)
            code = SQLITE_NOMEM;
        else
            code = strcmp(mode, "wal") == 0 ? SQLITE_OK : SQLITE_CANTOPEN;
    }
    sqlite3_finalize(statement);
    return code;
}

/* Two processes that make one file at a time meet here, and SQLite answers BUSY at once. */
static int enter_wal(sqlite3 *db)
{
    const struct timespec pause = { .tv_nsec = WAL_RETRY_MS * 1000000L };
    int code = try_wal(db);

    for (int waited = 0; code == SQLITE_BUSY && waited < SQLITE_BUSY_MS; waited += WAL_RETRY_MS) {
        nanosleep(&pause, NULL);
        code = try_wal(db);
    }
    return code;
}

/* SQLite undoes a whole transaction by itself when a disk is full; the next statement would then
 * commit on its own. Non-zero turns such a commit into a rollback. */
static int allow_commit(void *context)
{
    const struct sqlite_connection *connection = context;
    return connection->committing ? 0 : 1;
}

/* Called after a commit that wrote. It stands in place of SQLite's automatic checkpoint: sqlite.c
 * makes its own, after the commit has been judged. */
static int note_commit(void *context, sqlite3 *db, const char *schema, int pages)
{
    struct sqlite_connection *connection = context;
    (void)db;
    (void)schema;
    connection->wal_pages = pages;
    return SQLITE_OK;
}

static bool prepare(sqlite3 *db, const char *sql, sqlite3_stmt **out, struct error *err)
{
    int code = sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL);
    return code == SQLITE_OK || sqlite_failed(db, code, sql, err);
}

static bool prepare_all(struct sqlite_connection *connection, const struct sqlite_options *options,
                        struct error *err)
{
    struct sqlite_session *session = &connection->session;

    session->statements = calloc(options->statement_count + 1, sizeof *session->statements);
    if (!session->statements)
        return error_set(err, ERR_NO_MEMORY, 0, "statements");
    connection->statement_count = options->statement_count;
    for (size_t i = 0; i < options->statement_count; i++)
        if (!prepare(session->db, options->statements[i], &session->statements[i], err))
            return false;
    return true;
}

static bool set_up(struct sqlite_connection *connection, const struct sqlite_options *options,
                   enum sqlite_session_kind kind, struct error *err)
{
    sqlite3 *db = connection->session.db;

    sqlite3_busy_timeout(db, SQLITE_BUSY_MS);
    int code = enter_wal(db);
    if (code != SQLITE_OK)
        return sqlite_failed(db, code, "no write-ahead log", err);
    if (!execute(db, kind == SQLITE_SESSION_READER ? reader_settings : writer_settings, err))
        return false;
    if (kind == SQLITE_SESSION_READER)
        return prepare_all(connection, options, err);

    sqlite3_commit_hook(db, allow_commit, connection);
    sqlite3_wal_hook(db, note_commit, connection);
    return prepare(db, "BEGIN IMMEDIATE", &connection->begin, err) &&
           prepare(db, "COMMIT", &connection->commit, err) &&
           prepare(db, "ROLLBACK", &connection->rollback, err) &&
           sqlite_migrate(connection, options, err) && prepare_all(connection, options, err);
}

bool sqlite_connection_open(struct sqlite_connection *connection,
                            const struct sqlite_options *options, enum sqlite_session_kind kind,
                            struct error *err)
{
    int code = open_file(options->path, kind, &connection->session.db);

    if (code != SQLITE_OK)
        sqlite_failed(connection->session.db, code, options->path, err);
    else if (set_up(connection, options, kind, err))
        return true;
    sqlite_connection_close(connection);
    return false;
}

void sqlite_connection_close(struct sqlite_connection *connection)
{
    struct sqlite_session *session = &connection->session;

    for (size_t i = 0; i < connection->statement_count; i++)
        sqlite3_finalize(session->statements[i]);
    free(session->statements);
    sqlite3_finalize(connection->begin);
    sqlite3_finalize(connection->commit);
    sqlite3_finalize(connection->rollback);
    sqlite3_close(session->db);
    *connection = (struct sqlite_connection){ 0 };
}

/* --- While it is open. --- */

bool sqlite_connection_lost_file(const struct sqlite_connection *connection)
{
    int moved = 0;
    int code = sqlite3_file_control(connection->session.db, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    return code == SQLITE_OK && moved;
}

void sqlite_connection_reset(struct sqlite_connection *connection)
{
    for (size_t i = 0; i < connection->statement_count; i++)
        sqlite3_reset(connection->session.statements[i]); /* one that was not run: no work */
}
