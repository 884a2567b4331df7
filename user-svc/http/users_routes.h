/* What admins do: GET /users, POST /users, and GET, PATCH, DELETE of /users/{id}. */
#ifndef HTTP_USERS_ROUTES_H
#define HTTP_USERS_ROUTES_H

#include "account.h"
#include "http/route.h"
#include "http/states.h"
#include "user_admin.h"

struct list_users_state {
    struct failure failure;
    struct list_users list;
};

route_decode list_users_decode;
route_run list_users_run;
route_encode list_users_encode;
void list_users_release(void *state);

struct create_user_state {
    struct failure failure;
    struct create_user create;
};

route_decode create_user_decode;
route_run create_user_run;
route_encode create_user_encode;
void create_user_release(void *state);

struct get_user_state {
    struct failure failure;
    struct get_user get;
};

route_decode get_user_decode;
route_run get_user_run;
route_encode get_user_encode;

struct change_user_state {
    struct failure failure;
    struct change_user change;
};

route_decode change_user_decode;
route_run change_user_run;
route_encode change_user_encode;

struct delete_user_state {
    struct failure failure;
    struct delete_user delete;
};

route_decode delete_user_decode;
route_run delete_user_run;
route_encode delete_user_encode;

#endif
