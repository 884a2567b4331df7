/* 12 bytes, 24 lower-case hex digits. */
#include "unit/support/tests.h"

#include <string.h>

#include "base/id.h"

static void counting_fill(const struct random *random, void *bytes, size_t count)
{
    (void)random;
    for (size_t i = 0; i < count; i++)
        ((unsigned char *)bytes)[i] = (unsigned char)(0xF8 + i);
}

static const struct random counting_random = { counting_fill };

static void random_bytes_become_its_text(void **state)
{
    (void)state;
    struct id id = id_random(&counting_random);
    assert_string_equal(id_format(&id).hex, "f8f9fafbfcfdfeff00010203");
}

static void the_system_makes_different_ones(void **state)
{
    (void)state;
    struct id a = id_random(&system_random), b = id_random(&system_random);
    assert_false(id_equal(&a, &b));
}

static const struct text_case {
    const char *name, *text;
    bool valid;
} texts[] = {
    { "all digits", "0123456789abcdef01234567", true },
    { "lowest", "000000000000000000000000", true },
    { "highest", "ffffffffffffffffffffffff", true },
    { "upper case", "0123456789ABCDEF01234567", false },
    { "one less", "0123456789abcdef0123456", false },
    { "one more", "0123456789abcdef012345678", false },
    { "empty", "", false },
    { "just past f", "0123456789abcdeg01234567", false },
    { "just before 0", "/123456789abcdef01234567", false },
    { "just past 9", ":123456789abcdef01234567", false },
    { "just before a", "`123456789abcdef01234567", false },
    { "a blank in a low digit", "0 23456789abcdef01234567", false },
};

static void text_is_parsed(void **state)
{
    const struct text_case *c = *state;
    struct id id, before;

    memset(&id, 0x5A, sizeof id);
    before = id;
    assert_int_equal(id_parse(c->text, strlen(c->text), &id), c->valid);
    if (c->valid)
        assert_string_equal(id_format(&id).hex, c->text);
    else
        assert_true(id_equal(&id, &before));
}

static void ids_have_an_order(void **state)
{
    (void)state;
    struct id low = { { 0 } }, high = { { 0 } };

    high.bytes[ID_BYTES - 1] = 0x80; /* the last byte counts, and counts unsigned */
    assert_true(id_compare(&low, &high) < 0);
    assert_true(id_compare(&high, &low) > 0);
    assert_int_equal(id_compare(&low, &low), 0);
    assert_true(id_equal(&low, &low));
    assert_false(id_equal(&low, &high));
}

static void a_number_stays_below_its_bound(void **state)
{
    (void)state;
    for (uint32_t bound = 1; bound < 100; bound++)
        assert_true(random_below(&system_random, bound) < bound);
    /* little-endian 0xfffefdfcfbfaf9f8 % 1000 */
    assert_int_equal(random_below(&counting_random, 1000),
                     (uint32_t)(UINT64_C(0xFFFEFDFCFBFAF9F8) % 1000));
}

int main(void)
{
    struct tests tests = { 0 };
    ADD_TEST(&tests, random_bytes_become_its_text);
    ADD_TEST(&tests, the_system_makes_different_ones);
    ADD_ROWS(&tests, text_is_parsed, texts);
    ADD_TEST(&tests, ids_have_an_order);
    ADD_TEST(&tests, a_number_stays_below_its_bound);
    return tests_run("id", &tests);
}
