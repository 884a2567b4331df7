/* The guard of the last active admin, and who counts as one. */
#include "contract/user_store_racing.h"

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

/* What becomes of an account. */
enum change { DEMOTED, DEACTIVATED, BOTH, DELETED, RENAMED, PROMOTED };

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

/* All but a deletion. */
static struct account changed(const struct account *from, enum change change)
{
    struct account to = *from;

    if (change == DEMOTED || change == BOTH)
        to.user.role = ROLE_PLAYER;
    if (change == DEACTIVATED || change == BOTH)
        to.user.active = false;
    if (change == PROMOTED) {
        to.user.role = ROLE_ADMIN;
        to.user.active = true;
    }
    return to;
}

/* With a rename, which must go as far as the rest. */
static enum put_account_outcome apply(struct user_store *store, const struct account *from,
                                      enum change change)
{
    struct account to = changed(from, change);

    strcpy(to.user.username, "Other");
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

/* --- Many at once. --- */

enum { ADMINS = 4, GUARD_RACERS = 50, GUARD_ROUNDS = 4 };

struct guard_race {
    const char *name;
    uint32_t admins;
    bool promote; /* every second racer makes the account an admin again */
};

static bool is_active_admin(const struct account *account)
{
    return account->user.role == ROLE_ADMIN && account->user.active;
}

static bool try_change(struct racer *racer, const struct account *from, enum change change,
                       enum put_account_outcome *outcome)
{
    const struct account to = changed(from, change);

    return change == DELETED
               ? user_store_delete_account(racer->store, from, outcome, &racer->err)
               : user_store_put_account(racer->store, from, &to, outcome, &racer->err);
}

/* As a use case does it: reads, changes, and reads again for as long as others are faster. */
static void *change_an_admin(void *context)
{
    struct racer *racer = context;
    const struct guard_race *row = racer->row;
    const struct id id = nth_id(1 + racer->number % row->admins, A_USER);
    const uint32_t turn = racer->number / row->admins;
    const bool promote = row->promote && turn % 2 == 1;
    const enum change change = promote ? PROMOTED : (enum change)(turn % (DELETED + 1));
    enum put_account_outcome outcome = ACCOUNT_MOVED_ON;
    struct account account;
    bool found = true;

    pthread_barrier_wait(racer->start);
    while (!racer->failed && outcome == ACCOUNT_MOVED_ON) {
        if (!user_store_get_account(racer->store, &id, &account, &found, &racer->err))
            racer->failed = true;
        else if (!found || is_active_admin(&account) == promote)
            break;
        else
            racer->failed = !try_change(racer, &account, change, &outcome);
    }
    racer->won = outcome == ACCOUNT_PUT;
    return NULL;
}

static unsigned count_admins(struct user_store *store)
{
    const struct user_query query = {
        .by_role = true, .role = ROLE_ADMIN, .by_active = true, .active = true, .limit = ADMINS
    };
    struct user users[ADMINS];
    struct error err = { 0 };
    size_t count = 0;

    if (!user_store_list_users(store, &query, users, &count, &err))
        fail_msg("list_users: %s", err.detail);
    return (unsigned)count;
}

static void add_admins(struct user_store *store, uint32_t count)
{
    for (uint32_t n = 1; n <= count; n++) {
        const struct account account = nth_account(n);
        assert_int_equal(add(store, &account), USER_ADDED);
    }
}

static const struct guard_race guard_races[] = {
    { "race: the last two admins leave", 2, false },
    { "race: several admins leave", ADMINS, false },
};

static void of_admins_that_leave_at_once_one_stays(void **state)
{
    const struct guard_race *row = *state;

    for (int round = 0; round < GUARD_ROUNDS; round++) {
        struct user_store *stores[HANDLES];
        race_begin(stores);
        add_admins(stores[0], row->admins);
        assert_int_equal(run_race(change_an_admin, GUARD_RACERS, stores, row), row->admins - 1);
        assert_int_equal(count_admins(stores[0]), 1);
        assert_true(has_admin(stores[0]));
        race_end(stores);
    }
}

/* The guard still knows who is there: all but one can leave, that one cannot. */
static void assert_all_but_one_can_leave(struct user_store *store)
{
    unsigned left = count_admins(store);

    for (uint32_t n = 1; n <= ADMINS; n++) {
        const struct account account = nth_account(n);
        struct account got;
        if (!get(store, &account, &got) || !is_active_admin(&got))
            continue;
        assert_int_equal(apply(store, &got, DELETED), left > 1 ? ACCOUNT_PUT : ACCOUNT_LAST_ADMIN);
        left -= left > 1;
    }
    assert_int_equal(left, 1);
    assert_int_equal(count_admins(store), 1);
}

static void admins_that_come_and_leave_at_once_leave_one(void **state)
{
    static const struct guard_race row = { "", 2, true };

    (void)state;
    for (int round = 0; round < GUARD_ROUNDS; round++) {
        struct user_store *stores[HANDLES];
        race_begin(stores);
        add_admins(stores[0], row.admins);
        run_race(change_an_admin, GUARD_RACERS, stores, &row);
        assert_in_range(count_admins(stores[0]), 1, row.admins);
        assert_all_but_one_can_leave(stores[0]);
        race_end(stores);
    }
}

void add_admin_cases(struct tests *tests)
{
    ADD_ROWS(tests, active_admins_count, admin_cases);
    ADD_ROWS(tests, an_admin_counts_as_soon_as_it_is_made, admin_cases);
    ADD_ROWS(tests, the_last_active_admin_stays, guard_cases);
    ADD_ROWS(tests, of_admins_that_leave_at_once_one_stays, guard_races);
    ADD_TEST(tests, admins_that_come_and_leave_at_once_leave_one);
}
