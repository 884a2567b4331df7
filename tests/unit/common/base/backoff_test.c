/* Pauses between tries: growth, bounds, jitter. */
#include "unit/support/tests.h"

#include <string.h>

#include "base/backoff.h"

/* A generator that always gives `number`. */
struct fixed {
    struct random base;
    uint64_t number;
};

static void fixed_fill(const struct random *random, void *bytes, size_t count)
{
    memcpy(bytes, &((const struct fixed *)random)->number, count);
}

static const struct backoff_case {
    const char *name;
    uint32_t doublings;
    int64_t least, longest;
} cases[] = {
    { "the first", 0, 50, 100 },
    { "the second", 1, 100, 200 },
    { "the fourth", 3, 400, 800 },
    { "at the bound", 4, 500, 1000 },
    { "beyond any", UINT32_MAX, 500, 1000 },
};

static void a_pause_is_within_its_half(void **state)
{
    const struct backoff_case *c = *state;
    const struct fixed low = { { fixed_fill }, 0 };
    const struct fixed high = { { fixed_fill }, (uint64_t)(c->longest - c->least) };

    assert_int_equal(backoff_ms(&low.base, c->doublings, 100, 1000), c->least);
    assert_int_equal(backoff_ms(&high.base, c->doublings, 100, 1000), c->longest);
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_ROWS(&tests, a_pause_is_within_its_half, cases);
    return tests_run("backoff", &tests);
}
