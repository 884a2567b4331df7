/* An id: 12 bytes, 24 lower-case hex digits to clients. */
#ifndef BASE_ID_H
#define BASE_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/random.h"

enum {
    ID_BYTES = 12,
    ID_HEX = 2 * ID_BYTES,
};

struct id {
    uint8_t bytes[ID_BYTES];
};

/* An id as text, with its NUL. */
struct id_text {
    char hex[ID_HEX + 1];
};

struct id id_random(const struct random *random);

struct id_text id_format(const struct id *id);

/* False, and `out` untouched, unless `text` is exactly 24 lower-case hex digits. */
bool id_parse(const char *text, size_t length, struct id *out);

bool id_equal(const struct id *a, const struct id *b);

/* <0, 0, >0, in the order of the bytes. */
int id_compare(const struct id *a, const struct id *b);

#endif
