/* The contract of the user store on SQLite. */
#include "contract/user_store_suite.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

static char root[] = "/tmp/users-XXXXXX";
static char directory[sizeof root + 8], moved[sizeof root + 8], path[sizeof root + 24];

static void clear(void)
{
    static const char *const suffixes[] = { "", "-wal", "-shm" };

    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        char file[sizeof path + 8];
        snprintf(file, sizeof file, "%s%s", path, suffixes[i]);
        unlink(file);
    }
}

static struct user_store *open_store(struct error *err)
{
    return user_store_sqlite_open(path, &system_clock, err);
}

/* No write to any file of this process succeeds; it works for root too. */
static void limit_files(bool limited)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = limited ? 0 : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void make_unwritable(void)
{
    limit_files(true);
}

static void make_writable(void)
{
    limit_files(false);
}

/* The whole directory goes away, as an unmounted volume's does. */
static void make_unreachable(void)
{
    assert_int_equal(rename(directory, moved), 0);
}

static void make_reachable(void)
{
    assert_int_equal(rename(moved, directory), 0);
}

int main(void)
{
    static const struct user_store_fixture fixture = {
        .name = "user store on SQLite",
        .clear = clear,
        .open = open_store,
        .make_unwritable = make_unwritable,
        .make_writable = make_writable,
        .make_unreachable = make_unreachable,
        .make_reachable = make_reachable,
    };

    signal(SIGXFSZ, SIG_IGN);
    assert(mkdtemp(root));
    snprintf(directory, sizeof directory, "%s/data", root);
    snprintf(moved, sizeof moved, "%s/moved", root);
    snprintf(path, sizeof path, "%s/users.db", directory);
    assert(mkdir(directory, 0700) == 0);
    int failed = user_store_suite(&fixture);
    clear();
    rmdir(directory);
    rmdir(root);
    return failed;
}
