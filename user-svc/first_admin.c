#include "first_admin.h"

#include <sodium.h>
#include <stdio.h>
#include "account.h"
#include "audit.h"
#include "base/log.h"

/* Who has the name may be the admin that another replica makes at this moment. */
static bool check_name(const struct users *users, const char *setting, const char *name,
                       struct error *err)
{
    const struct user_key key = user_key_of(name);
    struct account account;
    bool found = false;

    if (!user_store_find_account(users->store, &key, &account, &found, err))
        return false;
    if (!found || (account.user.active && account.user.role == ROLE_ADMIN))
        return true;
    return error_set(err, ERR_CONFIG, 0,
                     "%s: this name belongs to a user who is no active admin; choose another",
                     setting);
}

/* A person's names and phone are for the admin to fill in. */
static bool prepare(const struct users *users, const struct first_admin *wanted,
                    struct account *account, struct error *err)
{
    struct new_account admin = { .first_name = "First", .last_name = "Admin", .phone = "+0000000" };

    snprintf(admin.username, sizeof admin.username, "%s", wanted->username);
    snprintf(admin.email, sizeof admin.email, "%s", wanted->email);
    snprintf(admin.password, sizeof admin.password, "%s", wanted->password);
    const bool ok = account_prepare(users, &admin, account, err);
    sodium_memzero(&admin, sizeof admin);
    account->user.role = ROLE_ADMIN;
    return ok;
}

static bool add(const struct users *users, const struct first_admin *wanted, struct error *err)
{
    struct account account = { 0 };
    enum add_user_outcome outcome;

    if (!prepare(users, wanted, &account, err) ||
        !user_store_add_user(users->store, &account, &outcome, err))
        return false;
    if (outcome == USER_NAME_TAKEN)
        return error_set(err, ERR_UNAVAILABLE, 0, "somebody has just taken the admin's name");
    log_info("first admin made", LOG_TEXT("user_id", id_format(&account.user.id).hex));
    audit(users, &(struct audit_entry){ .action = AUDIT_USER_CREATE,
                                        .outcome = AUDIT_DONE,
                                        .target = &account.user.id });
    return true;
}

bool make_first_admin(const struct users *users, const struct first_admin *wanted,
                      struct error *err)
{
    bool has = false;

    if (!user_store_has_admin(users->store, &has, err))
        return false;
    if (has)
        return true;
    if (!wanted->username) {
        log_warn("there is no admin: ADMIN_USERNAME, ADMIN_EMAIL, ADMIN_PASSWORD make one",
                 LOG_END);
        return true;
    }
    return check_name(users, "ADMIN_USERNAME", wanted->username, err) &&
           check_name(users, "ADMIN_EMAIL", wanted->email, err) && add(users, wanted, err);
}
