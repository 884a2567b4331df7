/* The opaque text that names where the next page begins. */
#ifndef HTTP_CURSOR_H
#define HTTP_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include "store/order_store.h"

enum { CURSOR_LENGTH = 16 + ID_HEX };

struct cursor_text {
    char text[CURSOR_LENGTH + 1];
};

struct cursor_text cursor_format(const struct order_cursor *cursor);

/* False, `out` untouched: not a cursor that we made. */
bool cursor_parse(const char *text, size_t length, struct order_cursor *out);

#endif
