/* What lets others judge our access tokens: GET /.well-known/jwks.json, by the keys alone, and
 * GET /auth, by the session too. */
#ifndef HTTP_TOKEN_ROUTES_H
#define HTTP_TOKEN_ROUTES_H

#include "auth/caller.h"
#include "auth/keys.h"
#include "http/route.h"

struct jwks_state {
    const struct key_set *keys; /* held until release */
};

route_run jwks_run;
route_encode jwks_encode;
void jwks_release(void *state);

struct auth_state {
    const struct caller *caller; /* the request's: the role is the store's once it was let in */
};

route_decode auth_decode;
route_encode auth_encode;

#endif
