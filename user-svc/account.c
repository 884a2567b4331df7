#include "account.h"

#include <string.h>

/* Fits: both are the same member of the two structs, by size. */
#define COPY_TEXT(to, from)                                                                        \
    do {                                                                                           \
        _Static_assert(sizeof(to) == sizeof(from), "texts of one size");                           \
        memcpy((to), (from), sizeof(to));                                                          \
    } while (0)

static struct account account_of(const struct users *users, const struct signup *signup)
{
    struct account account = {
        .user = { .id = id_random(users->random),
                  .photo = PHOTO_DEFAULT,
                  .role = ROLE_PLAYER,
                  .active = true },
        .created_at = user_store_now(users->store),
    };

    COPY_TEXT(account.user.username, signup->username);
    COPY_TEXT(account.user.first_name, signup->first_name);
    COPY_TEXT(account.user.last_name, signup->last_name);
    COPY_TEXT(account.user.email, signup->email);
    COPY_TEXT(account.user.phone, signup->phone);
    return account;
}

/* Once the user is there "nothing was done" is no longer true, whatever the store says of the
 * session: the client may log in. */
static bool add_first_session(const struct users *users, const struct session *session,
                              struct error *err)
{
    if (user_store_add_session(users->store, session, err))
        return true;
    err->code = ERR_UNKNOWN;
    return false;
}

bool signup(const struct users *users, struct signup *signup, struct error *err)
{
    struct account account = account_of(users, signup);
    struct session session;
    enum add_user_outcome outcome;

    /* What can fail without a trace comes first; the user is written before its session, so that a
     * name that is taken leaves nothing behind. */
    if (!password_hash(&users->password_cost, users->random, signup->password,
                       strlen(signup->password), &account.password, err) ||
        !session_prepare(users, &account, &session, &signup->pair, err) ||
        !user_store_add_user(users->store, &account, &outcome, err))
        return false;

    if (outcome == USER_NAME_TAKEN) {
        signup->result = SIGNUP_NAME_TAKEN;
        return true;
    }
    if (!add_first_session(users, &session, err))
        return false;
    signup->result = SIGNUP_DONE;
    signup->user = account.user;
    return true;
}

bool get_me(const struct users *users, struct get_me *get_me, struct error *err)
{
    struct account account;

    if (!user_store_get_account(users->store, &get_me->user_id, &account, &get_me->found, err))
        return false;
    if (get_me->found)
        get_me->user = account.user;
    return true;
}
