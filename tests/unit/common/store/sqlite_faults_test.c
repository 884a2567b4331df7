/* The pool when the disk or the memory fails: what was acknowledged stays, what was refused is not
 * there, and all is well again without opening anew. */
#include "unit/common/store/notes.h"

#include <signal.h>
#include <sys/resource.h>

#include "unit/support/oom.h"
#include "unit/support/sqlite_memory.h"

enum { MIB = 1024 * 1024 };

/* Writes beyond that offset of any file fail (EFBIG); works for root too. 0: no limit. */
static void limit_files(rlim_t bytes)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes ? bytes : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* --- A full disk. --- */

static void full_disk_undoes_the_unit_and_nothing_commits_by_itself(void **state)
{
    (void)state;
    struct notes notes = notes_new(1);
    struct error err = { 0 };
    struct sqlite_pool *pool = notes_open(&notes, 1);

    assert_true(notes_add(pool, 1, 10, &err));
    struct sqlite_session *session = sqlite_begin(pool, &err);
    assert_non_null(session);
    assert_int_equal(sqlite3_exec(session->db, "PRAGMA max_page_count = 50", NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(notes_insert(session, 2, 10), SQLITE_OK);
    assert_int_equal(notes_insert(session, 3, MIB), SQLITE_FULL);
    assert_true(sqlite3_get_autocommit(session->db)); /* SQLite undid it: now on its own … */
    assert_int_equal(notes_insert(session, 4, 10), SQLITE_CONSTRAINT); /* … and held back */
    assert_false(sqlite_commit(pool, session, &err));
    assert_int_equal(err.code, ERR_UNAVAILABLE);
    assert_int_equal(notes_count(pool, &err), 1);

    session = sqlite_begin(pool, &err);
    assert_non_null(session);
    assert_int_equal(sqlite3_exec(session->db, "PRAGMA max_page_count = 100000", NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(notes_insert(session, 3, MIB), SQLITE_OK);
    assert_true(sqlite_commit(pool, session, &err));
    assert_int_equal(notes_count(pool, &err), 2);
    sqlite_pool_close(pool);
    notes_remove(&notes);
}

static void log_that_cannot_be_written_is_an_unknown_outcome_and_heals(void **state)
{
    (void)state;
    struct notes notes = notes_new(1);
    struct error err = { 0 };
    struct sqlite_pool *pool = notes_open(&notes, 1);

    assert_true(notes_add(pool, 1, 10, &err));
    limit_files(MIB);
    bool added = notes_add(pool, 2, 2 * MIB, &err);
    enum err code = err.code;
    int meanwhile = notes_count(pool, &err);
    limit_files(0);

    assert_false(added);
    assert_int_equal(code, ERR_UNKNOWN);
    assert_int_equal(meanwhile, 1); /* nobody sees it */
    assert_true(notes_add(pool, 3, 2 * MIB, &err));
    assert_int_equal(notes_count(pool, &err), 2);
    sqlite_pool_close(pool);
    assert_int_equal(notes_ask(&notes, "SELECT sum(id) FROM notes"), 1 + 3);
    notes_remove(&notes);
}

/* A file of 20 MiB of which the log may be copied into the first 18 only; the unit's own log, 17
 * MiB, is below the limit. */
static void failed_checkpoint_does_not_touch_the_commit_before_it(void **state)
{
    (void)state;
    enum { FILE_BYTES = 20 * MIB, LIMIT = 18 * MIB, LOG_PAGES = 4200, PAGE_TEXT = 4000 };
    struct notes notes = notes_new(1);
    struct error err = { 0 };
    struct sqlite_pool *pool = notes_open(&notes, 1);

    for (int i = 0; i < FILE_BYTES / MIB; i++)
        assert_true(notes_add(pool, i, MIB, &err));
    sqlite_pool_close(pool); /* empties the log */
    pool = notes_open(&notes, 1);

    limit_files(LIMIT);
    struct sqlite_session *session = sqlite_begin(pool, &err);
    assert_non_null(session);
    for (int i = 0; i < LOG_PAGES; i++)
        assert_int_equal(notes_insert(session, 1000 + i, PAGE_TEXT), SQLITE_OK);
    bool committed = sqlite_commit(pool, session, &err);
    session = sqlite_begin(pool, &err);
    assert_non_null(session);
    sqlite_rollback(pool, session);
    int copied =
        sqlite3_wal_checkpoint_v2(session->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    limit_files(0);

    assert_true(committed);
    assert_int_equal(copied, SQLITE_IOERR); /* so the one before it had failed as well */
    assert_int_equal(notes_count(pool, &err), FILE_BYTES / MIB + LOG_PAGES);
    assert_true(notes_add(pool, 1, MIB, &err));
    sqlite_pool_close(pool);
    notes_remove(&notes);
}

/* --- A file that goes away. --- */

static void moved_file_is_an_outage_until_it_is_back(void **state)
{
    (void)state;
    struct notes notes = notes_new(1);
    struct error err = { 0 };
    char away[80];
    struct sqlite_pool *pool = notes_open(&notes, 1);

    assert_true(notes_add(pool, 1, 10, &err));
    assert_int_equal(notes_count(pool, &err), 1);
    snprintf(away, sizeof away, "%s.away", notes.directory);
    assert_int_equal(rename(notes.directory, away), 0);
    for (int i = 0; i < 2; i++) {
        assert_false(notes_add(pool, 2, 10, &err));
        assert_int_equal(err.code, ERR_UNAVAILABLE);
        assert_int_equal(notes_count(pool, &err), -1);
        assert_int_equal(err.code, ERR_UNAVAILABLE);
    }

    assert_int_equal(rename(away, notes.directory), 0);
    assert_true(notes_add(pool, 3, 10, &err));
    assert_int_equal(notes_count(pool, &err), 2);
    sqlite_pool_close(pool);
    assert_int_equal(notes_ask(&notes, "SELECT sum(id) FROM notes"), 1 + 3);
    notes_remove(&notes);
}

static void deleted_file_never_becomes_an_empty_store(void **state)
{
    (void)state;
    struct notes notes = notes_new(1);
    struct error err = { 0 };
    struct sqlite_pool *pool = notes_open(&notes, 1);

    assert_true(notes_add(pool, 1, 10, &err));
    notes_unlink(&notes);
    assert_false(notes_add(pool, 2, 10, &err));
    assert_int_equal(err.code, ERR_UNAVAILABLE);
    assert_int_equal(access(notes.path, F_OK), -1);
    sqlite_pool_close(pool);
    notes_remove(&notes);
}

static void file_that_goes_away_in_a_unit_gives_no_promise(void **state)
{
    (void)state;
    struct notes notes = notes_new(1);
    struct error err = { 0 };
    struct sqlite_pool *pool = notes_open(&notes, 1);

    struct sqlite_session *session = sqlite_begin(pool, &err);
    assert_non_null(session);
    assert_int_equal(notes_insert(session, 1, 10), SQLITE_OK);
    notes_unlink(&notes);
    assert_false(sqlite_commit(pool, session, &err));
    assert_int_equal(err.code, ERR_UNKNOWN);
    sqlite_pool_close(pool);
    notes_remove(&notes);
}

/* --- No memory. --- */

static void assert_no_memory(const struct error *err)
{
    if (err->code != ERR_NO_MEMORY)
        fail_msg("%s: %s", error_name(err->code), err->detail);
}

static void opening_survives_any_failed_allocation(void **state)
{
    (void)state;
    struct notes notes = notes_new(2);
    unsigned refused = 0;

    notes.options.path = notes.path;
    for (unsigned n = 1;; n++) {
        struct error err = { 0 };
        oom_fail_at(n);
        struct sqlite_pool *pool = sqlite_pool_open(&notes.options, &err);
        bool failed = oom_stop();
        if (!pool) {
            assert_no_memory(&err);
            refused++;
        }
        sqlite_pool_close(pool);
        if (!failed)
            break;
    }
    assert_true(refused > 0);
    sqlite_pool_close(notes_open(&notes, 2));
    notes_remove(&notes);
}

/* One unit of two notes; what it says must be what is there. */
static bool add_two(struct sqlite_pool *pool, int id, struct error *err)
{
    struct sqlite_session *session = sqlite_begin(pool, err);

    if (!session)
        return false;
    for (int i = 0; i < 2; i++) {
        int code = notes_insert(session, id + i, 10000);
        if (code == SQLITE_OK)
            continue;
        sqlite_failed(session->db, code, "insert", err);
        sqlite_rollback(pool, session);
        return false;
    }
    return sqlite_commit(pool, session, err);
}

static void writing_survives_any_failed_allocation(void **state)
{
    (void)state;
    struct notes notes = notes_new(1);
    struct sqlite_pool *pool = notes_open(&notes, 1);
    struct error err = { 0 };
    int count = 0;
    unsigned refused = 0;

    for (unsigned n = 1;; n++) {
        oom_fail_at(n);
        bool added = add_two(pool, 2 * (int)n, &err);
        bool failed = oom_stop();
        if (!added && err.code != ERR_UNKNOWN)
            assert_no_memory(&err);
        refused += !added;
        count += added ? 2 : 0;
        assert_int_equal(notes_count(pool, &err), count);
        if (!failed)
            break;
        if (n % 4 == 0) { /* so that some begin with a cold cache */
            sqlite_pool_close(pool);
            pool = notes_open(&notes, 1);
            count = notes_count(pool, &err);
        }
    }
    assert_true(refused > 0);
    sqlite_pool_close(pool);
    notes_remove(&notes);
}

static void reading_survives_any_failed_allocation(void **state)
{
    (void)state;
    struct notes notes = notes_new(1);
    struct error err = { 0 };

    for (unsigned n = 1;; n++) {
        struct sqlite_pool *pool = notes_open(&notes, 1);
        oom_fail_at(n);
        int count = notes_count(pool, &err); /* opens a reader */
        bool failed = oom_stop();
        if (count < 0)
            assert_no_memory(&err);
        assert_int_equal(notes_count(pool, &err), 0); /* and the next try is good again */
        sqlite_pool_close(pool);
        if (!failed)
            break;
    }
    notes_remove(&notes);
}

int main(void)
{
    struct tests tests = { 0 };

    signal(SIGXFSZ, SIG_IGN);
    sqlite_memory_by_malloc();
    ADD_TEST(&tests, full_disk_undoes_the_unit_and_nothing_commits_by_itself);
    ADD_TEST(&tests, log_that_cannot_be_written_is_an_unknown_outcome_and_heals);
    ADD_TEST(&tests, failed_checkpoint_does_not_touch_the_commit_before_it);
    ADD_TEST(&tests, moved_file_is_an_outage_until_it_is_back);
    ADD_TEST(&tests, deleted_file_never_becomes_an_empty_store);
    ADD_TEST(&tests, file_that_goes_away_in_a_unit_gives_no_promise);
    ADD_TEST(&tests, opening_survives_any_failed_allocation);
    ADD_TEST(&tests, writing_survives_any_failed_allocation);
    ADD_TEST(&tests, reading_survives_any_failed_allocation);
    return tests_run("sqlite_faults", &tests);
}
