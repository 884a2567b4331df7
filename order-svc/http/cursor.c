/* A cursor is the last row's date, 16 hex digits, and its id. */
#include "http/cursor.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { DATE_HEX = 16 };

struct cursor_text cursor_format(const struct order_cursor *cursor)
{
    struct cursor_text out;
    struct id_text id = id_format(&cursor->id);
    snprintf(out.text, sizeof out.text, "%0*" PRIx64 "%s", DATE_HEX, (uint64_t)cursor->date,
             id.hex);
    return out;
}

static bool parse_date(const char *text, int64_t *date)
{
    uint64_t value = 0;

    for (size_t i = 0; i < DATE_HEX; i++) {
        const char *digits = "0123456789abcdef";
        const char *digit = text[i] ? strchr(digits, text[i]) : NULL;
        if (!digit)
            return false;
        value = value << 4 | (uint64_t)(digit - digits);
    }
    if (value > INT64_MAX)
        return false;
    *date = (int64_t)value;
    return true;
}

bool cursor_parse(const char *text, size_t length, struct order_cursor *out)
{
    struct order_cursor cursor;

    if (length != CURSOR_LENGTH || !parse_date(text, &cursor.date) ||
        !id_parse(text + DATE_HEX, ID_HEX, &cursor.id))
        return false;
    *out = cursor;
    return true;
}
