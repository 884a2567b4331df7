/* The pool on a healthy disk: transactions, durability settings, readers, errors by code. */
#include "unit/common/store/notes.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"

static void committed_stays_and_rolled_back_does_not(void **state)
{
    (void)state;
    struct notes notes = notes_new(1);
    struct error err = { 0 };
    struct sqlite_pool *pool = notes_open(&notes, 1);

    assert_true(notes_add(pool, 1, 10, &err));
    struct sqlite_session *session = sqlite_begin(pool, &err);
    assert_non_null(session);
    assert_int_equal(notes_insert(session, 2, 10), SQLITE_OK);
    sqlite_rollback(pool, session);

    assert_int_equal(notes_count(pool, &err), 1);
    sqlite_pool_close(pool);
    assert_int_equal(notes_ask(&notes, "SELECT max(id) FROM notes"), 1);
    notes_remove(&notes);
}

static void only_commits_that_wrote_are_flushes(void **state)
{
    (void)state;
    struct notes notes = notes_new(1);
    struct error err = { 0 };
    struct sqlite_pool *pool = notes_open(&notes, 1);

    assert_true(notes_add(pool, 1, 10, &err));
    assert_int_equal(sqlite_flushes(pool), 1);

    assert_true(notes_add(pool, 1, 10, &err)); /* a duplicate changes nothing */
    struct sqlite_session *session = sqlite_begin(pool, &err);
    assert_non_null(session);
    assert_true(sqlite_commit(pool, session, &err));
    assert_int_equal(sqlite_flushes(pool), 1);

    sqlite_pool_close(pool);
    notes_remove(&notes);
}

