/* The pool: one writer, N readers, and what a commit's answer means.
 *
 * A connection is opened when it is first needed, and again after its file was moved away or its
 * last use failed in a way that a new one may heal: a store that comes back needs no restart. Only
 * the very first open may make the file; later a missing file is an outage, never an empty store.
 */
#include "store/sqlite.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "store/sqlite_session.h"

enum {
    /* Pages in the log after which a commit copies them into the file: 16 MiB. Measured with 1000,
     * 4000 and 16000: 13,600, 16,300 and 20,400 orders/s in batches of 64, and the longest commit,
     * which stands behind the copying, 14, 27 and 45 ms. */
    CHECKPOINT_PAGES = 4000,
    /* The log starts over only when no reader stands in it. After this many pages we wait for
     * them, so that it cannot grow for ever under a steady load of reads. */
    RESTART_PAGES = 3 * CHECKPOINT_PAGES,
    /* Only shortly: the other writers stand behind it. A reader takes some milliseconds. */
    RESTART_WAIT_MS = 100,
};

struct sqlite_pool {
    struct sqlite_options options;

    pthread_mutex_t writer_turn; /* held from begin to commit or rollback */
    struct sqlite_connection writer;

    pthread_mutex_t readers_lock; /* idle, idle_count */
    pthread_cond_t reader_free;
    struct sqlite_connection *readers; /* options.readers of them */
    struct sqlite_connection **idle;   /* a stack: the last used has the warmest cache */
    size_t idle_count;

    atomic_uint_fast64_t flushes;
};

/* --- The pool. --- */

static struct sqlite_pool *pool_new(const struct sqlite_options *options)
{
    struct sqlite_pool *pool = calloc(1, sizeof *pool);

    if (!pool)
        return NULL;
    pool->options = *options;
    pthread_mutex_init(&pool->writer_turn, NULL);
    pthread_mutex_init(&pool->readers_lock, NULL);
    pthread_cond_init(&pool->reader_free, NULL);
    pool->readers = calloc(options->readers + 1, sizeof *pool->readers);
    pool->idle = calloc(options->readers + 1, sizeof *pool->idle);
    if (!pool->readers || !pool->idle) {
        sqlite_pool_close(pool);
        return NULL;
    }
    for (; pool->idle_count < options->readers; pool->idle_count++)
        pool->idle[pool->idle_count] = &pool->readers[pool->idle_count];
    return pool;
}

/* At start a file that cannot be opened or is none of ours is a setting's fault, not an outage. */
static void blame_path(struct error *err)
{
    int primary = err->cause & 0xff;

    if (primary == SQLITE_CANTOPEN || primary == SQLITE_NOTADB || primary == SQLITE_CORRUPT)
        err->code = ERR_CONFIG;
}

struct sqlite_pool *sqlite_pool_open(const struct sqlite_options *options, struct error *err)
{
    AUTO(sqlite_pool) struct sqlite_pool *pool = pool_new(options);
    struct error fault = { 0 };

    if (!pool) {
        error_set(err, ERR_NO_MEMORY, 0, "%s", options->path);
        return NULL;
    }
    if (!sqlite_connection_open(&pool->writer, options, SQLITE_SESSION_MAKER, &fault)) {
        blame_path(&fault);
        if (err)
            *err = fault;
        return NULL;
    }
    return STEAL(pool);
}

void sqlite_pool_close(struct sqlite_pool *pool)
{
    if (!pool)
        return;
    if (pool->readers)
        for (size_t i = 0; i < pool->options.readers; i++)
            sqlite_connection_close(&pool->readers[i]);
    sqlite_connection_close(&pool->writer); /* last: it may write, so it can empty the log */
    free(pool->readers);
    free(pool->idle);
    pthread_cond_destroy(&pool->reader_free);
    pthread_mutex_destroy(&pool->readers_lock);
    pthread_mutex_destroy(&pool->writer_turn);
    free(pool);
}

uint64_t sqlite_flushes(const struct sqlite_pool *pool)
{
    return atomic_load(&pool->flushes);
}

/* --- Connections that heal. --- */

static bool ensure_open(struct sqlite_pool *pool, struct sqlite_connection *connection,
                        enum sqlite_session_kind kind, struct error *err)
{
    if (connection->session.db && sqlite_connection_lost_file(connection))
        sqlite_connection_close(connection);
    return connection->session.db || sqlite_connection_open(connection, &pool->options, kind, err);
}

/* After use: what failed for a reason of its own is opened anew next time. */
static void retire(struct sqlite_connection *connection, int code)
{
    if (sqlite_code_is_of_connection(code))
        sqlite_connection_close(connection);
}

/* --- Writing. --- */

static bool writer_begin(struct sqlite_pool *pool, struct error *err)
{
    struct sqlite_connection *writer = &pool->writer;

    if (!ensure_open(pool, writer, SQLITE_SESSION_WRITER, err))
        return false;
    int code = sqlite_run(writer->begin);
    if (sqlite_code_is_of_connection(code)) {
        sqlite_connection_close(writer);
        if (!ensure_open(pool, writer, SQLITE_SESSION_WRITER, err))
            return false;
        code = sqlite_run(writer->begin);
    }
    return code == SQLITE_OK || sqlite_failed(writer->session.db, code, "cannot begin", err);
}

