/* GET /audit. */
#ifndef HTTP_AUDIT_ROUTES_H
#define HTTP_AUDIT_ROUTES_H

#include "audit.h"
#include "http/route.h"
#include "http/states.h"

struct list_audit_state {
    struct failure failure;
    struct list_audit list;
};

route_decode list_audit_decode;
route_run list_audit_run;
route_encode list_audit_encode;
void list_audit_release(void *state);

#endif
