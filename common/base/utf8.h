/* Text as UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing past U+10FFFF. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the character that `text` begins with; 0 when it begins with none, or is at its end. */
size_t utf8_character(const char *text);

bool utf8_is_valid(const char *text);

#endif