struct sqlite_session *sqlite_begin(struct sqlite_pool *pool, struct error *err)
{
    pthread_mutex_lock(&pool->writer_turn);
    if (writer_begin(pool, err))
        return &pool->writer.session;
    pthread_mutex_unlock(&pool->writer_turn);
    return NULL;
}

static void undo(struct sqlite_connection *writer)
{
    int code = sqlite3_errcode(writer->session.db);

    sqlite_connection_reset(writer);
    if (!sqlite3_get_autocommit(writer->session.db))
        sqlite_run(writer->rollback);
    if (!sqlite3_get_autocommit(writer->session.db))
        sqlite_connection_close(writer); /* even that failed; closing always rolls back */
    else
        retire(writer, code);
}

/* What a failed COMMIT means. It appends the changed pages to the log, the last of them marked as
 * the commit, flushes the log, then publishes it in the shared index. Every other process, and we
 * ourselves after the rollback, go by that index: to all of them nothing was written, and the next
 * commit overwrites those frames. But whoever has to recover from the log alone, after a crash,
 * finds a complete, marked transaction and takes it.
 * - FULL: a write of a frame came up short, the marked one is the last: it is not complete there.
 * - BUSY, READONLY, …: refused before the first frame.
 * - IOERR: a write or the flush failed in a way that does not tell what reached the disk; NOMEM:
 *   the index could not grow after the frames were written. Both: unknown. */
static bool commit_failed(struct sqlite_connection *writer, int code, struct error *err)
{
    int primary = code & 0xff;

    sqlite_failed(writer->session.db, code, "cannot commit", err);
    if (err && (primary == SQLITE_IOERR || primary == SQLITE_NOMEM))
        err->code = ERR_UNKNOWN;
    undo(writer);
    return false;
}

/* Copies the log into the file. The commit before it stands whatever comes of this: a log that
 * could not be copied is only longer, and the next commit tries again. */
static void checkpoint(struct sqlite_connection *writer)
{
    sqlite3 *db = writer->session.db;

    if (writer->wal_pages < RESTART_PAGES) {
        sqlite3_wal_checkpoint_v2(db, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
        return;
    }
    sqlite3_busy_timeout(db, RESTART_WAIT_MS);
    sqlite3_wal_checkpoint_v2(db, "main", SQLITE_CHECKPOINT_RESTART, NULL, NULL);
    sqlite3_busy_timeout(db, SQLITE_BUSY_MS);
}

static bool writer_commit(struct sqlite_pool *pool, struct error *err)
{
    struct sqlite_connection *writer = &pool->writer;

    sqlite_connection_reset(writer);
    if (sqlite3_get_autocommit(writer->session.db)) {
        error_set(err, ERR_UNAVAILABLE, 0, "cannot commit: rolled back before");
        undo(writer);
        return false;
    }

    writer->wal_pages = 0;
    writer->committing = true;
    int code = sqlite_run(writer->commit);
    writer->committing = false;
    if (code != SQLITE_OK)
        return commit_failed(writer, code, err);
    if (writer->wal_pages == 0)
        return true;

    atomic_fetch_add(&pool->flushes, 1);
    if (sqlite_connection_lost_file(writer))
        return error_set(err, ERR_UNKNOWN, 0, "%s was moved away during a commit",
                         pool->options.path);
    if (writer->wal_pages >= CHECKPOINT_PAGES)
        checkpoint(writer);
    return true;
}

bool sqlite_commit(struct sqlite_pool *pool, struct sqlite_session *session, struct error *err)
{
    (void)session;
    bool committed = writer_commit(pool, err);
    pthread_mutex_unlock(&pool->writer_turn);
    return committed;
}

void sqlite_rollback(struct sqlite_pool *pool, struct sqlite_session *session)
{
    (void)session;
    undo(&pool->writer);
    pthread_mutex_unlock(&pool->writer_turn);
}

/* --- Reading. --- */

static struct sqlite_connection *take_reader(struct sqlite_pool *pool)
{
    LOCKED(&pool->readers_lock);
    while (pool->idle_count == 0)
        pthread_cond_wait(&pool->reader_free, &pool->readers_lock);
    return pool->idle[--pool->idle_count];
}

static void give_reader(struct sqlite_pool *pool, struct sqlite_connection *reader)
{
    LOCKED(&pool->readers_lock);
    pool->idle[pool->idle_count++] = reader;
    pthread_cond_signal(&pool->reader_free);
}

struct sqlite_session *sqlite_read_begin(struct sqlite_pool *pool, struct error *err)
{
    struct sqlite_connection *reader = take_reader(pool);

    if (ensure_open(pool, reader, SQLITE_SESSION_READER, err))
        return &reader->session;
    give_reader(pool, reader);
    return NULL;
}

void sqlite_read_end(struct sqlite_pool *pool, struct sqlite_session *session)
{
    struct sqlite_connection *reader = (struct sqlite_connection *)session; /* its first member */
    int code = sqlite3_errcode(session->db);

    sqlite_connection_reset(reader);
    retire(reader, code);
    give_reader(pool, reader);
}
