/* Prints the routes of the service that it is linked with, one a line: "GET /users/{id} admin".
 * Tests hold docs/openapi.yaml to it. */
#include <stdio.h>

#include "http/routes.h"

static const char *const methods[METHODS] = {
    [GET] = "GET", [POST] = "POST", [PUT] = "PUT", [PATCH] = "PATCH", [DELETE] = "DELETE",
};
static const char *const callers[] = {
    [ANYONE] = "anyone", [BEARER] = "bearer", [ADMIN] = "admin"
};

int main(void)
{
    for (size_t i = 0; i < ROUTE_COUNT; i++)
        printf("%s %s %s\n", methods[ROUTES[i].method], ROUTES[i].path, callers[ROUTES[i].who]);
    return 0;
}
