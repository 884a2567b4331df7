/* Ids: 12 bytes, shown as 24 lower-case hex digits. */
#include "base/id.h"

#include <string.h>

struct id id_random(const struct random *random)
{
    struct id id;
    random_fill(random, id.bytes, sizeof id.bytes);
    return id;
}

struct id_text id_format(const struct id *id)
{
    static const char digits[] = "0123456789abcdef";
    struct id_text text;

    for (size_t i = 0; i < ID_BYTES; i++) {
        text.hex[2 * i] = digits[id->bytes[i] >> 4];
        text.hex[2 * i + 1] = digits[id->bytes[i] & 15];
    }
    text.hex[ID_HEX] = '\0';
    return text;
}

static int digit_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    return -1;
}

bool id_parse(const char *text, size_t length, struct id *out)
{
    struct id id;

    if (length != ID_HEX)
        return false;
    for (size_t i = 0; i < ID_BYTES; i++) {
        int high = digit_value(text[2 * i]);
        int low = digit_value(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        id.bytes[i] = (uint8_t)(high << 4 | low);
    }
    *out = id;
    return true;
}

bool id_equal(const struct id *a, const struct id *b)
{
    return id_compare(a, b) == 0;
}

int id_compare(const struct id *a, const struct id *b)
{
    return memcmp(a->bytes, b->bytes, ID_BYTES);
}
