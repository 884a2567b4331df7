/* Trees to bytes: the shortest number, the order kept, no memory told. */
#include "unit/support/tests.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "json/encode.h"
#include "unit/support/oom.h"

static const struct hundredths_case {
    const char *name;
    int64_t hundredths;
    const char *text;
} hundredths[] = {
    { "nothing", 0, "0" },
    { "the least", 1, "0.01" },
    { "a tenth", 10, "0.1" },
    { "one below a whole", 99, "0.99" },
    { "a whole", 100, "1" },
    { "half", 150, "1.5" },
    { "a whole price", 40000, "400" },
    { "a price", 39999, "399.99" },
    { "no double has it exactly", 115, "1.15" },
    { "below zero", -39999, "-399.99" },
    { "seven digits before the point", 123456789, "1234567.89" },
    { "one below the largest", 99999999999999, "999999999999.99" },
    { "the largest", 100000000000000, "1000000000000" },
};

static void hundredths_are_the_shortest_number(void **state)
{
    const struct hundredths_case *c = *state;
    AUTO(buffer) struct buffer out = { 0 };

    json_write(&out, json_hundredths(c->hundredths));
    assert_false(out.failed);
    assert_string_equal(out.data, c->text);
}

static json_t *sample(void)
{
    return json_pack("{s:s, s:[i, b, n], s:{s:s}}", "z", "\xC3\xA4/\"\\\n", "a", 1, 1, "m", "b",
                     "");
}

static void members_keep_their_order(void **state)
{
    (void)state;
    AUTO(buffer) struct buffer out = { 0 };

    buffer_text(&out, "before ");
    json_write(&out, sample());
    assert_string_equal(out.data, "before {\"z\":\"\xC3\xA4/\\\"\\\\\\n\",\"a\":[1,true,null],"
                                  "\"m\":{\"b\":\"\"}}");
}

static void a_missing_tree_is_no_memory(void **state)
{
    (void)state;
    AUTO(buffer) struct buffer out = { 0 };

    json_write(&out, NULL);
    assert_true(out.failed);
}

static void the_callers_reference_is_taken(void **state)
{
    (void)state;
    AUTO(buffer) struct buffer out = { 0 };
    json_t *tree = sample();

    json_write(&out, json_incref(tree));
    assert_int_equal(tree->refcount, 1);
    json_decref(tree);
}

static void each_failed_allocation_is_told(void **state)
{
    (void)state;
    AUTO(buffer) struct buffer whole = { 0 };
    json_write(&whole, sample());

    for (unsigned n = 1;; n++) {
        AUTO(buffer) struct buffer out = { 0 };

        oom_fail_at(n);
        json_write(&out, sample());
        if (!oom_stop()) {
            assert_false(out.failed);
            assert_string_equal(out.data, whole.data);
            assert_true(n > 10);
            break;
        }
        assert_true(out.failed);
    }
}

static void a_number_without_memory_is_null(void **state)
{
    (void)state;
    for (int64_t value = 99; value <= 100; value++) {
        oom_fail_at(1);
        json_t *number = json_hundredths(value);
        assert_true(oom_stop());
        assert_null(number);
    }
}

int main(void)
{
    struct tests tests = { 0 };

    json_set_alloc_funcs(malloc, free);
    ADD_ROWS(&tests, hundredths_are_the_shortest_number, hundredths);
    ADD_TEST(&tests, members_keep_their_order);
    ADD_TEST(&tests, a_missing_tree_is_no_memory);
    ADD_TEST(&tests, the_callers_reference_is_taken);
    ADD_TEST(&tests, each_failed_allocation_is_told);
    ADD_TEST(&tests, a_number_without_memory_is_null);
    return tests_run("json/encode", &tests);
}
