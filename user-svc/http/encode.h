/* State -> answer. */
#ifndef HTTP_ENCODE_H
#define HTTP_ENCODE_H

#include <jansson.h>
#include "http/route.h"
#include "session.h"
#include "user.h"

route_encode signup_encode;  /* struct signup_state */
route_encode login_encode;   /* struct login_state */
route_encode refresh_encode; /* struct refresh_state */
route_encode logout_encode;  /* struct logout_state */
route_encode me_encode;      /* struct me_state */

/* A user as clients see it. NULL: no memory. */
json_t *user_json(const struct user *user);

/* The user alone, … */
void user_encode(int status, const struct user *user, struct response *response);

/* … and with a pair of tokens. */
void session_encode(int status, const struct token_pair *pair, const struct user *user,
                    struct response *response);

/* A page of a list: `rows`, whose reference it takes, under `member`. `next`: NULL on the last. */
void page_encode(const char *member, json_t *rows, size_t count, const char *next,
                 struct response *response);

#endif
