/* Paths are judged as SQLite would, and nothing is left behind. */
#include "unit/support/tests.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "store/sqlite_path.h"
#include "unit/common/store/notes.h"

enum { HEAD_BYTES = 16 };

static const struct content_case {
    const char *name, *content;
    size_t length;
    const char *fault; /* how it begins; NULL: none */
} content_cases[] = {
    { "content: none", "", 0, NULL },
    { "content: a database's head", "SQLite format 3", HEAD_BYTES, NULL },
    { "content: a head that is cut", "SQLite format 3", HEAD_BYTES - 1, "this file is no SQLite" },
    { "content: an older head", "SQLite format 2", HEAD_BYTES, "this file is no SQLite" },
    { "content: one byte", "\n", 1, "this file is no SQLite" },
};

static void assert_fault(const char *path, const char *fault)
{
    const char *told = sqlite_path_fault(path);

    if (!fault)
        assert_null(told);
    else if (!told || strncmp(told, fault, strlen(fault)) != 0)
        fail_msg("%s: %s", path, told ? told : "nothing is wrong");
}

static void content_is_judged(void **state)
{
    const struct content_case *c = *state;
    char path[] = "/tmp/sqlite-path-XXXXXX";
    AUTO(fd) int fd = mkstemp(path);

    assert_int_equal(write(fd, c->content, c->length), (ssize_t)c->length);
    assert_fault(path, c->fault);
    unlink(path);
}

static const struct place_case {
    const char *name, *path, *fault;
} place_cases[] = {
    { "place: a folder", "/tmp", "this is a folder" },
    { "place: a device", "/dev/null", "this is a folder or a device" },
    { "place: below nothing", "/nowhere/a.db", "the folder of this file" },
    { "place: below a file", "/dev/null/a.db", "the folder of this file" },
    { "place: where root may all and nothing can be made", "/proc/a.db", "the folder of this" },
    { "place: where we are", "a.db", NULL },
};

static void places_are_judged(void **state)
{
    const struct place_case *c = *state;

    assert_fault(c->path, c->fault);
}

static void a_database_is_one(void **state)
{
    (void)state;
    struct notes notes = notes_new(1);
    struct sqlite_pool *pool = notes_open(&notes, 1);

    sqlite_pool_close(pool);
    assert_fault(notes.path, NULL);
    notes_remove(&notes);
}

static void nothing_is_left_behind(void **state)
{
    (void)state;
    char folder[] = "/tmp/sqlite-path-XXXXXX", path[64];

    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a.db", folder);
    assert_fault(path, NULL);
    assert_int_equal(rmdir(folder), 0); /* so it is empty */
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_ROWS(&tests, content_is_judged, content_cases);
    ADD_ROWS(&tests, places_are_judged, place_cases);
    ADD_TEST(&tests, a_database_is_one);
    ADD_TEST(&tests, nothing_is_left_behind);
    return tests_run("sqlite_path", &tests);
}
