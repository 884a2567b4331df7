/* Is a body's Content-Type JSON? */
#ifndef HTTP_MEDIA_TYPE_H
#define HTTP_MEDIA_TYPE_H

#include <stdbool.h>
#include <stddef.h>
#include "http/request.h"

/* application/json, where parameters are fine, but a charset only as utf-8. `count` is how many
 * Content-Type headers there are. */
bool media_type_is_json(struct slice header, size_t count);

#endif
