/* The opaque text that names where the next page begins. */
#include "unit/support/tests.h"

#include <string.h>

#include "http/cursor.h"

static struct order_cursor cursor_of(int64_t date, uint8_t byte)
{
    struct order_cursor cursor = { .date = date };
    memset(cursor.id.bytes, byte, sizeof cursor.id.bytes);
    return cursor;
}

static const struct text_case {
    const char *name, *text;
    bool valid;
    int64_t date;
    uint8_t byte;
} texts[] = {
    { "a date and an id", "000001a31bd6e27b0f0f0f0f0f0f0f0f0f0f0f0f", true, 0x1A31BD6E27B, 0x0F },
    { "the first moment", "0000000000000000000000000000000000000000", true, 0, 0 },
    { "the last moment", "7fffffffffffffffffffffffffffffffffffffff", true, INT64_MAX, 0xFF },
    { "a date beyond int64", "8000000000000000ffffffffffffffffffffffff", false, 0, 0 },
    { "upper case in the date", "000001A31bd6e27b0f0f0f0f0f0f0f0f0f0f0f0f", false, 0, 0 },
    { "upper case in the id", "000001a31bd6e27b0F0f0f0f0f0f0f0f0f0f0f0f", false, 0, 0 },
    { "no digit in the date", "-00001a31bd6e27b0f0f0f0f0f0f0f0f0f0f0f0f", false, 0, 0 },
    { "no digit in the id", "000001a31bd6e27b0f0f0f0f0f0f0f0f0f0f0f0g", false, 0, 0 },
    { "one less", "000001a31bd6e27b0f0f0f0f0f0f0f0f0f0f0f0", false, 0, 0 },
    { "one more", "000001a31bd6e27b0f0f0f0f0f0f0f0f0f0f0f0f0", false, 0, 0 },
    { "empty", "", false, 0, 0 },
};

static void a_text_is_parsed(void **state)
{
    const struct text_case *c = *state;
    struct order_cursor cursor = cursor_of(77, 0x5A);
    struct order_cursor expected = c->valid ? cursor_of(c->date, c->byte) : cursor;

    assert_int_equal(cursor_parse(c->text, strlen(c->text), &cursor), c->valid);
    assert_int_equal(cursor.date, expected.date); /* untouched on failure */
    assert_true(id_equal(&cursor.id, &expected.id));
    if (c->valid)
        assert_string_equal(cursor_format(&cursor).text, c->text);
}

static void a_nul_is_no_digit(void **state)
{
    (void)state;
    char text[CURSOR_LENGTH + 1] = "000001a31bd6e27b0f0f0f0f0f0f0f0f0f0f0f0f";
    struct order_cursor cursor;

    text[3] = '\0'; /* the end of the string of digits is found by strchr, too */
    assert_false(cursor_parse(text, CURSOR_LENGTH, &cursor));
}

int main(void)
{
    struct tests tests = { 0 };
    ADD_ROWS(&tests, a_text_is_parsed, texts);
    ADD_TEST(&tests, a_nul_is_no_digit);
    return tests_run("cursor", &tests);
}
