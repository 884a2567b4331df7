/* What is UTF-8; log_test.c has more of what is none. */
#include "unit/support/tests.h"

#include "base/utf8.h"

static const struct text_case {
    const char *name, *text;
    size_t first; /* bytes of the first character */
    bool valid;
} text_cases[] = {
    { "text: none", "", 0, true },
    { "text: ASCII", "az", 1, true },
    { "text: controls", "\x01\x7F", 1, true },
    { "text: two bytes", "\xC3\xA4z", 2, true },
    { "text: three bytes", "\xE2\x82\xACz", 3, true },
    { "text: four bytes", "\xF0\x9F\x98\x80z", 4, true },
    { "text: Latin-1", "a\xE4z", 1, false },
    { "text: Latin-1 at the end", "a\xE4", 1, false },
    { "text: a continuation alone", "\x80", 0, false },
    { "text: cut in two", "\xC3", 0, false },
    { "text: cut in three", "\xE2\x82", 0, false },
    { "text: cut in four", "\xF0\x9F\x98", 0, false },
    { "text: an overlong slash", "\xC0\xAF", 0, false },
    { "text: a surrogate", "\xED\xA0\x80", 0, false },
    { "text: past the last", "\xF4\x90\x80\x80", 0, false },
};

static void a_text_is_judged(void **state)
{
    const struct text_case *c = *state;

    assert_int_equal(utf8_character(c->text), c->first);
    assert_int_equal(utf8_is_valid(c->text), c->valid);
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_ROWS(&tests, a_text_is_judged, text_cases);
    return tests_run("utf8", &tests);
}
