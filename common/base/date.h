/* Dates as clients see them: RFC 3339 in UTC with milliseconds, 2026-01-31T23:59:59.123Z. */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DATE_LENGTH = 24 };

struct date_text {
    char text[DATE_LENGTH + 1];
};

/* `unix_ms`: milliseconds since 1970, years 1970 to 9999. */
struct date_text date_format(int64_t unix_ms);

/* Takes exactly what date_format() makes. False, and `unix_ms` untouched, otherwise. */
bool date_parse(const char *text, size_t length, int64_t *unix_ms);

/* 00:00 UTC of the day that holds `unix_ms`. */
int64_t date_day_start(int64_t unix_ms);

#endif
