/* The audit log: who did what to whom, from where. An event follows what it tells of; that it could
 * not be stored is logged and undoes nothing. */
#ifndef AUDIT_H
#define AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include "base/error.h"
#include "store/user_store.h"
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

/* Who does something, and from where. */
struct actor {
    struct id user_id;
    struct source source;
};

struct audit_entry {
    enum audit_action action;
    enum audit_outcome outcome;
    const struct id *actor, *target; /* NULL: none, or not known */
    const struct source *source;     /* NULL: the service itself */
};

void audit(const struct users *users, const struct audit_entry *entry);

struct list_audit {
    /* The request. */
    struct audit_query query;
    /* The answer; free it with list_audit_done(). */
    struct audit_event *events;
    size_t count;
    bool more; /* there is a next page, after the last of these */
};

/* Failures are as in session.h. */
bool list_audit(const struct users *users, struct list_audit *list, struct error *err) MUST_USE;
void list_audit_done(struct list_audit *list);

#endif
