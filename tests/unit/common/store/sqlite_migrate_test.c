/* Schema versions: forward step by step, back one version, one process at a time. */
#include "unit/common/store/notes.h"

#include <sys/wait.h>

static void fresh_file_gets_all_steps(void **state)
{
    (void)state;
    struct notes notes = notes_new(3);

    sqlite_pool_close(notes_open(&notes, 3));

    assert_int_equal(notes_ask(&notes, "SELECT version FROM schema_version"), 3);
    assert_int_equal(notes_ask(&notes, "SELECT oldest_reader FROM schema_version"), 2);
    assert_int_equal(notes_ask(&notes, "SELECT count(*) FROM moons"), 1);
    notes_remove(&notes);
}

static void each_version_adds_its_step_and_keeps_the_data(void **state)
{
    (void)state;
    struct notes notes = notes_new(1);
    struct error err = { 0 };

    for (size_t version = 1; version <= 3; version++) {
        struct sqlite_pool *pool = notes_open(&notes, version);
        assert_true(notes_add(pool, (int)version, 10, &err));
        assert_int_equal(notes_count(pool, &err), (int)version);
        sqlite_pool_close(pool);
        assert_int_equal(notes_ask(&notes, "SELECT version FROM schema_version"), (int)version);
    }
    assert_int_equal(notes_ask(&notes, "SELECT count(*) FROM stars"), 1);
    notes_remove(&notes);
}

static void opening_again_migrates_nothing(void **state)
{
    (void)state;
    struct notes notes = notes_new(2);

    sqlite_pool_close(notes_open(&notes, 2));
    struct sqlite_pool *pool = notes_open(&notes, 2);

    assert_int_equal(sqlite_flushes(pool), 0);
    sqlite_pool_close(pool);
    notes_remove(&notes);
}

static void older_program_runs_on_the_next_schema(void **state)
{
    (void)state;
    struct notes notes = notes_new(2);
    struct error err = { 0 };

    sqlite_pool_close(notes_open(&notes, 2));
    struct sqlite_pool *pool = notes_open(&notes, 1);

    assert_true(notes_add(pool, 1, 10, &err));
    sqlite_pool_close(pool);
    assert_int_equal(notes_ask(&notes, "SELECT version FROM schema_version"), 2);
    notes_remove(&notes);
}

static void schema_further_ahead_is_refused(void **state)
{
    (void)state;
    struct notes notes = notes_new(3);
    struct error err = { 0 };

    sqlite_pool_close(notes_open(&notes, 3));
    notes.options.migration_count = 1;

    assert_null(sqlite_pool_open(&notes.options, &err));
    assert_int_equal(err.code, ERR_CONFIG);
    assert_non_null(strstr(err.detail, "version"));
    notes_remove(&notes);
}

static void failed_step_leaves_the_schema_as_it_was(void **state)
{
    (void)state;
    static const struct sqlite_migration broken[] = {
        { "CREATE TABLE notes (id INTEGER PRIMARY KEY, text BLOB NOT NULL) STRICT;", 1 },
        { "CREATE TABLE stars (id INTEGER PRIMARY KEY); CREATE NONSENSE;", 1 },
    };
    struct notes notes = notes_new(1);
    struct error err = { 0 };

    sqlite_pool_close(notes_open(&notes, 1));
    notes.options.migrations = broken;
    notes.options.migration_count = 2;

    assert_null(sqlite_pool_open(&notes.options, &err));
    assert_int_equal(err.code, ERR_BUG);
    assert_int_equal(notes_ask(&notes, "SELECT version FROM schema_version"), 1);
    assert_int_equal(notes_ask(&notes, "SELECT count(*) FROM sqlite_schema WHERE name = 'stars'"),
                     0);
    notes_remove(&notes);
}

/* A child that waits for the start, opens, and says by its exit code whether it worked. */
static pid_t start_opener(struct notes *notes, const int start[2])
{
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    char byte;
    struct error err = { 0 };
    close(start[1]);
    ssize_t ended = read(start[0], &byte, 1); /* ends when the parent closes its end */
    notes->options.path = notes->path;
    struct sqlite_pool *pool = ended == 0 ? sqlite_pool_open(&notes->options, &err) : NULL;
    if (!pool)
        fprintf(stderr, "opener: %s\n", err.detail);
    sqlite_pool_close(pool);
    _exit(pool ? 0 : 1);
}

static void processes_that_migrate_at_once_do_it_once(void **state)
{
    (void)state;
    enum { PROCESSES = 4, ROUNDS = 10 };

    for (int round = 0; round < ROUNDS; round++) {
        struct notes notes = notes_new(3);
        pid_t pids[PROCESSES];
        int start[2];

        assert_int_equal(pipe(start), 0);
        for (int i = 0; i < PROCESSES; i++) {
            pids[i] = start_opener(&notes, start);
            assert_true(pids[i] > 0);
        }
        close(start[0]);
        close(start[1]);
        for (int i = 0; i < PROCESSES; i++) {
            int status = -1;
            assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
            assert_int_equal(status, 0);
        }
        assert_int_equal(notes_ask(&notes, "SELECT count(*) FROM moons"), 1);
        notes_remove(&notes);
    }
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_TEST(&tests, fresh_file_gets_all_steps);
    ADD_TEST(&tests, each_version_adds_its_step_and_keeps_the_data);
    ADD_TEST(&tests, opening_again_migrates_nothing);
    ADD_TEST(&tests, older_program_runs_on_the_next_schema);
    ADD_TEST(&tests, schema_further_ahead_is_refused);
    ADD_TEST(&tests, failed_step_leaves_the_schema_as_it_was);
    ADD_TEST(&tests, processes_that_migrate_at_once_do_it_once);
    return tests_run("sqlite_migrate", &tests);
}
