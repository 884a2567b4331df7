/* An error carries a code, a cause and words, and never needs memory. */
#include "unit/support/tests.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"

static void set_fills_and_is_false(void **state)
{
    (void)state;
    struct error err = { 0 };

    assert_false(error_set(&err, ERR_SYSTEM, ENOENT, "cannot open %s", "key"));
    assert_int_equal(err.code, ERR_SYSTEM);
    assert_int_equal(err.cause, ENOENT);
    assert_string_equal(err.detail, "cannot open key");
}

static void nobody_has_to_ask(void **state)
{
    (void)state;
    assert_false(error_set(NULL, ERR_BUG, 0, "unheard"));
}

static void long_words_are_cut(void **state)
{
    (void)state;
    struct error err = { 0 };
    char words[2 * sizeof err.detail];

    memset(words, 'x', sizeof words - 1);
    words[sizeof words - 1] = '\0';
    assert_false(error_set(&err, ERR_BUG, 0, "%s", words));
    assert_int_equal(strlen(err.detail), sizeof err.detail - 1);
}

static void each_code_has_its_own_name(void **state)
{
    (void)state;
    for (enum err a = ERR_NONE; a <= ERR_BUG; a++) {
        assert_non_null(error_name(a));
        for (enum err b = ERR_NONE; b < a; b++)
            assert_string_not_equal(error_name(a), error_name(b));
    }
    assert_string_equal(error_name(ERR_UNAVAILABLE), "unavailable");
}

int main(void)
{
    struct tests tests = { 0 };
    ADD_TEST(&tests, set_fills_and_is_false);
    ADD_TEST(&tests, nobody_has_to_ask);
    ADD_TEST(&tests, long_words_are_cut);
    ADD_TEST(&tests, each_code_has_its_own_name);
    return tests_run("error", &tests);
}
