/* What the owner changes: PATCH /me, DELETE /me, POST /me/password. */
#ifndef HTTP_ME_ROUTES_H
#define HTTP_ME_ROUTES_H

#include "http/route.h"
#include "http/states.h"
#include "own_account.h"

struct change_me_state {
    struct failure failure;
    struct change_me change;
};

route_decode change_me_decode;
route_run change_me_run;
route_encode change_me_encode;
void change_me_release(void *state);

struct deactivate_me_state {
    struct failure failure;
    struct deactivate_me deactivate;
};

route_decode deactivate_me_decode;
route_run deactivate_me_run;
route_encode deactivate_me_encode;

struct change_password_state {
    struct failure failure;
    struct change_password change;
};

route_decode change_password_decode;
route_run change_password_run;
route_encode change_password_encode;
void change_password_release(void *state);

#endif
