/* Accounts: signing up, and reading one's own. Failures are as in session.h. */
#ifndef ACCOUNT_H
#define ACCOUNT_H

#include <stdbool.h>
#include "base/error.h"
#include "session.h"
#include "user.h"
#include "users.h"

enum signup_result { SIGNUP_DONE, SIGNUP_NAME_TAKEN, SIGNUP_RESULTS };

struct signup {
    /* The request; each text follows its rule. */
    char username[USERNAME_MAX + 1];
    char first_name[PERSON_NAME_BYTES + 1];
    char last_name[PERSON_NAME_BYTES + 1];
    char phone[1 + PHONE_DIGITS_MAX + 1];
    char email[EMAIL_MAX + 1];
    char password[PASSWORD_BYTES + 1];
    /* The answer. */
    enum signup_result result;
    struct user user;
    struct token_pair pair;
};

/* Makes an active player and its first session. */
bool signup(const struct users *users, struct signup *signup, struct error *err) MUST_USE;

struct get_me {
    /* The request. */
    struct id user_id;
    /* The answer. */
    bool found; /* false: deleted since the caller was let in */
    struct user user;
};

bool get_me(const struct users *users, struct get_me *get_me, struct error *err) MUST_USE;

#endif
