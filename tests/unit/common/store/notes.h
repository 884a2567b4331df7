/* A small schema in a directory of its own, for the tests of the SQLite pool. */
#ifndef UNIT_STORE_NOTES_H
#define UNIT_STORE_NOTES_H

#include "unit/support/tests.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/sqlite.h"

enum note_statement { ADD_NOTE, COUNT_NOTES, RESIZE_NOTES, NOTE_STATEMENTS };

static const char *const note_statements[NOTE_STATEMENTS] = {
    [ADD_NOTE] = "INSERT INTO notes (id, text) VALUES (?, zeroblob(?)) ON CONFLICT DO NOTHING",
    [COUNT_NOTES] = "SELECT count(*) FROM notes",
    [RESIZE_NOTES] = "UPDATE notes SET text = randomblob(length(text))",
};

/* Version 2 adds to what version 1 made; version 3 cannot be read by version 1. */
static const struct sqlite_migration note_migrations[] = {
    { "CREATE TABLE notes (id INTEGER PRIMARY KEY, text BLOB NOT NULL) STRICT;", 1 },
    { "CREATE TABLE stars (id INTEGER PRIMARY KEY); INSERT INTO stars VALUES (1);", 1 },
    { "CREATE TABLE moons (id INTEGER PRIMARY KEY); INSERT INTO moons VALUES (1);", 2 },
};

struct notes {
    char directory[64];
    char path[96];
    struct sqlite_options options;
};

/* A fresh directory, no file yet; the program is of that version. */
static inline struct notes notes_new(size_t version)
{
    struct notes notes = { .directory = "/tmp/notes-XXXXXX" };

    assert_non_null(mkdtemp(notes.directory));
    snprintf(notes.path, sizeof notes.path, "%s/notes.db", notes.directory);
    notes.options = (struct sqlite_options){
        .migrations = note_migrations,
        .migration_count = version,
        .statements = note_statements,
        .statement_count = NOTE_STATEMENTS,
        .readers = 2,
    };
    return notes;
}

static inline struct sqlite_pool *notes_open(struct notes *notes, size_t version)
{
    struct error err = { 0 };

    notes->options.path = notes->path;
    notes->options.migration_count = version;
    struct sqlite_pool *pool = sqlite_pool_open(&notes->options, &err);
    if (!pool)
        fail_msg("cannot open: %s", err.detail);
    return pool;
}

static inline void notes_unlink(const struct notes *notes)
{
    static const char *const suffixes[] = { "", "-wal", "-shm" };

    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s%s", notes->path, suffixes[i]);
        unlink(path);
    }
}

static inline void notes_remove(const struct notes *notes)
{
    notes_unlink(notes);
    assert_int_equal(rmdir(notes->directory), 0);
}

/* In a session: inserts; SQLITE_OK or the failure. */
static inline int notes_insert(struct sqlite_session *session, int id, int bytes)
{
    sqlite3_stmt *statement = session->statements[ADD_NOTE];

    sqlite3_bind_int(statement, 1, id);
    sqlite3_bind_int(statement, 2, bytes);
    return sqlite_run(statement);
}

/* A unit of one note. */
static inline bool notes_add(struct sqlite_pool *pool, int id, int bytes, struct error *err)
{
    struct sqlite_session *session = sqlite_begin(pool, err);

    if (!session)
        return false;
    int code = notes_insert(session, id, bytes);
    if (code == SQLITE_OK)
        return sqlite_commit(pool, session, err);
    sqlite_failed(session->db, code, "note", err);
    sqlite_rollback(pool, session);
    return false;
}

/* -1: cannot be read. */
static inline int notes_count(struct sqlite_pool *pool, struct error *err)
{
    struct sqlite_session *session = sqlite_read_begin(pool, err);
    int count = -1;

    if (!session)
        return -1;
    int code = sqlite3_step(session->statements[COUNT_NOTES]);
    if (code == SQLITE_ROW)
        count = sqlite3_column_int(session->statements[COUNT_NOTES], 0);
    else
        sqlite_failed(session->db, code, "count", err);
    sqlite_read_end(pool, session); /* which resets the statement */
    return count;
}

/* One number from another connection. */
static inline int notes_ask(const struct notes *notes, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;

    assert_int_equal(sqlite3_open(notes->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int number = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return number;
}

#endif
