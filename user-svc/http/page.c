#include "http/page.h"

#include <sodium.h>
#include <string.h>

enum {
    VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING,
    DATE_BYTES = sizeof(int64_t),
    AUDIT_BYTES = DATE_BYTES + ID_BYTES,
};

_Static_assert(sizeof(struct cursor_text) >= sodium_base64_ENCODED_LEN(AUDIT_BYTES, VARIANT),
               "the longest cursor fits");

bool page_limit_read(const struct request *request, size_t *limit, struct problem *problem)
{
    long number;

    if (!request_query_number(request, "limit", 1, PAGE_LIMIT_MAX, PAGE_LIMIT_DEFAULT, &number,
                              problem))
        return false;
    *limit = (size_t)number;
    return true;
}

static struct cursor_text format(const uint8_t *bytes, size_t count)
{
    struct cursor_text out = { 0 };

    sodium_bin2base64(out.text, sizeof out.text, bytes, count, VARIANT);
    return out;
}

/* Only what format() makes of exactly `count` bytes: libsodium takes no spare bits and, told
 * nothing of where the text ended, nothing behind it. */
static bool parse(struct slice text, uint8_t *bytes, size_t count)
{
    size_t length = 0;

    return sodium_base642bin(bytes, count, text.text, text.length, NULL, &length, NULL, VARIANT) ==
               0 &&
           length == count;
}

struct cursor_text user_cursor_format(const struct id *last)
{
    return format(last->bytes, sizeof last->bytes);
}

struct cursor_text audit_cursor_format(const struct audit_event *last)
{
    uint8_t bytes[AUDIT_BYTES];

    for (size_t i = 0; i < DATE_BYTES; i++)
        bytes[i] = (uint8_t)((uint64_t)last->date >> 8 * (DATE_BYTES - 1 - i));
    memcpy(bytes + DATE_BYTES, last->id.bytes, sizeof last->id.bytes);
    return format(bytes, sizeof bytes);
}

static bool read_cursor(const struct request *request, uint8_t *bytes, size_t count, bool *given,
                        struct problem *problem)
{
    size_t times;
    const struct slice text = request_query(request, "cursor", &times);

    *given = times > 0;
    return times == 0 || (times == 1 && parse(text, bytes, count)) ||
           request_query_fault(problem, "format", "cursor: give back what `next` said, once.");
}

bool user_cursor_read(const struct request *request, struct user_query *query,
                      struct problem *problem)
{
    return read_cursor(request, query->after.bytes, sizeof query->after.bytes, &query->has_after,
                       problem);
}

bool audit_cursor_read(const struct request *request, struct audit_query *query,
                       struct problem *problem)
{
    uint8_t bytes[AUDIT_BYTES] = { 0 };
    uint64_t date = 0;

    if (!read_cursor(request, bytes, sizeof bytes, &query->has_before, problem))
        return false;
    for (size_t i = 0; i < DATE_BYTES; i++)
        date = date << 8 | bytes[i];
    query->before_date = (int64_t)date;
    memcpy(query->before_id.bytes, bytes + DATE_BYTES, sizeof query->before_id.bytes);
    return true;
}
