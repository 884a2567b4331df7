/* Accounts: how they are made, and reading one. Failures are as in session.h. */
#ifndef ACCOUNT_H
#define ACCOUNT_H

#include <stdbool.h>
#include "base/error.h"
#include "session.h"
#include "user.h"
#include "users.h"

/* What an account is made of; each text follows its rule. */
struct new_account {
    char username[USERNAME_MAX + 1];
    char first_name[PERSON_NAME_BYTES + 1];
    char last_name[PERSON_NAME_BYTES + 1];
    char phone[1 + PHONE_DIGITS_MAX + 1];
    char email[EMAIL_MAX + 1];
    char password[PASSWORD_BYTES + 1];
};

/* An active player of these, with an id of its own and the password hashed; nothing is stored:
 * user_store_add_user() is the next step, the caller's. */
bool account_prepare(const struct users *users, const struct new_account *wanted,
                     struct account *account, struct error *err) MUST_USE;

enum signup_result { SIGNUP_DONE, SIGNUP_NAME_TAKEN, SIGNUP_RESULTS };

struct signup {
    /* The request. */
    struct new_account wanted;
    struct source source;
    /* The answer. */
    enum signup_result result;
    struct user user;
    struct token_pair pair;
};

/* Makes an active player and its first session. */
bool signup(const struct users *users, struct signup *signup, struct error *err) MUST_USE;

struct get_user {
    /* The request. */
    struct id user_id;
    /* The answer. */
    bool found;
    struct user user;
};

bool get_user(const struct users *users, struct get_user *get, struct error *err) MUST_USE;

#endif
