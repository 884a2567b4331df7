/* Struct -> JSON text. Trees are built with jansson; this turns them into bytes, the same bytes for
 * the same tree every time (members in the order they were set, no white space). */
#ifndef JSON_ENCODE_H
#define JSON_ENCODE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buffer.h"
#include "base/error.h"

/* Hundredths as the shortest JSON number: 40000 -> 400, 39999 -> 399.99. |hundredths| <= 1e14, so
 * that 15 digits carry it exactly. NULL: no memory. */
json_t *json_hundredths(int64_t hundredths) MUST_USE;

/* Appends the text of `tree` to `out` (whose `failed` tells of no memory); NULL, what a jansson
 * call that ran out of memory gives, marks it failed too. Takes the caller's reference. */
void json_write(struct buffer *out, json_t *tree);

#endif
