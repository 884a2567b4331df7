/* Lists come in pages: how long one is, and where the next begins, which is told by an opaque text,
 * bytes of ours in base64url. */
#ifndef HTTP_PAGE_H
#define HTTP_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/error.h"
#include "base/id.h"
#include "http/request.h"
#include "store/user_store.h"

enum {
    PAGE_LIMIT_DEFAULT = 50,
    PAGE_LIMIT_MAX = 200, /* some 100 KB of users */
};

/* The parameter `limit`; false: `problem` says why. */
bool page_limit_read(const struct request *request, size_t *limit, struct problem *problem)
    MUST_USE;

enum { CURSOR_LENGTH_MAX = 27 }; /* of a date and an id, without padding */

struct cursor_text {
    char text[CURSOR_LENGTH_MAX + 1];
};

/* Behind that user, that event. */
struct cursor_text user_cursor_format(const struct id *last);
struct cursor_text audit_cursor_format(const struct audit_event *last);

/* The parameter `cursor`, where it is given, into the query; false: the same. */
bool user_cursor_read(const struct request *request, struct user_query *query,
                      struct problem *problem) MUST_USE;
bool audit_cursor_read(const struct request *request, struct audit_query *query,
                       struct problem *problem) MUST_USE;

#endif
