/* Method and path -> the line of the route table. */
#ifndef HTTP_ROUTER_H
#define HTTP_ROUTER_H

#include <stdbool.h>
#include <stddef.h>
#include "http/route.h"
#include "http/target.h"

enum { ALLOW_BYTES = sizeof "GET, HEAD, POST, PUT, PATCH, DELETE" };

enum match_result { MATCH_FOUND, MATCH_NO_PATH, MATCH_NO_METHOD };

struct match {
    const struct route *route;
    bool head; /* asked for by HEAD: a GET without its body */
    struct id id;
    char allow[ALLOW_BYTES]; /* of MATCH_NO_METHOD */
};

enum match_result router_match(const struct route routes[], size_t count, struct slice method,
                               const struct target *target, struct match *match) MUST_USE;

#endif
