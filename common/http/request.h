/* One well-formed request, as decode functions see it. It lives until the answer is sent. */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include "auth/caller.h"
#include "base/error.h"
#include "base/id.h"
#include "http/problem.h"
#include "json/decode.h"
#include "obs/trace.h"

struct request;

/* A piece of text that lives as long as the request; text == NULL: not there. It may hold any byte
 * that the gate let through; it ends in a NUL too. */
struct slice {
    const char *text;
    size_t length;
};

/* The first header of that name (names compare without case); how many there are goes to `count`
 * (may be NULL). */
struct slice request_header(const struct request *request, const char *name, size_t *count);

/* The one of them at `index`, from 0: a list may come in several lines. */
struct slice request_header_at(const struct request *request, const char *name, size_t index);

/* A query parameter, percent-decoded ("+" stays "+"); one that is given twice counts as count 2. */
struct slice request_query(const struct request *request, const char *name, size_t *count);

/* The {id} of the path. Valid only on routes that have one. */
struct id request_id_parameter(const struct request *request);

/* Who is calling; only on routes with BEARER or ADMIN. */
const struct caller *request_caller(const struct request *request);

/* The client's traceparent, or empty text. */
const struct traceparent *request_traceparent(const struct request *request);

/* What goes into X-Request-Id of the answer, logs and `instance`. */
const char *request_correlation_id(const struct request *request);

/* The address of the peer's socket, as text. */
const char *request_peer(const struct request *request);

/* The address that the request comes from, as text: the peer's, or what trusted proxies say. */
const char *request_source(const struct request *request);

/* The whole body. */
struct slice request_body(const struct request *request);

/* Body -> target by the table; false: `problem` says why. */
bool request_decode_body(const struct request *request, const struct field fields[], size_t count,
                         void *target, struct problem *problem) MUST_USE;

/* Query parameter `name` as a whole number in min..max, or `fallback` when it is not given. False:
 * a fault with pointer "" and the parameter's name in its detail was added to problem->faults (its
 * type becomes INVALID_REQUEST). */
bool request_query_number(const struct request *request, const char *name, long min, long max,
                          long fallback, long *out, struct problem *problem) MUST_USE;

/* INVALID_REQUEST because of a query parameter, which the (static) detail names.
 * Returns false. */
bool request_query_fault(struct problem *problem, const char *code, const char *detail);

#endif
