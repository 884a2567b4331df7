/* RFC 3339 dates in UTC with milliseconds. */
#include "base/date.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

static void put_digits(char *out, int count, int value)
{
    while (count-- > 0) {
        out[count] = (char)('0' + value % 10);
        value /= 10;
    }
}

struct date_text date_format(int64_t unix_ms)
{
    struct date_text date = { "0000-00-00T00:00:00.000Z" };
    time_t seconds = (time_t)(unix_ms / SECOND_MS);
    struct tm parts;

    gmtime_r(&seconds, &parts);
    put_digits(date.text, 4, parts.tm_year + 1900);
    put_digits(date.text + 5, 2, parts.tm_mon + 1);
    put_digits(date.text + 8, 2, parts.tm_mday);
    put_digits(date.text + 11, 2, parts.tm_hour);
    put_digits(date.text + 14, 2, parts.tm_min);
    put_digits(date.text + 17, 2, parts.tm_sec);
    put_digits(date.text + 20, 3, (int)(unix_ms % SECOND_MS));
    return date;
}

/* The number in `count` digits; a character that is none is caught when the date is made again. */
static int read_digits(const char *text, int count)
{
    int value = 0;
    for (int i = 0; i < count; i++)
        value = value * 10 + (text[i] - '0');
    return value;
}

bool date_parse(const char *text, size_t length, int64_t *unix_ms)
{
    if (length != DATE_LENGTH)
        return false;

    struct tm parts = {
        .tm_year = read_digits(text, 4) - 1900,
        .tm_mon = read_digits(text + 5, 2) - 1,
        .tm_mday = read_digits(text + 8, 2),
        .tm_hour = read_digits(text + 11, 2),
        .tm_min = read_digits(text + 14, 2),
        .tm_sec = read_digits(text + 17, 2),
    };
    if (parts.tm_year < 70 || parts.tm_year > 9999 - 1900)
        return false;

    int64_t value = (int64_t)timegm(&parts) * SECOND_MS + read_digits(text + 20, 3);
    if (value < 0)
        return false;

    /* Only the text that this moment itself makes: no 31 February, no lower-case t, no letters. */
    struct date_text again = date_format(value);
    if (memcmp(again.text, text, DATE_LENGTH) != 0)
        return false;

    *unix_ms = value;
    return true;
}

int64_t date_day_start(int64_t unix_ms)
{
    return unix_ms - unix_ms % DAY_MS;
}
