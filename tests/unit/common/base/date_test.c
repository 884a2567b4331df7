/* One moment, one text, both ways. */
#include "unit/support/tests.h"

#include <string.h>

#include "base/clock.h"
#include "base/date.h"

static const struct moment {
    const char *name;
    int64_t unix_ms;
    const char *text;
} moments[] = {
    { "the beginning", 0, "1970-01-01T00:00:00.000Z" },
    { "a millisecond", 1, "1970-01-01T00:00:00.001Z" },
    { "before a new year", 1767225599999, "2025-12-31T23:59:59.999Z" },
    { "a leap day", 1709164800000, "2024-02-29T00:00:00.000Z" },
    { "beyond 32 bits", 4294967296000, "2106-02-07T06:28:16.000Z" },
    { "the end", 253402300799999, "9999-12-31T23:59:59.999Z" },
};

static void a_moment_goes_both_ways(void **state)
{
    const struct moment *m = *state;
    int64_t unix_ms = -1;

    assert_string_equal(date_format(m->unix_ms).text, m->text);
    assert_true(date_parse(m->text, strlen(m->text), &unix_ms));
    assert_true(unix_ms == m->unix_ms);
}

static const struct refused {
    const char *name, *text;
} refused[] = {
    { "empty", "" },
    { "no milliseconds", "2026-01-31T23:59:59Z" },
    { "one digit less", "2026-01-31T23:59:59.12Z" },
    { "one digit more", "2026-01-31T23:59:59.1234Z" },
    { "lower-case t", "2026-01-31t23:59:59.123Z" },
    { "lower-case z", "2026-01-31T23:59:59.123z" },
    { "a blank for the T", "2026-01-31 23:59:59.123Z" },
    { "an offset", "2026-01-31T23:59:59+00:00" },
    { "31 February", "2026-02-31T00:00:00.000Z" },
    { "29 February, no leap year", "2025-02-29T00:00:00.000Z" },
    { "month 13", "2026-13-01T00:00:00.000Z" },
    { "month 0", "2026-00-01T00:00:00.000Z" },
    { "day 0", "2026-01-00T00:00:00.000Z" },
    { "hour 24", "2026-01-31T24:00:00.000Z" },
    { "minute 60", "2026-01-31T23:60:00.000Z" },
    { "a leap second", "2016-12-31T23:59:60.000Z" },
    { "letters", "abcd-ef-ghTij:kl:mn.opqZ" },
    { "a letter among digits", "2026-01-3aT00:00:00.000Z" },
    { "a sign", "+026-01-31T00:00:00.000Z" },
    { "before 1970", "1969-12-31T23:59:59.999Z" },
    { "bytes above 127", "\xFF\xFF\xFF\xFF-01-31T00:00:00.000Z" },
};

static void anything_else_is_refused(void **state)
{
    const struct refused *r = *state;
    int64_t unix_ms = -1;

    assert_false(date_parse(r->text, strlen(r->text), &unix_ms));
    assert_true(unix_ms == -1);
}

static const struct day {
    const char *name;
    int64_t unix_ms, start;
} days[] = {
    { "day one begins at 0", DAY_MS - 1, 0 },
    { "midnight is its own start", DAY_MS, DAY_MS },
    { "an evening", 1767225599999, 1767139200000 },
};

static void a_day_starts_at_midnight(void **state)
{
    const struct day *d = *state;
    assert_true(date_day_start(d->unix_ms) == d->start);
}

int main(void)
{
    struct tests tests = { 0 };
    ADD_ROWS(&tests, a_moment_goes_both_ways, moments);
    ADD_ROWS(&tests, anything_else_is_refused, refused);
    ADD_ROWS(&tests, a_day_starts_at_midnight, days);
    return tests_run("date", &tests);
}
