/* The Authorization header, as RFC 6750 has it. */
#ifndef HTTP_BEARER_H
#define HTTP_BEARER_H

#include <stddef.h>
#include "http/request.h"

enum bearer_result {
    BEARER_GIVEN,
    BEARER_NONE,      /* no header: we ask for one */
    BEARER_MALFORMED, /* another scheme, more than one, no token */
};

/* `count` is how many Authorization headers there are; `header` is the first. */
enum bearer_result bearer_read(struct slice header, size_t count, struct slice *token) MUST_USE;

#endif
