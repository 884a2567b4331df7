/* SQLite as a real store: opened for durability, migrated by version, statements kept, errors
 * mapped once.
 *
 * WAL, synchronous=FULL: a commit is on disk before it returns. A file is opened by any number of
 * connections, also of other processes; writers wait for each other up to BUSY_MS. */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/auto.h"
#include "base/error.h"
#include "base/id.h"

/* One step of a schema: version n is what rows[0..n-1] make, one after the other. Migrations only
 * add, so that version N runs on N+1's schema. */
struct sqlite_migration {
    const char *sql;
    /* The oldest program version (its count of migrations) that still runs on this schema. */
    unsigned oldest_reader;
};

/* One connection with its prepared statements; one thread at a time. A statement that failed may
 * have undone the whole transaction (sqlite3_get_autocommit() tells): what runs after that fails
 * too, nothing commits but sqlite_commit(). Statements left in the middle are reset at the end. */
struct sqlite_session {
    sqlite3 *db;
    sqlite3_stmt **statements; /* statement_count of them */
};

struct sqlite_options {
    const char *path;
    const struct sqlite_migration *migrations;
    size_t migration_count;
    const char *const *statements; /* SQL by the adapter's enum */
    size_t statement_count;
    size_t readers; /* sessions that may read at one time */
};

/* A pool: one writer session and `readers` reading ones; any thread. */
struct sqlite_pool;

/* Opens, makes the file, migrates (one process at a time). NULL: ERR_CONFIG (no such directory, a
 * newer schema that we cannot run on, no database), ERR_UNAVAILABLE (locked too long, disk full,
 * read-only), ERR_NO_MEMORY. Borrows `options` and what it points to. */
struct sqlite_pool *sqlite_pool_open(const struct sqlite_options *options, struct error *err)
    MUST_USE;
void sqlite_pool_close(struct sqlite_pool *pool);
AUTO_DEFINE(sqlite_pool, struct sqlite_pool *, sqlite_pool_close);

/* Waits for the writer's turn, begins (BEGIN IMMEDIATE). NULL: ERR_UNAVAILABLE, ERR_NO_MEMORY. */
struct sqlite_session *sqlite_begin(struct sqlite_pool *pool, struct error *err) MUST_USE;
/* Ends it. Commit's false: nothing was written (it was rolled back): ERR_UNAVAILABLE; or
 * ERR_UNKNOWN: nobody sees it now, but after a crash it may turn out to be written. */
bool sqlite_commit(struct sqlite_pool *pool, struct sqlite_session *session, struct error *err)
    MUST_USE;
void sqlite_rollback(struct sqlite_pool *pool, struct sqlite_session *session);

/* A reading session; waits until one is free. */
struct sqlite_session *sqlite_read_begin(struct sqlite_pool *pool, struct error *err) MUST_USE;
void sqlite_read_end(struct sqlite_pool *pool, struct sqlite_session *session);

/* How many commits with a flush there were. */
uint64_t sqlite_flushes(const struct sqlite_pool *pool);

/* Fills err from the last failure of that connection; returns false. */
bool sqlite_failed(sqlite3 *db, int code, const char *what, struct error *err);

/* --- Helpers for statements (sqlite_statement.c). What is bound is borrowed until the reset. ---
 */

/* Steps a statement that returns no row, and resets it; SQLITE_OK or the failure. */
int sqlite_run(sqlite3_stmt *statement);

/* Of several binds' codes the first that is a failure, else SQLITE_OK. */
#define SQLITE_FIRST_FAILURE(...) sqlite_first_failure((const int[]){ __VA_ARGS__, -1 })
int sqlite_first_failure(const int codes[]); /* -1 ends them */

int sqlite_bind_text(sqlite3_stmt *statement, int index, const char *text);
int sqlite_bind_id(sqlite3_stmt *statement, int index, const struct id *id);

/* Read a column; false: no memory, or it does not fit: sqlite_unreadable() tells which. */
bool sqlite_column_string(sqlite3_stmt *row, int column, char *out, size_t size);
bool sqlite_column_id(sqlite3_stmt *row, int column, struct id *out);

/* Every row is one that we wrote: what does not read as that is no memory, or our bug. Returns
 * false. */
bool sqlite_unreadable(sqlite3_stmt *row, struct error *err);

#endif
