#include "account.h"

#include <string.h>
#include "audit.h"

/* Fits: both are the same member of the two structs, by size. */
#define COPY_TEXT(to, from)                                                                        \
    do {                                                                                           \
        _Static_assert(sizeof(to) == sizeof(from), "texts of one size");                           \
        memcpy((to), (from), sizeof(to));                                                          \
    } while (0)

bool account_prepare(const struct users *users, const struct new_account *wanted,
                     struct account *account, struct error *err)
{
    struct account made = {
        .user = { .id = id_random(users->random),
                  .photo = PHOTO_DEFAULT,
                  .role = ROLE_PLAYER,
                  .active = true },
        .created_at = user_store_now(users->store),
    };

    COPY_TEXT(made.user.username, wanted->username);
    COPY_TEXT(made.user.first_name, wanted->first_name);
    COPY_TEXT(made.user.last_name, wanted->last_name);
    COPY_TEXT(made.user.email, wanted->email);
    COPY_TEXT(made.user.phone, wanted->phone);
    if (!password_hash(&users->password_cost, users->random, wanted->password,
                       strlen(wanted->password), &made.password, err))
        return false;
    *account = made;
    return true;
}

bool signup(const struct users *users, struct signup *signup, struct error *err)
{
    struct account account;
    struct session session;
    enum add_user_outcome outcome;

    /* What can fail without a trace comes first; the user is written before its session, so that a
     * name that is taken leaves nothing behind. */
    if (!account_prepare(users, &signup->wanted, &account, err) ||
        !session_prepare(users, &account, &session, &signup->pair, err) ||
        !user_store_add_user(users->store, &account, &outcome, err))
        return false;

    if (outcome == USER_NAME_TAKEN) {
        signup->result = SIGNUP_NAME_TAKEN;
        return true;
    }
    audit(users, &(struct audit_entry){ .action = AUDIT_SIGNUP,
                                        .outcome = AUDIT_DONE,
                                        .actor = &account.user.id,
                                        .target = &account.user.id,
                                        .source = &signup->source });
    if (!session_begin_after_write(users, &session, err))
        return false;
    signup->result = SIGNUP_DONE;
    signup->user = account.user;
    return true;
}

bool get_user(const struct users *users, struct get_user *get, struct error *err)
{
    struct account account;

    if (!user_store_get_account(users->store, &get->user_id, &account, &get->found, err))
        return false;
    if (get->found)
        get->user = account.user;
    return true;
}
