/* Logging in: a name and a password become a session. Failures are as in session.h. */
#ifndef LOGIN_H
#define LOGIN_H

#include <stdbool.h>
#include "base/error.h"
#include "session.h"
#include "user.h"
#include "users.h"

enum login_result {
    LOGIN_DONE,
    LOGIN_UNKNOWN,   /* no such account, … */
    LOGIN_WRONG,     /* a wrong password, … */
    LOGIN_INACTIVE,  /* a deactivated account: clients cannot tell these three apart */
    LOGIN_THROTTLED, /* too many of these came before; this one was not looked at */
    LOGIN_RESULTS,
};

struct login {
    /* The request. */
    char name[EMAIL_MAX + 1]; /* a username or an e-mail */
    char password[PASSWORD_BYTES + 1];
    struct source source;
    /* The answer. */
    enum login_result result;
    unsigned wait_s; /* of LOGIN_THROTTLED */
    struct user user;
    struct token_pair pair;
};

bool login(const struct users *users, struct login *login, struct error *err) MUST_USE;

#endif
