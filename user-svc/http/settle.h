/* From a use case's failure to the client's, the same for all routes. */
#ifndef HTTP_SETTLE_H
#define HTTP_SETTLE_H

#include <stdbool.h>
#include "http/routes.h"
#include "http/states.h"

/* Defines a route_run that gives each state in turn to `one`. It is declared before, in a header or
 * as `static route_run name;`. */
#define RUN_EACH(name, type, one)                                                                  \
    void name(void *service, void *const states[], size_t count)                                   \
    {                                                                                              \
        for (size_t i = 0; i < count; i++)                                                         \
            one(service, (struct type *)states[i]);                                                \
    }

/* What has become of a use case: `ok`, or `err` says. Logs it, and tells health of a store that
 * failed. */
struct failure settle(struct user_service *service, bool ok, const struct error *err);

/* True: it failed, and that is the answer. */
bool failure_encode(const struct failure *failure, struct response *response);

#endif
