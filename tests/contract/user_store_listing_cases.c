/* Users page by page: each that is there all the while exactly once. */
#include "contract/user_store_racing.h"

#include <string.h>

enum { USERS = 24, PAGE = 5 };

/* Every third is an admin, every second active. */
static struct account listed_account(uint32_t n)
{
    struct account account = nth_account(n);

    account.user.role = n % 3 == 0 ? ROLE_ADMIN : ROLE_PLAYER;
    account.user.active = n % 2 == 0;
    return account;
}

/* Not in the order of their ids. */
static void add_users(struct user_store *store)
{
    for (uint32_t i = 0; i < USERS; i++) {
        const struct account account = listed_account(1 + i * 7 % USERS);
        assert_int_equal(add(store, &account), USER_ADDED);
    }
}

/* Moves the query on behind what it gives. No assertions: threads run it, too. */
static bool next_page(struct user_store *store, struct user_query *query, struct user users[PAGE],
                      size_t *count, struct error *err)
{
    query->limit = PAGE;
    if (!user_store_list_users(store, query, users, count, err))
        return false;
    if (*count > 0) {
        query->has_after = true;
        query->after = users[*count - 1].id;
    }
    return true;
}

static size_t page_after(struct user_store *store, struct user_query *query,
                         struct user users[PAGE])
{
    struct error err = { 0 };
    size_t count = 0;

    if (!next_page(store, query, users, &count, &err))
        fail_msg("list_users: %s", err.detail);
    assert_in_range(count, 0, PAGE);
    return count;
}

static const struct filter_case {
    const char *name;
    bool by_role, by_active;
    enum role role;
    bool active;
    const char *username;
    uint32_t count;
} filter_cases[] = {
    { "list: all", false, false, ROLE_PLAYER, false, NULL, USERS },
    { "list: admins", true, false, ROLE_ADMIN, false, NULL, 8 },
    { "list: players", true, false, ROLE_PLAYER, false, NULL, 16 },
    { "list: the active", false, true, ROLE_PLAYER, true, NULL, 12 },
    { "list: the inactive", false, true, ROLE_PLAYER, false, NULL, 12 },
    { "list: active admins", true, true, ROLE_ADMIN, true, NULL, 4 },
    { "list: inactive players", true, true, ROLE_PLAYER, false, NULL, 8 },
    { "list: a username", false, false, ROLE_PLAYER, false, "Name.6", 1 },
    { "list: a username in other case", false, false, ROLE_PLAYER, false, "nAME.6", 1 },
    { "list: a username of nobody", false, false, ROLE_PLAYER, false, "Name.99", 0 },
    { "list: the beginning of a username", false, false, ROLE_PLAYER, false, "Name", 0 },
    { "list: a username and its role", true, false, ROLE_ADMIN, false, "Name.6", 1 },
    { "list: a username and another role", true, false, ROLE_PLAYER, false, "Name.6", 0 },
    { "list: a username that is active", false, true, ROLE_PLAYER, true, "Name.6", 1 },
    { "list: a username that is not inactive", false, true, ROLE_PLAYER, false, "Name.6", 0 },
    { "list: all at once", true, true, ROLE_ADMIN, true, "Name.6", 1 },
};

static struct user_query query_of(const struct filter_case *c)
{
    struct user_query query = { .by_role = c->by_role,
                                .by_active = c->by_active,
                                .by_username = c->username != NULL,
                                .role = c->role,
                                .active = c->active };

    if (c->username)
        query.username = user_key_of(c->username);
    return query;
}

static bool belongs(const struct filter_case *c, const struct user *user)
{
    const struct user_key key = user_key_of(user->username);

    return (!c->by_role || user->role == c->role) && (!c->by_active || user->active == c->active) &&
           (!c->username || strcmp(key.text, user_key_of(c->username).text) == 0);
}

/* The next of those that are listed, from n on. */
static uint32_t next_that_belongs(const struct filter_case *c, uint32_t n)
{
    for (;; n++) {
        const struct account account = listed_account(n);
        assert_in_range(n, 1, USERS);
        if (belongs(c, &account.user))
            return n;
    }
}

/* In order, all of them, as they were stored; only the last page is not full. */
static void pages_hold_what_passes_the_filter(void **state)
{
    const struct filter_case *c = *state;
    AUTO(user_store) struct user_store *store = suite_begin();
    struct user_query query = query_of(c);
    struct user page[PAGE];
    uint32_t n = 0, listed = 0;
    size_t count;

    add_users(store);
    do {
        count = page_after(store, &query, page);
        for (size_t i = 0; i < count; i++) {
            n = next_that_belongs(c, n + 1);
            const struct account expected = listed_account(n);
            assert_same_user(&page[i], &expected.user);
            listed++;
        }
    } while (count == PAGE);
    assert_int_equal(listed, c->count);
}

static void an_empty_store_has_an_empty_page(void **state)
{
    (void)state;
    AUTO(user_store) struct user_store *store = suite_begin();
    struct user_query query = { .limit = PAGE };
    struct user page[PAGE];

    assert_int_equal(page_after(store, &query, page), 0);
}

