/* One SQLite connection from open to close: settings, migration, statements. Only sqlite.c includes
 * this; adapters see struct sqlite_session and the pool. */
#ifndef STORE_SQLITE_SESSION_H
#define STORE_SQLITE_SESSION_H

#include <stdbool.h>
#include <stdint.h>
#include "base/error.h"
#include "store/sqlite.h"

enum {
    /* How long one writer waits for another process's transaction. A commit takes milliseconds, a
     * checkpoint some tens; the same 3 s that a MongoDB write gets, far below a request's deadline.
     */
    SQLITE_BUSY_MS = 3000,
};

enum sqlite_session_kind {
    SQLITE_SESSION_MAKER,  /* writes, and makes the file when it is not there */
    SQLITE_SESSION_WRITER, /* writes; the file must be there */
    SQLITE_SESSION_READER, /* reads only; the file must be there */
};

struct sqlite_connection {
    struct sqlite_session session; /* session.db is NULL while it is closed */
    sqlite3_stmt *begin, *commit, *rollback;
    size_t statement_count;
    bool committing; /* sqlite_commit() is at work: nothing else may commit */
    int wal_pages;   /* frames in the log after the last commit that wrote; 0: it did not write */
};

/* Opens, sets up, migrates (not a reader), prepares. On false the connection is closed. */
bool sqlite_connection_open(struct sqlite_connection *connection,
                            const struct sqlite_options *options, enum sqlite_session_kind kind,
                            struct error *err) MUST_USE;
void sqlite_connection_close(struct sqlite_connection *connection);

/* Whether the file was moved, deleted or replaced since it was opened. */
bool sqlite_connection_lost_file(const struct sqlite_connection *connection);

/* Whether that result may come from the connection itself (its descriptors, its mapped log index)
 * and a new one may do better. */
bool sqlite_code_is_of_connection(int code);

/* Resets what an adapter left in the middle, so that no read transaction stays open. */
void sqlite_connection_reset(struct sqlite_connection *connection);

/* Brings the schema to the program's version; inside BEGIN IMMEDIATE … COMMIT of its own. */
bool sqlite_migrate(struct sqlite_connection *connection, const struct sqlite_options *options,
                    struct error *err) MUST_USE;

#endif
