/* The route table: one line says method, path, who may, how much body, where it runs, and the three
 * steps of the way: decode (request -> state), run (state -> state), encode (state -> response).
 *
 * The state is the route's own struct of `state_bytes`, zeroed; it carries the input to the use
 * case and its result back. decode runs on the HTTP thread and touches no store; run and encode run
 * on the lane's thread (LANE_INLINE: all on the HTTP thread, for what never blocks). */
#ifndef HTTP_ROUTE_H
#define HTTP_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include "http/request.h"
#include "http/response.h"

enum method { GET, POST, PUT, PATCH, DELETE, METHODS };

enum who { ANYONE, BEARER, ADMIN };

enum { LANE_INLINE = -1 };

enum { KIB = 1024 };

/* False: `problem` says why, and nothing runs. */
typedef bool route_decode(const struct request *request, void *state, struct problem *problem);

/* The use case for 1..batch_max requests of one route; each state gets its own result. */
typedef void route_run(void *service, void *const states[], size_t count);

/* Result -> answer. */
typedef void route_encode(const void *state, struct response *response);

struct route {
    enum method method;
    /* "/users/{id}": {id} is an id, else 404. Matches with and without a trailing slash. GET
     * answers HEAD too. */
    const char *path;
    enum who who;
    size_t body_max; /* bytes; 0: no body is expected, one that comes is 413 */
    int lane;        /* index into the server's lanes, or LANE_INLINE */
    size_t state_bytes;
    route_decode *decode; /* NULL: nothing to decode */
    route_run *run;       /* NULL: nothing to run */
    route_encode *encode;
    void (*release)(void *state); /* NULL: the state holds nothing to free */
};

#endif
