/* State -> answer. */
#ifndef HTTP_ENCODE_H
#define HTTP_ENCODE_H

#include <jansson.h>
#include "http/route.h"
#include "user.h"

route_encode signup_encode;  /* struct signup_state */
route_encode login_encode;   /* struct login_state */
route_encode refresh_encode; /* struct refresh_state */
route_encode logout_encode;  /* struct logout_state */
route_encode me_encode;      /* struct me_state */

/* A user as clients see it. NULL: no memory. */
json_t *user_json(const struct user *user);

#endif
