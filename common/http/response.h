/* The answer, as encode functions make it: status, a few headers, a body. Or a problem. */
#ifndef HTTP_RESPONSE_H
#define HTTP_RESPONSE_H

#include <jansson.h>
#include "base/buffer.h"
#include "base/error.h"
#include "http/problem.h"

enum {
    RESPONSE_HEADERS_MAX = 8,
    RESPONSE_HEADER_VALUE_MAX = 256, /* ours: Location, ETag, ids */
};

struct response_header {
    const char *name; /* static */
    char value[RESPONSE_HEADER_VALUE_MAX];
};

/* Start it zeroed. What every answer carries (X-Request-Id, Date, Content-Length, WWW-Authenticate
 * on 401, Retry-After on 429 and 503, …) the server adds itself. */
struct response {
    int status;
    const char *content_type; /* static; NULL: application/json */
    struct buffer body;
    struct response_header headers[RESPONSE_HEADERS_MAX];
    size_t header_count;
    struct problem problem; /* when its type is set, it is the answer and the rest does not count */
};

/* `value` is copied; asserts that there is room and the value fits. */
void response_header(struct response *response, const char *name, const char *value);

/* Status and body in one; takes the reference to `tree` (NULL, no memory, is remembered as
 * body.failed, and the client gets an honest 503). */
void response_json(struct response *response, int status, json_t *tree);

void response_problem(struct response *response, enum problem_type type, const char *detail);

void response_done(struct response *response);

#endif
