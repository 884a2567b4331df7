/* How accounts change: read, change a copy, compare and swap; when another change was faster, all
 * of it again. So what is decided is decided on the very account that is replaced. */
#ifndef ACCOUNT_CHANGE_H
#define ACCOUNT_CHANGE_H

#include <stdbool.h>
#include "audit.h"
#include "base/error.h"
#include "user.h"
#include "users.h"

enum change_result {
    CHANGE_DONE,
    CHANGE_NONE,             /* it was as wanted already; nothing was written */
    CHANGE_GONE,             /* there is no such account (any more) */
    CHANGE_NOT_EXPECTED,     /* it is at another version than the client knows */
    CHANGE_NAME_TAKEN,       /* the new username or e-mail belongs to another user */
    CHANGE_LAST_ADMIN,       /* no active admin would be left */
    CHANGE_WRONG_PASSWORD,   /* the current one is another */
    CHANGE_THROTTLED,        /* too many were; this one was not looked at */
    CHANGE_PASSWORD_IS_NAME, /* the new one is the username or the e-mail */
    CHANGE_RESULTS,
};

/* What is to become of a user: each member for which `given` says so. Texts follow their rules. */
struct user_change {
    char username[USERNAME_MAX + 1];
    char first_name[PERSON_NAME_BYTES + 1];
    char last_name[PERSON_NAME_BYTES + 1];
    char email[EMAIL_MAX + 1];
    char phone[1 + PHONE_DIGITS_MAX + 1];
    char photo[PHOTO_MAX + 1];
    enum role role;
    bool active;
    struct {
        bool username, first_name, last_name, email, phone, photo, role, active;
    } given;
};

/* Makes of `account` what it is to become. A change that clients see raises the version; ceasing to
 * be active ends all sessions; another e-mail takes away the reset link that the old one may get.
 * CHANGE_DONE or CHANGE_NONE. */
enum change_result account_apply(struct account *account, const struct user_change *change);

/* Ends all sessions of the account. */
void account_end_sessions(struct account *account);

/* The link that was mailed is dead. When it was asked for stays known: a mail that was sent but not
 * known to be is sent again, and must not bring its token back. */
void account_close_reset(struct account *account);

/* Decides what becomes of `account`, a copy of what is stored: changes it and gives CHANGE_DONE, or
 * another result, and nothing is written. May be called several times. */
typedef bool account_edit(const struct users *users, void *context, struct account *account,
                          enum change_result *result, struct error *err);

/* `account` becomes what was written or, with CHANGE_NONE, what is there. False: ERR_BUSY (other
 * changes were faster each time), or a failure of the store or the edit. */
bool account_change(const struct users *users, const struct id *id, account_edit *edit,
                    void *context, struct account *account, enum change_result *result,
                    struct error *err) MUST_USE;

/* The same, but what the edit gives CHANGE_DONE for is deleted. */
bool account_delete(const struct users *users, const struct id *id, account_edit *edit,
                    void *context, enum change_result *result, struct error *err) MUST_USE;

/* Tells the audit log what came of it: what was done, and which tries were refused. */
void account_audit(const struct users *users, enum audit_action action, const struct actor *actor,
                   const struct id *target, enum change_result result);

#endif