static int ask_session(struct sqlite_session *session, const char *sql)
{
    sqlite3_stmt *statement = NULL;

    assert_int_equal(sqlite3_prepare_v2(session->db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int number = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return number;
}

static void commits_are_flushed_to_disk(void **state)
{
    (void)state;
    struct notes notes = notes_new(1);
    struct error err = { 0 };
    struct sqlite_pool *pool = notes_open(&notes, 1);

    struct sqlite_session *session = sqlite_begin(pool, &err);
    assert_non_null(session);
    assert_int_equal(ask_session(session, "PRAGMA synchronous"), 2); /* FULL */
    assert_int_equal(ask_session(session, "SELECT journal_mode = 'wal' FROM pragma_journal_mode"),
                     1);
    sqlite_rollback(pool, session);

    sqlite_pool_close(pool);
    notes_remove(&notes);
}

static void readers_cannot_write(void **state)
{
    (void)state;
    struct notes notes = notes_new(1);
    struct error err = { 0 };
    struct sqlite_pool *pool = notes_open(&notes, 1);

    struct sqlite_session *session = sqlite_read_begin(pool, &err);
    assert_non_null(session);
    assert_int_equal(notes_insert(session, 1, 10), SQLITE_READONLY);
    sqlite_read_end(pool, session);

    assert_int_equal(notes_count(pool, &err), 0);
    sqlite_pool_close(pool);
    notes_remove(&notes);
}

static void forgotten_reader_statement_holds_no_snapshot(void **state)
{
    (void)state;
    struct notes notes = notes_new(1);
    struct error err = { 0 };
    notes.options.readers = 1;
    struct sqlite_pool *pool = notes_open(&notes, 1);

    assert_int_equal(notes_count(pool, &err), 0); /* ends in the middle of its statement */
    assert_true(notes_add(pool, 1, 10, &err));
    assert_int_equal(notes_count(pool, &err), 1);

    sqlite_pool_close(pool);
    notes_remove(&notes);
}

enum { LOG_UNITS = 120, LOG_UNIT_BYTES = 1024 * 1024, LOG_READERS = 3, READ_MS = 4 };

static off_t log_bytes(const struct notes *notes)
{
    char log[128];
    struct stat file;

    snprintf(log, sizeof log, "%s-wal", notes->path);
    assert_int_equal(stat(log, &file), 0);
    return file.st_size;
}

static void log_starts_over_when_it_was_copied(void **state)
{
    (void)state;
    struct notes notes = notes_new(1);
    struct error err = { 0 };
    struct sqlite_pool *pool = notes_open(&notes, 1);

    for (int i = 0; i < LOG_UNITS; i++)
        assert_true(notes_add(pool, i, LOG_UNIT_BYTES, &err));

    assert_true(log_bytes(&notes) < LOG_UNITS * LOG_UNIT_BYTES / 4);
    sqlite_pool_close(pool);
    notes_remove(&notes);
}

struct log_reader {
    struct sqlite_pool *pool;
    atomic_bool *stop;
    bool failed;
};

/* Stands in the log for a while, again and again. */
static void *stand_in_log(void *context)
{
    struct log_reader *reader = context;
    const struct timespec while_it_reads = { .tv_nsec = READ_MS * 1000000L };
    struct error err = { 0 };

    while (!*reader->stop && !reader->failed) {
        struct sqlite_session *session = sqlite_read_begin(reader->pool, &err);
        reader->failed = !session || sqlite3_step(session->statements[COUNT_NOTES]) != SQLITE_ROW;
        nanosleep(&while_it_reads, NULL);
        if (session)
            sqlite_read_end(reader->pool, session);
    }
    return NULL;
}

/* Three readers overlap, so there is hardly a moment at which none stands in it. */
static void log_starts_over_under_a_steady_load_of_reads(void **state)
{
    (void)state;
    struct notes notes = notes_new(1);
    struct error err = { 0 };
    struct log_reader readers[LOG_READERS];
    pthread_t threads[LOG_READERS];
    atomic_bool stop = false;
    bool added = true;

    notes.options.readers = LOG_READERS;
    struct sqlite_pool *pool = notes_open(&notes, 1);
    for (int i = 0; i < LOG_READERS; i++) {
        readers[i] = (struct log_reader){ pool, &stop, false };
        assert_int_equal(pthread_create(&threads[i], NULL, stand_in_log, &readers[i]), 0);
    }
    for (int i = 0; added && i < LOG_UNITS; i++)
        added = notes_add(pool, i, LOG_UNIT_BYTES, &err);
    stop = true;
    for (int i = 0; i < LOG_READERS; i++)
        pthread_join(threads[i], NULL);

    assert_true(added);
    for (int i = 0; i < LOG_READERS; i++)
        assert_false(readers[i].failed);
    assert_true(log_bytes(&notes) < LOG_UNITS * LOG_UNIT_BYTES / 3 * 2);
    sqlite_pool_close(pool);
    notes_remove(&notes);
}

static void another_writer_is_waited_for_but_not_for_ever(void **state)
{
    (void)state;
    enum { LONGEST_MS = 10 * SECOND_MS };
    struct notes notes = notes_new(1);
    struct error err = { 0 };
    struct sqlite_pool *pool = notes_open(&notes, 1);
    sqlite3 *other = NULL;

    assert_int_equal(sqlite3_open(notes.path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    int64_t began = clock_monotonic_ms(&system_clock);
    assert_false(notes_add(pool, 1, 10, &err));
    assert_true(clock_monotonic_ms(&system_clock) - began < LONGEST_MS);
    assert_int_equal(err.code, ERR_UNAVAILABLE);
    assert_int_equal(err.cause, SQLITE_BUSY);
    assert_int_equal(notes_count(pool, &err), 0); /* readers do not wait for a writer */

    assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    assert_true(notes_add(pool, 1, 10, &err));
    sqlite3_close(other);
    sqlite_pool_close(pool);
    notes_remove(&notes);
}

/* --- Threads. --- */

enum { THREADS = 8, UNITS_EACH = 25 };

struct crowd {
    struct sqlite_pool *pool;
    atomic_int next_id;
    atomic_int failures;
};

static void *write_and_read(void *context)
{
    struct crowd *crowd = context;
    struct error err = { 0 };

    for (int i = 0; i < UNITS_EACH; i++) {
        int id = atomic_fetch_add(&crowd->next_id, 1);
        if (!notes_add(crowd->pool, id, 10, &err) || notes_count(crowd->pool, &err) < 1)
            atomic_fetch_add(&crowd->failures, 1);
    }
    return NULL;
}

static void any_thread_may_use_it(void **state)
{
    (void)state;
    struct notes notes = notes_new(1);
    struct error err = { 0 };
    struct crowd crowd = { .pool = notes_open(&notes, 1) };
    pthread_t threads[THREADS];

    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_and_read, &crowd), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);

    assert_int_equal(crowd.failures, 0);
    assert_int_equal(notes_count(crowd.pool, &err), THREADS * UNITS_EACH);
    sqlite_pool_close(crowd.pool);
    notes_remove(&notes);
}

/* --- Errors. --- */

static const struct code_case {
    const char *name;
    int code;
    enum err expected;
} code_cases[] = {
    { "locked by another", SQLITE_BUSY, ERR_UNAVAILABLE },
    { "locked while it recovers", SQLITE_BUSY_RECOVERY, ERR_UNAVAILABLE },
    { "disk full", SQLITE_FULL, ERR_UNAVAILABLE },
    { "read-only", SQLITE_READONLY, ERR_UNAVAILABLE },
    { "file moved", SQLITE_READONLY_DBMOVED, ERR_UNAVAILABLE },
    { "disk error", SQLITE_IOERR, ERR_UNAVAILABLE },
    { "write error", SQLITE_IOERR_WRITE, ERR_UNAVAILABLE },
    { "cannot open", SQLITE_CANTOPEN, ERR_UNAVAILABLE },
    { "lock protocol", SQLITE_PROTOCOL, ERR_UNAVAILABLE },
    { "no permission", SQLITE_PERM, ERR_UNAVAILABLE },
    { "corrupt", SQLITE_CORRUPT, ERR_UNAVAILABLE },
    { "no database", SQLITE_NOTADB, ERR_UNAVAILABLE },
    { "schema changes on and on", SQLITE_SCHEMA, ERR_UNAVAILABLE },
    { "no memory", SQLITE_NOMEM, ERR_NO_MEMORY },
    { "no memory in the system's layer", SQLITE_IOERR_NOMEM, ERR_NO_MEMORY },
    { "misuse", SQLITE_MISUSE, ERR_BUG },
    { "wrong SQL", SQLITE_ERROR, ERR_BUG },
    { "a constraint nobody expected", SQLITE_CONSTRAINT_NOTNULL, ERR_BUG },
    { "too big", SQLITE_TOOBIG, ERR_BUG },
};

static void code_is_mapped(void **state)
{
    const struct code_case *c = *state;
    struct error err = { 0 };

    assert_false(sqlite_failed(NULL, c->code, "doing it", &err));
    assert_int_equal(err.code, c->expected);
    assert_int_equal(err.cause, c->code);
    assert_ptr_equal(strstr(err.detail, "doing it: "), err.detail);
}

static void failure_of_a_connection_brings_its_extended_code(void **state)
{
    (void)state;
    sqlite3 *db = NULL;
    struct error err = { 0 };

    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    int code = sqlite3_exec(db, "CREATE TABLE t (a NOT NULL); INSERT INTO t VALUES (NULL)", NULL,
                            NULL, NULL);
    assert_false(sqlite_failed(db, code, "insert", &err));
    assert_int_equal(err.cause, SQLITE_CONSTRAINT_NOTNULL);
    assert_non_null(strstr(err.detail, "t.a"));

    /* The connection has meanwhile succeeded at something else. */
    assert_int_equal(sqlite3_exec(db, "SELECT 1", NULL, NULL, NULL), SQLITE_OK);
    assert_false(sqlite_failed(db, SQLITE_FULL, "insert", &err));
    assert_int_equal(err.cause, SQLITE_FULL);
    sqlite3_close(db);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void path_that_holds_no_store_is_a_wrong_setting(void **state)
{
    (void)state;
    struct notes notes = notes_new(1);
    char missing[128];
    struct error err = { 0 };

    snprintf(missing, sizeof missing, "%s/missing/notes.db", notes.directory);
    notes.options.path = missing;
    assert_null(sqlite_pool_open(&notes.options, &err));
    assert_int_equal(err.code, ERR_CONFIG);
    assert_non_null(strstr(err.detail, missing));

    err = (struct error){ 0 };
    notes.options.path = notes.directory;
    assert_null(sqlite_pool_open(&notes.options, &err));
    assert_int_equal(err.code, ERR_CONFIG);

    err = (struct error){ 0 };
    write_file(notes.path, "This is a text that is long enough to be taken for a database file, "
                           "if only it began as one; it does not.");
    notes.options.path = notes.path;
    assert_null(sqlite_pool_open(&notes.options, &err));
    assert_int_equal(err.code, ERR_CONFIG);
    assert_null(sqlite_pool_open(&notes.options, NULL));
    notes_remove(&notes);
}

static void ids_go_in_and_out(void **state)
{
    (void)state;
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    const struct id id = { { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255 } };
    struct id out = { { 0 } };

    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(db, "SELECT ?, NULL, x'0102', 'text'", -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite_bind_id(statement, 1, &id), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    for (int column = 1; column <= 3; column++)
        assert_false(sqlite_column_id(statement, column, &out));
    assert_int_equal(out.bytes[1], 0); /* untouched */
    assert_true(sqlite_column_id(statement, 0, &out));
    assert_true(id_equal(&out, &id));
    sqlite3_finalize(statement);
    sqlite3_close(db);
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_TEST(&tests, committed_stays_and_rolled_back_does_not);
    ADD_TEST(&tests, only_commits_that_wrote_are_flushes);
    ADD_TEST(&tests, commits_are_flushed_to_disk);
    ADD_TEST(&tests, readers_cannot_write);
    ADD_TEST(&tests, forgotten_reader_statement_holds_no_snapshot);
    ADD_TEST(&tests, log_starts_over_when_it_was_copied);
    ADD_TEST(&tests, log_starts_over_under_a_steady_load_of_reads);
    ADD_TEST(&tests, another_writer_is_waited_for_but_not_for_ever);
    ADD_TEST(&tests, any_thread_may_use_it);
    ADD_ROWS(&tests, code_is_mapped, code_cases);
    ADD_TEST(&tests, failure_of_a_connection_brings_its_extended_code);
    ADD_TEST(&tests, path_that_holds_no_store_is_a_wrong_setting);
    ADD_TEST(&tests, ids_go_in_and_out);
    return tests_run("sqlite", &tests);
}
