#include "account_change.h"

#include <stddef.h>
#include <string.h>

/* Of those who change one account at one time, one is through at each turn; a replica has eight
 * threads for it (ACCOUNTS_THREADS). So this lets all of two replicas through, and is an end. */
enum { CHANGE_TRIES = 16 };

/* --- What a change is. --- */

/* A text of a change and of a user: one size in both. */
struct text {
    size_t given, from, to, size;
};

#define TEXT(member)                                                                               \
    {                                                                                              \
        offsetof(struct user_change, given.member), offsetof(struct user_change, member),          \
            offsetof(struct user, member), sizeof((struct user *)0)->member                        \
    }

static const struct text texts[] = {
    TEXT(username), TEXT(first_name), TEXT(last_name), TEXT(email), TEXT(phone), TEXT(photo),
};

/* Whether something is another text now. */
static bool apply_texts(const struct user_change *change, struct user *user)
{
    bool changed = false;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *from = (const char *)change + texts[i].from;
        char *to = (char *)user + texts[i].to;
        if (!*(const bool *)((const char *)change + texts[i].given) || strcmp(from, to) == 0)
            continue;
        memcpy(to, from, texts[i].size);
        changed = true;
    }
    return changed;
}

static bool apply_rights(const struct user_change *change, struct user *user)
{
    const enum role role = change->given.role ? change->role : user->role;
    const bool active = change->given.active ? change->active : user->active;
    const bool changed = role != user->role || active != user->active;

    user->role = role;
    user->active = active;
    return changed;
}

void account_end_sessions(struct account *account)
{
    account->epoch++;
}

void account_close_reset(struct account *account)
{
    account->reset = (struct password_reset){ .requested_at = account->reset.requested_at };
}

enum change_result account_apply(struct account *account, const struct user_change *change)
{
    struct user *user = &account->user;
    const struct user before = *user;
    const bool texts_changed = apply_texts(change, user);
    const bool rights_changed = apply_rights(change, user);

    if (!texts_changed && !rights_changed)
        return CHANGE_NONE;
    user->version++;
    if (before.active && !user->active)
        account_end_sessions(account);
    if (strcmp(before.email, user->email) != 0)
        account_close_reset(account);
    return CHANGE_DONE;
}

/* --- The loop. --- */

/* `to`: NULL deletes. */
static bool write_account(const struct users *users, const struct account *from,
                          const struct account *to, enum put_account_outcome *outcome,
                          struct error *err)
{
    return to ? user_store_put_account(users->store, from, to, outcome, err)
              : user_store_delete_account(users->store, from, outcome, err);
}

struct attempt {
    const struct id *id;
    account_edit *edit;
    void *context;
    bool deletes;
    struct account account;
    enum change_result result;
    bool moved_on;
};

static void judge_outcome(struct attempt *attempt, enum put_account_outcome outcome)
{
    static const enum change_result results[] = {
        [ACCOUNT_PUT] = CHANGE_DONE,
        [ACCOUNT_NAME_TAKEN] = CHANGE_NAME_TAKEN,
        [ACCOUNT_LAST_ADMIN] = CHANGE_LAST_ADMIN,
    };

    attempt->moved_on = outcome == ACCOUNT_MOVED_ON;
    if (!attempt->moved_on)
        attempt->result = results[outcome];
}

static bool try_change(const struct users *users, struct attempt *attempt, struct error *err)
{
    struct account from;
    enum put_account_outcome outcome;
    bool found = false;

    attempt->moved_on = false;
    attempt->result = CHANGE_GONE;
    if (!user_store_get_account(users->store, attempt->id, &from, &found, err))
        return false;
    if (!found)
        return true;
    attempt->account = from;
    if (!attempt->edit(users, attempt->context, &attempt->account, &attempt->result, err))
        return false;
    if (attempt->result != CHANGE_DONE)
        return true;
    if (!write_account(users, &from, attempt->deletes ? NULL : &attempt->account, &outcome, err))
        return false;
    judge_outcome(attempt, outcome);
    return true;
}

static bool change(const struct users *users, struct attempt *attempt, struct error *err)
{
    for (int tries = 0; tries < CHANGE_TRIES; tries++) {
        if (!try_change(users, attempt, err))
            return false;
        if (!attempt->moved_on)
            return true;
    }
    return error_set(err, ERR_BUSY, 0, "an account kept moving on");
}

bool account_change(const struct users *users, const struct id *id, account_edit *edit,
                    void *context, struct account *account, enum change_result *result,
                    struct error *err)
{
    struct attempt attempt = { .id = id, .edit = edit, .context = context };

    if (!change(users, &attempt, err))
        return false;
    *account = attempt.account;
    *result = attempt.result;
    return true;
}

bool account_delete(const struct users *users, const struct id *id, account_edit *edit,
                    void *context, enum change_result *result, struct error *err)
{
    struct attempt attempt = { .id = id, .edit = edit, .context = context, .deletes = true };

    if (!change(users, &attempt, err))
        return false;
    *result = attempt.result;
    return true;
}

/* --- Audit. --- */

void account_audit(const struct users *users, enum audit_action action, const struct actor *actor,
                   const struct id *target, enum change_result result)
{
    static const struct {
        bool told;
        enum audit_outcome outcome;
    } events[CHANGE_RESULTS] = {
        [CHANGE_DONE] = { true, AUDIT_DONE },
        [CHANGE_LAST_ADMIN] = { true, AUDIT_REFUSED },
        [CHANGE_WRONG_PASSWORD] = { true, AUDIT_REFUSED },
    };

    if (events[result].told)
        audit(users, &(struct audit_entry){ .action = action,
                                            .outcome = events[result].outcome,
                                            .actor = &actor->user_id,
                                            .target = target,
                                            .source = &actor->source });
}
