/* The guard of the last active admin, and who counts as one. */
#include "contract/user_store_suite.h"

#include <string.h>

static struct account nth_user(uint32_t n, enum role role, bool active)
{
    struct account account = nth_account(n);

    account.user.role = role;
    account.user.active = active;
    return account;
}

static bool has_admin(struct user_store *store)
{
    struct error err = { 0 };
    bool has = false;

    if (!user_store_has_admin(store, &has, &err))
        fail_msg("has_admin: %s", err.detail);
    return has;
}

static const struct admin_case {
    const char *name;
    enum role role;
    bool active, counts;
} admin_cases[] = {
    { "has_admin: an active admin", ROLE_ADMIN, true, true },
    { "has_admin: an inactive admin", ROLE_ADMIN, false, false },
    { "has_admin: an active player", ROLE_PLAYER, true, false },
    { "has_admin: an inactive player", ROLE_PLAYER, false, false },
};

static void active_admins_count(void **state)
{
    const struct admin_case *c = *state;
    AUTO(user_store) struct user_store *store = suite_begin();
    const struct account user = nth_user(1, c->role, c->active);

    assert_false(has_admin(store));
    assert_int_equal(add(store, &user), USER_ADDED);
    assert_int_equal(has_admin(store), c->counts);
}

/* Into an admin by a put, and no longer one after it is safe. */
static void an_admin_counts_as_soon_as_it_is_made(void **state)
{
    const struct admin_case *c = *state;
    AUTO(user_store) struct user_store *store = suite_begin();
    const struct account first = nth_account(1), player = nth_user(1, ROLE_PLAYER, true);
    const struct account before = nth_user(2, c->role, c->active), admin = nth_account(2);

    assert_int_equal(add(store, &first), USER_ADDED);
    assert_int_equal(add(store, &before), USER_ADDED);
    assert_int_equal(put(store, &before, &admin), ACCOUNT_PUT);
    assert_int_equal(put(store, &first, &player), ACCOUNT_PUT);
    assert_true(has_admin(store));
}

/* What becomes of the first account, an active admin unless said otherwise. */
enum change { DEMOTED, DEACTIVATED, BOTH, DELETED, RENAMED };

static const struct guard_case {
    const char *name;
    enum role role;
    bool active;
    enum change change;
    enum role other_role;
    bool other_active;
    enum put_account_outcome outcome;
} guard_cases[] = {
    { "guard: demote, another admin", ROLE_ADMIN, true, DEMOTED, ROLE_ADMIN, true, ACCOUNT_PUT },
    { "guard: deactivate, another admin", ROLE_ADMIN, true, DEACTIVATED, ROLE_ADMIN, true,
      ACCOUNT_PUT },
    { "guard: both, another admin", ROLE_ADMIN, true, BOTH, ROLE_ADMIN, true, ACCOUNT_PUT },
    { "guard: delete, another admin", ROLE_ADMIN, true, DELETED, ROLE_ADMIN, true, ACCOUNT_PUT },
    { "guard: rename, another admin", ROLE_ADMIN, true, RENAMED, ROLE_ADMIN, true, ACCOUNT_PUT },
    { "guard: demote, another is inactive", ROLE_ADMIN, true, DEMOTED, ROLE_ADMIN, false,
      ACCOUNT_LAST_ADMIN },
    { "guard: deactivate, another is inactive", ROLE_ADMIN, true, DEACTIVATED, ROLE_ADMIN, false,
      ACCOUNT_LAST_ADMIN },
    { "guard: both, another is inactive", ROLE_ADMIN, true, BOTH, ROLE_ADMIN, false,
      ACCOUNT_LAST_ADMIN },
    { "guard: delete, another is inactive", ROLE_ADMIN, true, DELETED, ROLE_ADMIN, false,
      ACCOUNT_LAST_ADMIN },
    { "guard: demote, a player beside it", ROLE_ADMIN, true, DEMOTED, ROLE_PLAYER, true,
      ACCOUNT_LAST_ADMIN },
    { "guard: deactivate, a player beside it", ROLE_ADMIN, true, DEACTIVATED, ROLE_PLAYER, true,
      ACCOUNT_LAST_ADMIN },
    { "guard: delete, a player beside it", ROLE_ADMIN, true, DELETED, ROLE_PLAYER, true,
      ACCOUNT_LAST_ADMIN },
    { "guard: the last one is renamed", ROLE_ADMIN, true, RENAMED, ROLE_PLAYER, true, ACCOUNT_PUT },
    { "guard: an inactive admin is demoted", ROLE_ADMIN, false, DEMOTED, ROLE_PLAYER, true,
      ACCOUNT_PUT },
    { "guard: an inactive admin is deleted", ROLE_ADMIN, false, DELETED, ROLE_PLAYER, true,
      ACCOUNT_PUT },
    { "guard: a player is deactivated", ROLE_PLAYER, true, DEACTIVATED, ROLE_PLAYER, true,
      ACCOUNT_PUT },
    { "guard: a player is deleted", ROLE_PLAYER, true, DELETED, ROLE_ADMIN, true, ACCOUNT_PUT },
};

static enum put_account_outcome apply(struct user_store *store, const struct account *from,
                                      enum change change)
{
    struct account to = *from;

    if (change == DEMOTED || change == BOTH)
        to.user.role = ROLE_PLAYER;
    if (change == DEACTIVATED || change == BOTH)
        to.user.active = false;
    strcpy(to.user.username, "Other"); /* with a rename, which must go as far as the rest */
    return change == DELETED ? delete_read(store, from) : put(store, from, &to);
}

static void the_last_active_admin_stays(void **state)
{
    const struct guard_case *c = *state;
    AUTO(user_store) struct user_store *store = suite_begin();
    const struct account account = nth_user(1, c->role, c->active);
    const struct account other = nth_user(2, c->other_role, c->other_active);
    const bool had_admin =
        (c->role == ROLE_ADMIN && c->active) || (c->other_role == ROLE_ADMIN && c->other_active);
    const struct session session = nth_session(1);
    struct session read;
    struct account got;
    struct error err = { 0 };

    assert_int_equal(add(store, &account), USER_ADDED);
    assert_int_equal(add(store, &other), USER_ADDED);
    assert_true(user_store_add_session(store, &session, &err));
    assert_int_equal(apply(store, &account, c->change), c->outcome);
    assert_int_equal(has_admin(store), had_admin);
    if (c->outcome == ACCOUNT_LAST_ADMIN) {
        assert_true(find(store, account.user.username, &got));
        assert_same_account(&got, &account);
        assert_false(find(store, "Other", &got));
        assert_true(read_session(store, 1, &read));
    }
    assert_true(find(store, other.user.username, &got));
    assert_same_account(&got, &other);
}

void add_admin_cases(struct tests *tests)
{
    ADD_ROWS(tests, active_admins_count, admin_cases);
    ADD_ROWS(tests, an_admin_counts_as_soon_as_it_is_made, admin_cases);
    ADD_ROWS(tests, the_last_active_admin_stays, guard_cases);
}
