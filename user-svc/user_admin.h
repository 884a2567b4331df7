/* What admins do with the accounts of others. Failures are as in session.h. */
#ifndef USER_ADMIN_H
#define USER_ADMIN_H

#include <stdbool.h>
#include <stddef.h>
#include "account.h"
#include "account_change.h"
#include "audit.h"
#include "base/error.h"
#include "store/user_store.h"
#include "user.h"
#include "users.h"

struct create_user {
    /* The request. */
    struct actor actor;
    struct new_account wanted;
    enum role role;
    bool active;
    /* The answer. */
    enum change_result result; /* CHANGE_DONE, CHANGE_NAME_TAKEN */
    struct user user;
};

bool create_user(const struct users *users, struct create_user *request, struct error *err)
    MUST_USE;

/* The versions of a user that a client is content with. */
enum { EXPECTED_VERSIONS_MAX = 16 };

struct expected_versions {
    bool given; /* else any */
    bool any;   /* any that there is */
    uint32_t versions[EXPECTED_VERSIONS_MAX];
    size_t count;
};

struct change_user {
    /* The request. */
    struct actor actor;
    struct id user_id;
    struct user_change change;
    struct expected_versions expected;
    /* The answer. */
    enum change_result result;
    struct user user; /* of the first two results */
};

/* Who is deactivated has no session any more; a new role counts from the next request on. */
bool change_user(const struct users *users, struct change_user *request, struct error *err)
    MUST_USE;

struct delete_user {
    /* The request. */
    struct actor actor;
    struct id user_id;
    struct expected_versions expected;
    /* The answer. */
    enum change_result result;
};

/* With its sessions; its names are free. */
bool delete_user(const struct users *users, struct delete_user *request, struct error *err)
    MUST_USE;

struct list_users {
    /* The request. */
    struct user_query query;
    /* The answer; free it with list_users_done(). */
    struct user *users;
    size_t count;
    bool more; /* there is a next page, after the last of these */
};

bool list_users(const struct users *users, struct list_users *list, struct error *err) MUST_USE;
void list_users_done(struct list_users *list);

#endif
