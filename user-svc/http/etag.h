/* The entity tag of a user, its version in quotes, and If-Match (RFC 9110, sections 8.8.3, 13.1.1).
 */
#ifndef HTTP_ETAG_H
#define HTTP_ETAG_H

#include <stdbool.h>
#include <stdint.h>
#include "base/error.h"
#include "http/request.h"
#include "http/response.h"
#include "user_admin.h"

/* Adds the header ETag. */
void etag_add(struct response *response, uint32_t version);

/* What If-Match asks for. Tags that are none of ours, weak ones too, match nothing, and nor does a
 * field that is not well-formed. False: it has more tags than anybody needs, as `problem` says. */
bool if_match_read(const struct request *request, struct expected_versions *expected,
                   struct problem *problem) MUST_USE;

#endif
