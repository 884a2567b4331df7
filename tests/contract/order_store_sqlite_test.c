/* The contract of the order store on SQLite. */
#include "contract/order_store_suite.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"

static char directory[] = "/tmp/orders-XXXXXX";
static char path[sizeof directory + 16];

static void clear(void)
{
    static const char *const suffixes[] = { "", "-wal", "-shm" };

    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        char file[sizeof path + 8];
        snprintf(file, sizeof file, "%s%s", path, suffixes[i]);
        unlink(file);
    }
}

static struct order_store *open_store(struct error *err)
{
    return order_store_sqlite_open(path, &system_clock, err);
}

/* No write to any file of this process succeeds; it works for root too. */
static void limit_files(bool limited)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = limited ? 0 : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void make_unavailable(void)
{
    limit_files(true);
}

static void make_available(void)
{
    limit_files(false);
}

int main(void)
{
    static const struct order_store_fixture fixture = {
        .name = "order store on SQLite",
        .clear = clear,
        .open = open_store,
        .make_unavailable = make_unavailable,
        .make_available = make_available,
        .units_are_atomic = true,
        .opens_after_fork = true,
    };

    signal(SIGXFSZ, SIG_IGN);
    if (!mkdtemp(directory))
        return 1;
    snprintf(path, sizeof path, "%s/orders.db", directory);
    int failed = order_store_suite(&fixture);
    clear();
    rmdir(directory);
    return failed;
}
