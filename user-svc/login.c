/* What a failed login costs (calls of the store, a hash, an audit event) and what it answers is the
 * same whether or not there is such an account, so that nobody learns which names exist. */
#include "login.h"

#include <string.h>
#include "audit.h"
#include "base/log.h"
#include "base/test_point.h"
#include "throttle.h"

static enum login_result judge_login(bool found, bool right, const struct user *user)
{
    if (!found)
        return LOGIN_UNKNOWN;
    if (!right)
        return LOGIN_WRONG;
    return user->active ? LOGIN_DONE : LOGIN_INACTIVE;
}

/* The account's hash or, where there is no account, the dummy. */
static bool look_at_password(const struct users *users, const struct account *account, bool found,
                             const char *password, bool *right, struct error *err)
{
    if (!found && TEST_FAULT("login-skips-dummy"))
        return true;
    if (found && TEST_FAULT("login-writes-for-known") && !user_store_probe(users->store, err))
        return false;
    return password_verify(&account->password, password, strlen(password), right, err);
}

/* The only moment at which the password is there to be hashed at a new cost. That it fails, or that
 * the account was changed meanwhile, is no reason to refuse the login: the next one tries again. */
static void rehash_if_outdated(const struct users *users, const struct account *account,
                               const char *password)
{
    struct account fresh = *account;
    enum put_account_outcome outcome;
    struct error err = { 0 };

    if (!password_is_outdated(&account->password, &users->password_cost))
        return;
    if (!password_hash(&users->password_cost, users->random, password, strlen(password),
                       &fresh.password, &err) ||
        !user_store_put_account(users->store, account, &fresh, &outcome, &err))
        log_warn("password not hashed at the new cost", LOG_ERR(&err));
}

static bool begin_session(const struct users *users, const struct account *account,
                          struct login *login, struct error *err)
{
    struct session session;

    rehash_if_outdated(users, account, login->password);
    /* The session has the epoch that was read before the password was checked: when the password
     * is changed meanwhile, this session is over before it began. */
    if (!session_prepare(users, account, &session, &login->pair, err) ||
        !user_store_add_session(users->store, &session, err))
        return false;
    login->user = account->user;
    return true;
}

static void tell(const struct users *users, const struct login *login, const struct id *user_id)
{
    const bool done = login->result == LOGIN_DONE;

    audit(users, &(struct audit_entry){ .action = AUDIT_LOGIN,
                                        .outcome = done ? AUDIT_DONE : AUDIT_REFUSED,
                                        .actor = done ? user_id : NULL,
                                        .target = user_id,
                                        .source = &login->source });
}

/* A throttled one is no event: the failures that led to it are. */
static bool throttle_login(struct login *login)
{
    login->result = LOGIN_THROTTLED;
    return true;
}

bool login(const struct users *users, struct login *login, struct error *err)
{
    const struct user_key key = user_key_of(login->name);
    struct account account = { .password = users->dummy };
    bool found = false, right = false;

    if (!user_store_find_account(users->store, &key, &account, &found, err))
        return false;

    const struct id *user_id = found ? &account.user.id : NULL;
    const struct guess guess = { user_id, login->name, &login->source };
    if (!throttle_count(users, &guess, &login->wait_s, err))
        return false;
    if (login->wait_s > 0)
        return throttle_login(login);
    if (!look_at_password(users, &account, found, login->password, &right, err))
        return false;

    const enum login_result result = judge_login(found, right, &account.user);
    if (result == LOGIN_DONE) {
        throttle_clear(users, &guess);
        if (!begin_session(users, &account, login, err))
            return false;
    }
    login->result = result;
    tell(users, login, user_id);
    return true;
}
