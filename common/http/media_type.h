/* Is a body JSON, and just as it is? */
#ifndef HTTP_MEDIA_TYPE_H
#define HTTP_MEDIA_TYPE_H

#include <stdbool.h>
#include <stddef.h>
#include "http/request.h"

/* application/json, where parameters are fine, but a charset only as utf-8. `count` is how many
 * Content-Type headers there are. */
bool media_type_is_json(struct slice header, size_t count);

/* Whether a coding (Content-Encoding, RFC 9110 section 8.4) has to be undone first. `count` is how
 * many of these headers there are; no header is an empty one. */
bool media_type_is_coded(struct slice header, size_t count);

#endif
