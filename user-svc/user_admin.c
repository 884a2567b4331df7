#include "user_admin.h"

#include <stdlib.h>
#include "base/auto.h"

bool create_user(const struct users *users, struct create_user *request, struct error *err)
{
    const struct actor *actor = &request->actor;
    struct account account;
    enum add_user_outcome outcome;

    if (!account_prepare(users, &request->wanted, &account, err))
        return false;
    account.user.role = request->role;
    account.user.active = request->active;
    if (!user_store_add_user(users->store, &account, &outcome, err))
        return false;
    request->user = account.user;
    request->result = outcome == USER_ADDED ? CHANGE_DONE : CHANGE_NAME_TAKEN;
    account_audit(users, AUDIT_USER_CREATE, actor, &account.user.id, request->result);
    return true;
}

/* --- Changing, deleting. --- */

static bool is_expected(const struct expected_versions *expected, uint32_t version)
{
    for (size_t i = 0; i < expected->count; i++)
        if (expected->versions[i] == version)
            return true;
    return !expected->given || expected->any;
}

static bool edit_user(const struct users *users, void *context, struct account *account,
                      enum change_result *result, struct error *err)
{
    const struct change_user *request = context;

    (void)users;
    (void)err;
    *result = is_expected(&request->expected, account->user.version)
                  ? account_apply(account, &request->change)
                  : CHANGE_NOT_EXPECTED;
    return true;
}

bool change_user(const struct users *users, struct change_user *request, struct error *err)
{
    struct account account;

    if (!account_change(users, &request->user_id, edit_user, request, &account, &request->result,
                        err))
        return false;
    request->user = account.user;
    account_audit(users, AUDIT_USER_CHANGE, &request->actor, &request->user_id, request->result);
    return true;
}

static bool edit_to_nothing(const struct users *users, void *context, struct account *account,
                            enum change_result *result, struct error *err)
{
    const struct delete_user *request = context;

    (void)users;
    (void)err;
    *result =
        is_expected(&request->expected, account->user.version) ? CHANGE_DONE : CHANGE_NOT_EXPECTED;
    return true;
}

bool delete_user(const struct users *users, struct delete_user *request, struct error *err)
{
    if (!account_delete(users, &request->user_id, edit_to_nothing, request, &request->result, err))
        return false;
    account_audit(users, AUDIT_USER_DELETE, &request->actor, &request->user_id, request->result);
    return true;
}

/* --- Listing. --- */

bool list_users(const struct users *users, struct list_users *list, struct error *err)
{
    struct user_query query = list->query;

    query.limit++; /* one more than asked tells whether there is a next page */
    AUTO(memory) struct user *page = calloc(query.limit, sizeof *page);
    if (!page)
        return error_set(err, ERR_NO_MEMORY, 0, "page of %zu users", query.limit);

    size_t count = 0;
    if (!user_store_list_users(users->store, &query, page, &count, err))
        return false;
    list->more = count > list->query.limit;
    list->count = list->more ? list->query.limit : count;
    list->users = STEAL(page);
    return true;
}

void list_users_done(struct list_users *list)
{
    free(list->users);
    list->users = NULL;
}
