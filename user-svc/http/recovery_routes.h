/* POST /forgot-password, POST /reset-password. */
#ifndef HTTP_RECOVERY_ROUTES_H
#define HTTP_RECOVERY_ROUTES_H

#include "http/route.h"
#include "http/states.h"
#include "recovery.h"

struct forgot_password_state {
    struct failure failure;
    char email[EMAIL_MAX + 1];
    struct source source;
};

route_decode forgot_password_decode;
route_run forgot_password_run;
route_encode forgot_password_encode;

struct reset_password_state {
    struct failure failure;
    struct reset_password reset;
};

route_decode reset_password_decode;
route_run reset_password_run;
route_encode reset_password_encode;
void reset_password_release(void *state);

#endif
