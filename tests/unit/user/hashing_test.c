/* How many hashes fit. */
#include "unit/support/tests.h"

#include <unistd.h>

#include "hashing.h"
#include "memory_limit.h"

#define MIB (UINT64_C(1) << 20)

enum { CORES = 0, HASH_KIB = 19456 };

static const struct hashing_case {
    const char *name;
    struct hashing hashing;
    size_t threads; /* CORES: as many as there are */
} hashing_cases[] = {
    { "hashing: no limit", { HASH_KIB, 0, 0, MEMORY_UNLIMITED }, CORES },
    { "hashing: as many as wanted", { HASH_KIB, 7, 0, MEMORY_UNLIMITED }, 7 },
    { "hashing: as many as fit beside the service", { HASH_KIB, 7, 0, 128 * MIB }, 3 },
    { "hashing: room for more than wanted", { HASH_KIB, 2, 0, 128 * MIB }, 2 },
    { "hashing: just one", { HASH_KIB, 7, 0, 83 * MIB }, 1 },
    { "hashing: a byte less than one", { HASH_KIB, 7, 0, 83 * MIB - 1 }, 0 },
    { "hashing: less than the service", { HASH_KIB, 7, 0, 32 * MIB }, 0 },
    { "hashing: as many as the setting allows", { HASH_KIB, 7, 57, MEMORY_UNLIMITED }, 3 },
    { "hashing: the setting knows better", { HASH_KIB, 7, 57, 32 * MIB }, 3 },
    { "hashing: a setting for less than one", { HASH_KIB, 7, 18, MEMORY_UNLIMITED }, 0 },
};

static void so_many_at_one_time(void **state)
{
    const struct hashing_case *c = *state;
    const size_t threads = hashing_threads(&c->hashing);

    if (c->hashing.threads == 0)
        assert_int_equal(threads, sysconf(_SC_NPROCESSORS_ONLN));
    else
        assert_int_equal(threads, c->threads);
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_ROWS(&tests, so_many_at_one_time, hashing_cases);
    return tests_run("hashing", &tests);
}
