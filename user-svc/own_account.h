/* What the owner of an account does with it. Failures are as in session.h. */
#ifndef OWN_ACCOUNT_H
#define OWN_ACCOUNT_H

#include <stdbool.h>
#include "account_change.h"
#include "audit.h"
#include "base/error.h"
#include "session.h"
#include "user.h"
#include "users.h"

struct change_me {
    /* The request. */
    struct actor actor;
    struct user_change change; /* no role, not active */
    bool password_given;       /* so it is checked; an e-mail needs it */
    char current_password[PASSWORD_BYTES + 1];
    /* The answer. */
    enum change_result result;
    unsigned wait_s;  /* of CHANGE_THROTTLED */
    struct user user; /* of the first two results */
};

bool change_me(const struct users *users, struct change_me *request, struct error *err) MUST_USE;

struct deactivate_me {
    /* The request. */
    struct actor actor;
    /* The answer. */
    enum change_result result;
};

/* All its sessions are over; its names stay taken. */
bool deactivate_me(const struct users *users, struct deactivate_me *request, struct error *err)
    MUST_USE;

struct change_password {
    /* The request. */
    struct actor actor;
    char current_password[PASSWORD_BYTES + 1];
    char password[PASSWORD_BYTES + 1]; /* follows the rules but that it is not a name */
    /* The answer. */
    enum change_result result;
    unsigned wait_s; /* of CHANGE_THROTTLED */
    struct user user;
    struct token_pair pair; /* of a new session; all others are over */
};

bool change_password(const struct users *users, struct change_password *request, struct error *err)
    MUST_USE;

#endif
