/* The audit log: who did what to whom, from where. An event follows what it tells of; that it could
 * not be stored is logged and undoes nothing. */
#ifndef AUDIT_H
#define AUDIT_H

#include "user.h"
#include "users.h"

enum audit_action {
    AUDIT_SIGNUP,
    AUDIT_LOGIN,
    AUDIT_LOGOUT,
    AUDIT_TOKEN_REUSE,
    AUDIT_PASSWORD_CHANGE,
    AUDIT_PASSWORD_RESET,
    AUDIT_PROFILE_CHANGE,
    AUDIT_DEACTIVATE,
    AUDIT_USER_CREATE,
    AUDIT_USER_CHANGE,
    AUDIT_USER_DELETE,
    AUDIT_ACTIONS,
};

enum audit_outcome { AUDIT_DONE, AUDIT_REFUSED, AUDIT_OUTCOMES };

struct audit_entry {
    enum audit_action action;
    enum audit_outcome outcome;
    const struct id *actor, *target; /* NULL: none, or not known */
    const struct source *source;     /* NULL: the service itself */
};

void audit(const struct users *users, const struct audit_entry *entry);

#endif
