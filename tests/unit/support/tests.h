/* cmocka, with what it wants included before it, and a list of tests in which each row of a table
 * is a test of its own:
 *
 *     int main(void)
 *     {
 *         struct tests tests = { 0 };
 *         ADD_ROWS(&tests, price_is_parsed, cases);     // rows have a `name`; *state is the row
 *         ADD_TEST(&tests, an_empty_list_is_empty);
 *         return tests_run("price", &tests);
 *     } */
#ifndef UNIT_SUPPORT_TESTS_H
#define UNIT_SUPPORT_TESTS_H

#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { TESTS_MAX = 512 };

struct tests {
    struct CMUnitTest list[TESTS_MAX];
    size_t count;
};

static inline void tests_add(struct tests *tests, const char *name, CMUnitTestFunction function,
                             const void *row)
{
    assert(tests->count < TESTS_MAX);
    tests->list[tests->count++] = (struct CMUnitTest){
        .name = name,
        .test_func = function,
        .initial_state = (void *)(uintptr_t)row, /* cmocka has no const state */
    };
}

#define ADD_TEST(tests, function) tests_add(tests, #function, function, NULL)
#define ADD_ROWS(tests, function, rows)                                                            \
    for (size_t row_ = 0; row_ < sizeof(rows) / sizeof *(rows); row_++)                            \
    tests_add(tests, (rows)[row_].name, function, &(rows)[row_])

static inline int tests_run(const char *name, const struct tests *tests)
{
    return _cmocka_run_group_tests(name, tests->list, tests->count, NULL, NULL);
}

#endif
