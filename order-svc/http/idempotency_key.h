/* The idempotency key of a request: Idempotency-Key, else X-Request-Id. */
#ifndef HTTP_IDEMPOTENCY_KEY_H
#define HTTP_IDEMPOTENCY_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include "http/request.h"
#include "order.h"

/* The value of the header Idempotency-Key (draft-ietf-httpapi-idempotency-key-header: a string of
 * RFC 8941 section 3.3.3, in quotes) or the same bare: 1..128 visible ASCII characters, quotes not
 * counted. False: not valid, `out` untouched. */
bool idempotency_key_parse(const char *text, size_t length, char out[REQUEST_ID_MAX + 1]);

/* The request's key; proxies replace X-Request-Id, so Idempotency-Key wins where it is, and there
 * is no falling back from one to the other. False: `problem` is request-id-required. */
bool idempotency_key_of(const struct request *request, char out[REQUEST_ID_MAX + 1],
                        struct problem *problem) MUST_USE;

#endif
