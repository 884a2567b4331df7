#include "own_account.h"

#include <string.h>
#include "throttle.h"

/* --- The current password. --- */

/* Tried on each hash once, however often the account moves on. */
struct proof {
    const char *password;
    const struct source *source;
    struct password_hash proven; /* by that password; empty: none yet */
    unsigned wait_s;             /* of CHANGE_THROTTLED */
};

static bool prove(const struct users *users, struct proof *proof, const struct account *account,
                  enum change_result *result, struct error *err)
{
    static const enum change_result results[] = {
        [CHECK_RIGHT] = CHANGE_DONE,
        [CHECK_WRONG] = CHANGE_WRONG_PASSWORD,
        [CHECK_THROTTLED] = CHANGE_THROTTLED,
    };
    enum check_result check;

    *result = CHANGE_DONE;
    if (strcmp(proof->proven.text, account->password.text) == 0)
        return true;
    if (!throttle_check_password(users, account, proof->source, proof->password, &check,
                                 &proof->wait_s, err))
        return false;
    *result = results[check];
    if (*result == CHANGE_DONE)
        proof->proven = account->password;
    return true;
}

/* --- Profile. --- */

struct profile_edit {
    const struct user_change *change;
    bool needs_proof;
    struct proof proof;
};

static bool edit_profile(const struct users *users, void *context, struct account *account,
                         enum change_result *result, struct error *err)
{
    struct profile_edit *edit = context;

    if (edit->needs_proof) {
        if (!prove(users, &edit->proof, account, result, err))
            return false;
        if (*result != CHANGE_DONE)
            return true;
    }
    *result = account_apply(account, edit->change);
    return true;
}

/* Who has the e-mail can reset the password: a stolen session must not be able to move it. */
bool change_me(const struct users *users, struct change_me *request, struct error *err)
{
    const struct user_change *change = &request->change;
    struct profile_edit edit = { .change = change,
                                 .needs_proof = change->given.email || request->password_given,
                                 .proof = { .password = request->current_password,
                                            .source = &request->actor.source } };
    const struct actor *actor = &request->actor;
    struct account account;

    if (!account_change(users, &actor->user_id, edit_profile, &edit, &account, &request->result,
                        err))
        return false;
    request->wait_s = edit.proof.wait_s;
    request->user = account.user;
    account_audit(users, AUDIT_PROFILE_CHANGE, actor, &actor->user_id, request->result);
    return true;
}

static bool edit_to_inactive(const struct users *users, void *context, struct account *account,
                             enum change_result *result, struct error *err)
{
    static const struct user_change inactive = { .active = false, .given = { .active = true } };

    (void)users;
    (void)context;
    (void)err;
    *result = account_apply(account, &inactive);
    return true;
}

bool deactivate_me(const struct users *users, struct deactivate_me *request, struct error *err)
{
    const struct actor *actor = &request->actor;
    struct account account;

    if (!account_change(users, &actor->user_id, edit_to_inactive, NULL, &account, &request->result,
                        err))
        return false;
    account_audit(users, AUDIT_DEACTIVATE, actor, &actor->user_id, request->result);
    return true;
}

/* --- Password. --- */

struct password_edit {
    struct change_password *request;
    struct proof proof;
    struct password_hash fresh; /* empty: not hashed yet */
    struct session session;     /* the one that goes on */
};

static bool is_name(const struct password_edit *edit, const struct user *user)
{
    return password_judge(edit->request->password, user->username, user->email) == PASSWORD_IS_NAME;
}

static bool hash_fresh(const struct users *users, struct password_edit *edit, struct error *err)
{
    const char *password = edit->request->password;

    return *edit->fresh.text || password_hash(&users->password_cost, users->random, password,
                                              strlen(password), &edit->fresh, err);
}

/* Everybody with the old password is out, also who asked for a reset link by a mailbox that is no
 * longer the owner's alone. */
static bool edit_password(const struct users *users, void *context, struct account *account,
                          enum change_result *result, struct error *err)
{
    struct password_edit *edit = context;

    *result = CHANGE_PASSWORD_IS_NAME;
    if (is_name(edit, &account->user))
        return true;
    if (!prove(users, &edit->proof, account, result, err))
        return false;
    if (*result != CHANGE_DONE)
        return true;
    if (!hash_fresh(users, edit, err))
        return false;
    account->password = edit->fresh;
    account_close_reset(account);
    account_end_sessions(account);
    return session_prepare(users, account, &edit->session, &edit->request->pair, err);
}

bool change_password(const struct users *users, struct change_password *request, struct error *err)
{
    struct password_edit edit = { .request = request,
                                  .proof = { .password = request->current_password,
                                             .source = &request->actor.source } };
    const struct actor *actor = &request->actor;
    struct account account;

    if (!account_change(users, &actor->user_id, edit_password, &edit, &account, &request->result,
                        err))
        return false;
    request->wait_s = edit.proof.wait_s;
    request->user = account.user;
    account_audit(users, AUDIT_PASSWORD_CHANGE, actor, &actor->user_id, request->result);
    return request->result != CHANGE_DONE || session_begin_after_write(users, &edit.session, err);
}
