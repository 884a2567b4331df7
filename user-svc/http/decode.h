/* Request -> state. Rules for texts stand here, all faults of a body are told at once. */
#ifndef HTTP_DECODE_H
#define HTTP_DECODE_H

#include "http/route.h"

route_decode signup_decode;  /* struct signup_state */
route_decode login_decode;   /* struct login_state */
route_decode refresh_decode; /* struct refresh_state */
route_decode logout_decode;  /* struct logout_state */
route_decode me_decode;      /* struct me_state */

#endif
