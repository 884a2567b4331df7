/* The state of each route: the use case's struct, and whether it failed. */
#ifndef HTTP_STATES_H
#define HTTP_STATES_H

#include "account.h"
#include "http/problem.h"
#include "login.h"
#include "session.h"

/* Each state begins with it: PROBLEM_NONE, or what a failed use case is to the client. */
struct failure {
    enum problem_type type;
};

struct signup_state {
    struct failure failure;
    struct signup signup;
};

struct login_state {
    struct failure failure;
    struct login login;
};

struct refresh_state {
    struct failure failure;
    struct refresh refresh;
};

struct logout_state {
    struct failure failure;
    struct refresh_text token;
    struct source source;
};

struct me_state {
    struct failure failure;
    struct get_user get;
};

#endif