static void a_user_is_listed_as_it_is_now(void **state)
{
    (void)state;
    AUTO(user_store) struct user_store *store = suite_begin();
    const struct account admin = nth_account(1), before = nth_account(2);
    const struct user_query query = {
        .by_role = true, .role = ROLE_PLAYER, .by_active = true, .limit = PAGE
    };
    struct account after = before;
    struct user page[PAGE];
    struct error err = { 0 };
    size_t count = 0;

    after.user.role = ROLE_PLAYER;
    after.user.active = false;
    strcpy(after.user.username, "Other");
    assert_int_equal(add(store, &admin), USER_ADDED);
    assert_int_equal(add(store, &before), USER_ADDED);
    assert_int_equal(put(store, &before, &after), ACCOUNT_PUT);
    assert_true(user_store_list_users(store, &query, page, &count, &err));
    assert_int_equal(count, 1);
    assert_same_user(&page[0], &after.user);
}

/* --- While users come and go. --- */

enum { STEP = 10 }; /* between the ids of those that stay: room for others */

static void add_staying_users(struct user_store *store)
{
    for (uint32_t i = 1; i <= USERS; i++) {
        const struct account account = nth_account(i * STEP);
        assert_int_equal(add(store, &account), USER_ADDED);
    }
}

/* Which users came, of those that stay. */
static void count_page(const struct user page[], size_t count, unsigned listed[USERS + 1])
{
    for (size_t i = 0; i < count; i++)
        for (uint32_t n = 1; n <= USERS; n++) {
            const struct id id = nth_id(n * STEP, A_USER);
            listed[n] += id_equal(&page[i].id, &id);
        }
}

static void assert_all_listed_once(const unsigned listed[USERS + 1])
{
    for (uint32_t n = 1; n <= USERS; n++)
        assert_int_equal(listed[n], 1);
}

/* One comes where we have been, one comes and goes where we shall be, one that stays changes. */
static void come_and_go(struct user_store *store, uint32_t page)
{
    const struct account passed = nth_account(2 * STEP + page);
    const struct account ahead = nth_account((USERS - 2) * STEP + page);
    const struct account stays = nth_account(page * STEP);
    struct account to = stays;

    strcpy(to.user.last_name, "Changed");
    assert_int_equal(add(store, &passed), USER_ADDED);
    assert_int_equal(add(store, &ahead), USER_ADDED);
    assert_int_equal(delete_read(store, &ahead), ACCOUNT_PUT);
    assert_int_equal(put(store, &stays, &to), ACCOUNT_PUT);
}

static void who_stays_is_listed_once_while_others_come_and_go(void **state)
{
    (void)state;
    AUTO(user_store) struct user_store *store = suite_begin();
    struct user_query query = { .by_active = true, .active = true };
    unsigned listed[USERS + 1] = { 0 };
    struct user page[PAGE];
    uint32_t pages = 0;
    size_t count;

    add_staying_users(store);
    do {
        count = page_after(store, &query, page);
        count_page(page, count, listed);
        come_and_go(store, ++pages);
    } while (count == PAGE);
    assert_all_listed_once(listed);
}

/* The cursor is where a user was, whether or not it still is there. */
static void a_page_goes_on_behind_a_user_that_is_gone(void **state)
{
    (void)state;
    AUTO(user_store) struct user_store *store = suite_begin();
    struct user_query query = { .limit = PAGE };
    const struct account gone = nth_account(PAGE), next = nth_account(PAGE + 1);
    struct user page[PAGE];

    for (uint32_t n = 1; n <= PAGE + 1; n++) {
        const struct account account = nth_account(n);
        assert_int_equal(add(store, &account), USER_ADDED);
    }
    assert_int_equal(page_after(store, &query, page), PAGE);
    assert_int_equal(delete_read(store, &gone), ACCOUNT_PUT);
    assert_int_equal(page_after(store, &query, page), 1);
    assert_same_user(&page[0], &next.user);
}

struct listing_race {
    unsigned *listed; /* by the first racer; the others add */
};

static bool list_all(struct user_store *store, unsigned listed[USERS + 1], struct error *err)
{
    struct user_query query = { 0 };
    struct user page[PAGE];
    size_t count = PAGE;

    while (count == PAGE) {
        if (!next_page(store, &query, page, &count, err))
            return false;
        count_page(page, count, listed);
    }
    return true;
}

static void *list_or_add(void *context)
{
    struct racer *racer = context;
    const struct listing_race *row = racer->row;

    pthread_barrier_wait(racer->start);
    if (racer->number == 0) {
        racer->failed = !list_all(racer->store, row->listed, &racer->err);
        return NULL;
    }
    for (uint32_t i = 1; !racer->failed && i < USERS; i++) {
        const struct account account = nth_account(i * STEP + racer->number);
        enum add_user_outcome outcome;
        racer->failed = !user_store_add_user(racer->store, &account, &outcome, &racer->err);
    }
    return NULL;
}

static void who_stays_is_listed_once_while_others_sign_up(void **state)
{
    (void)state;
    struct user_store *stores[HANDLES];
    unsigned listed[USERS + 1] = { 0 };
    const struct listing_race row = { listed };

    race_begin(stores);
    add_staying_users(stores[0]);
    run_race(list_or_add, 4, stores, &row);
    assert_all_listed_once(listed);
    race_end(stores);
}

void add_listing_cases(struct tests *tests)
{
    ADD_ROWS(tests, pages_hold_what_passes_the_filter, filter_cases);
    ADD_TEST(tests, an_empty_store_has_an_empty_page);
    ADD_TEST(tests, a_user_is_listed_as_it_is_now);
    ADD_TEST(tests, who_stays_is_listed_once_while_others_come_and_go);
    ADD_TEST(tests, a_page_goes_on_behind_a_user_that_is_gone);
    ADD_TEST(tests, who_stays_is_listed_once_while_others_sign_up);
}
