/* Bytes that grow; a failed allocation is remembered, and seen once at the end. */
#include "unit/support/tests.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/buffer.h"
#include "unit/support/oom.h"

static void appends_add_up(void **state)
{
    (void)state;
    AUTO(buffer) struct buffer buffer = { 0 };

    buffer_text(&buffer, "a");
    buffer_append(&buffer, "b\0c", 3);
    buffer_format(&buffer, "-%d-", 42);
    assert_int_equal(buffer.length, 8);
    assert_memory_equal(buffer.data, "ab\0c-42-", 9); /* with the NUL that ends it */
    assert_false(buffer.failed);
}

static void nothing_appended_is_a_text_too(void **state)
{
    (void)state;
    AUTO(buffer) struct buffer buffer = { 0 };

    assert_null(buffer.data);
    buffer_append(&buffer, NULL, 0);
    assert_int_equal(buffer.length, 0);
    assert_string_equal(buffer.data, "");
}

static void it_grows_across_many_capacities(void **state)
{
    (void)state;
    AUTO(buffer) struct buffer buffer = { 0 };

    for (int i = 0; i < 3000; i++)
        buffer_format(&buffer, "%04d", i);
    assert_int_equal(buffer.length, 12000);
    assert_true(buffer.capacity > buffer.length);
    assert_memory_equal(buffer.data + 11996, "2999", 5);
    assert_memory_equal(buffer.data, "0000", 4);
}

static void one_large_append_fits(void **state)
{
    (void)state;
    AUTO(buffer) struct buffer buffer = { 0 };
    char large[5000];

    memset(large, 'x', sizeof large);
    buffer_append(&buffer, large, sizeof large);
    assert_int_equal(buffer.length, sizeof large);
    assert_memory_equal(buffer.data, large, sizeof large);
}

static void cleared_it_keeps_its_memory(void **state)
{
    (void)state;
    AUTO(buffer) struct buffer buffer = { 0 };

    buffer_clear(&buffer);
    assert_null(buffer.data);
    buffer_text(&buffer, "old");
    buffer.failed = true;
    size_t capacity = buffer.capacity;
    buffer_clear(&buffer);
    assert_int_equal(buffer.length, 0);
    assert_string_equal(buffer.data, "");
    assert_int_equal(buffer.capacity, capacity);
    assert_false(buffer.failed);
}

static void stolen_bytes_are_the_callers(void **state)
{
    (void)state;
    AUTO(buffer) struct buffer buffer = { 0 };

    assert_null(buffer_steal(&buffer));
    buffer_text(&buffer, "mine");
    AUTO(memory) char *bytes = buffer_steal(&buffer);
    assert_string_equal(bytes, "mine");
    assert_null(buffer.data);
    assert_int_equal(buffer.length, 0);
    assert_int_equal(buffer.capacity, 0);
}

static void each_failed_growth_is_remembered(void **state)
{
    (void)state;

    for (unsigned n = 1;; n++) {
        AUTO(buffer) struct buffer buffer = { 0 };
        oom_fail_at(n);
        for (int i = 0; i < 200; i++)
            buffer_text(&buffer, "0123456789");
        buffer_format(&buffer, "%s", "end");
        bool failed = oom_stop();

        assert_int_equal(buffer.failed, failed);
        if (!failed) {
            assert_true(n > 3); /* 256, 512, 1024, 2048 */
            assert_int_equal(buffer.length, 2003);
            return;
        }
        assert_null(buffer_steal(&buffer));
        assert_true(buffer.length < buffer.capacity || buffer.length == 0); /* whole up to there */
    }
}

int main(void)
{
    struct tests tests = { 0 };
    ADD_TEST(&tests, appends_add_up);
    ADD_TEST(&tests, nothing_appended_is_a_text_too);
    ADD_TEST(&tests, it_grows_across_many_capacities);
    ADD_TEST(&tests, one_large_append_fits);
    ADD_TEST(&tests, cleared_it_keeps_its_memory);
    ADD_TEST(&tests, stolen_bytes_are_the_callers);
    ADD_TEST(&tests, each_failed_growth_is_remembered);
    return tests_run("buffer", &tests);
}
