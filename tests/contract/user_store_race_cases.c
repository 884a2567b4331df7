/* Many at once, on two handles: one wins, the others are told so, nothing else happens. */
#include "contract/user_store_racing.h"

#include <string.h>

#include "session.h"

enum { REFRESHES = RACERS_MAX, ROUNDS = 8 };

static const struct signup_race {
    const char *name;
    bool same_username, same_email;
} signup_races[] = {
    { "race: one username", true, false },
    { "race: one e-mail", false, true },
    { "race: both names", true, true },
};

static void *sign_up(void *context)
{
    struct racer *racer = context;
    const struct signup_race *row = racer->row;
    struct account account = nth_account(racer->number + 1);
    const char *const usernames[] = { "alice", "ALICE" };
    const char *const emails[] = { "alice@example.org", "Alice@Example.Org" };
    enum add_user_outcome outcome = USER_NAME_TAKEN;

    if (row->same_username)
        strcpy(account.user.username, usernames[racer->number % 2]);
    if (row->same_email)
        strcpy(account.user.email, emails[racer->number % 2]);
    pthread_barrier_wait(racer->start);
    racer->failed = !user_store_add_user(racer->store, &account, &outcome, &racer->err);
    racer->won = outcome == USER_ADDED;
    return NULL;
}

static void of_many_with_one_name_one_signs_up(void **state)
{
    const struct signup_race *row = *state;
    struct user_store *stores[HANDLES];
    struct account account;

    race_begin(stores);
    assert_int_equal(run_race(sign_up, RACERS, stores, row), 1);
    assert_true(find(stores[0], row->same_username ? "alice" : "alice@example.org", &account));
    race_end(stores);
}

/* Each would make a child of its own, so that two winners could not hide. */
static void *rotate_to_own_child(void *context)
{
    struct racer *racer = context;
    const struct digest child = nth_digest(1000 + racer->number);
    const struct rotation rotation = rotation_of(1, &child);
    enum rotate_outcome outcome = SESSION_MOVED_ON;

    pthread_barrier_wait(racer->start);
    racer->failed = !user_store_rotate_session(racer->store, &rotation, &outcome, &racer->err);
    racer->won = outcome == SESSION_ROTATED;
    return NULL;
}

static void of_many_rotations_of_one_token_one_counts(void **state)
{
    (void)state;
    struct user_store *stores[HANDLES];
    const struct session before = nth_session(1);
    struct session after;

    race_begin(stores);
    add_nth(stores[0], 1);
    assert_int_equal(run_race(rotate_to_own_child, REFRESHES, stores, NULL), 1);
    assert_true(read_session(stores[0], 1, &after));
    assert_memory_equal(after.parent.bytes, before.current.bytes, DIGEST_BYTES);
    race_end(stores);
}

struct refresh_race {
    struct users users[HANDLES];
    struct refresh_text token;
    struct refresh_text *children; /* by racer */
};

static void *refresh_one_token(void *context)
{
    struct racer *racer = context;
    const struct refresh_race *row = racer->row;
    struct refresh request = { .token = row->token };

    pthread_barrier_wait(racer->start);
    racer->failed = !refresh(&row->users[racer->number % HANDLES], &request, &racer->err);
    racer->won = request.result == REFRESH_ROTATED;
    row->children[racer->number] = request.pair.refresh;
    token_pair_done(&request.pair);
    return NULL;
}

/* A session of the n-th account, which is there; its token. */
static struct refresh_text begin_session(const struct users *users, uint32_t n)
{
    const struct account account = nth_account(n);
    struct token_pair pair = { 0 };
    struct session session;
    struct error err = { 0 };

    assert_true(session_prepare(users, &account, &session, &pair, &err));
    assert_true(user_store_add_session(users->store, &session, &err));
    const struct refresh_text token = pair.refresh;
    token_pair_done(&pair);
    return token;
}

static void many_refreshes_of_one_token_give_one_child(void **state)
{
    (void)state;
    struct user_store *stores[HANDLES];
    struct refresh_text children[REFRESHES];
    struct refresh_race row = { .children = children };

    race_begin(stores);
    add_nth(stores[0], 1);
    for (size_t i = 0; i < HANDLES; i++)
        row.users[i] = suite_users(stores[i]);
    row.token = begin_session(row.users, 1);
    assert_int_equal(run_race(refresh_one_token, REFRESHES, stores, &row), 1);
    assert_int_equal(strlen(children[0].text), REFRESH_TOKEN_LENGTH);
    for (size_t i = 1; i < REFRESHES; i++)
        assert_string_equal(children[i].text, children[0].text);
    for (size_t i = 0; i < HANDLES; i++)
        key_ring_close(row.users[i].keys);
    race_end(stores);
}

/* --- Accounts. --- */

/* Each a change of its own to the account that all have read, so that two winners could not hide.
 */
static void *put_own_epoch(void *context)
{
    struct racer *racer = context;
    const struct account *from = racer->row;
    struct account to = *from;
    enum put_account_outcome outcome = ACCOUNT_MOVED_ON;

    to.epoch = 1000 + racer->number;
    pthread_barrier_wait(racer->start);
    racer->failed = !user_store_put_account(racer->store, from, &to, &outcome, &racer->err);
    racer->won = outcome == ACCOUNT_PUT;
    return NULL;
}

static void of_many_puts_of_one_reading_one_counts(void **state)
{
    (void)state;
    struct user_store *stores[HANDLES];
    struct account account = nth_account(1), after;

    race_begin(stores);
    assert_int_equal(add(stores[0], &account), USER_ADDED);
    for (uint32_t round = 1; round <= ROUNDS; round++) {
        assert_int_equal(run_race(put_own_epoch, RACERS, stores, &account), 1);
        assert_true(get(stores[0], &account, &after));
        assert_int_equal(after.revision, round + 1);
        assert_true(after.epoch >= 1000);
        account.epoch = after.epoch;
        account.revision = after.revision;
        assert_same_account(&after, &account);
    }
    race_end(stores);
}

static void *put_or_delete(void *context)
{
    struct racer *racer = context;
    const struct account *from = racer->row;
    enum put_account_outcome outcome = ACCOUNT_MOVED_ON;

    pthread_barrier_wait(racer->start);
    racer->failed = racer->number % 2 == 0
                        ? !user_store_put_account(racer->store, from, from, &outcome, &racer->err)
                        : !user_store_delete_account(racer->store, from, &outcome, &racer->err);
    racer->won = outcome == ACCOUNT_PUT;
    return NULL;
}

static void of_puts_and_deletions_of_one_reading_one_counts(void **state)
{
    (void)state;
    struct user_store *stores[HANDLES];
    const struct account other = nth_account(100);
    struct account after;

    race_begin(stores);
    assert_int_equal(add(stores[0], &other), USER_ADDED);
    for (uint32_t round = 1; round <= ROUNDS; round++) {
        const struct account account = nth_account(round);
        assert_int_equal(add(stores[0], &account), USER_ADDED);
        assert_int_equal(run_race(put_or_delete, RACERS, stores, &account), 1);
        const bool is_there = get(stores[0], &account, &after);
        assert_int_equal(find(stores[0], account.user.username, &after), is_there);
        if (is_there)
            assert_int_equal(after.revision, 2);
    }
    race_end(stores);
}

/* --- Names. --- */

/* An account of its own, renamed to what all want: signup_race's rows. */
static struct account wishing(const struct racer *racer)
{
    const struct signup_race *row = racer->row;
    struct account account = nth_account(racer->number + 1);

    if (row->same_username)
        strcpy(account.user.username, racer->number % 2 ? "Wanted" : "wanted");
    if (row->same_email)
        strcpy(account.user.email, racer->number % 2 ? "Wanted@x.org" : "wanted@x.org");
    return account;
}

static void *rename_to_what_all_want(void *context)
{
    struct racer *racer = context;
    const struct account from = nth_account(racer->number + 1), to = wishing(racer);
    enum put_account_outcome outcome = ACCOUNT_NAME_TAKEN;

    pthread_barrier_wait(racer->start);
    racer->failed = !user_store_put_account(racer->store, &from, &to, &outcome, &racer->err) ||
                    outcome == ACCOUNT_MOVED_ON;
    racer->won = outcome == ACCOUNT_PUT;
    return NULL;
}

/* Whoever lost has its own names, whoever won has them no more. */
static void assert_names_of_losers(struct user_store *store, const struct account *winner)
{
    for (uint32_t n = 1; n <= RACERS; n++) {
        const struct account before = nth_account(n);
        struct account got;
        const bool lost = !id_equal(&before.user.id, &winner->user.id);
        const bool kept_username = lost || strcmp(winner->user.username, before.user.username) == 0;
        const bool kept_email = lost || strcmp(winner->user.email, before.user.email) == 0;
        assert_int_equal(find(store, before.user.username, &got), kept_username);
        assert_int_equal(find(store, before.user.email, &got), kept_email);
    }
}

static void of_many_that_rename_to_one_name_one_has_it(void **state)
{
    const struct signup_race *row = *state;
    struct user_store *stores[HANDLES];
    struct account winner;

    race_begin(stores);
    for (uint32_t n = 1; n <= RACERS; n++) {
        const struct account account = nth_account(n);
        assert_int_equal(add(stores[0], &account), USER_ADDED);
    }
    assert_int_equal(run_race(rename_to_what_all_want, RACERS, stores, row), 1);
    assert_true(find(stores[0], row->same_username ? "wanted" : "wanted@x.org", &winner));
    assert_names_of_losers(stores[0], &winner);
    race_end(stores);
}

/* The first racer leaves a name, the others want it at that moment. */
static void *leave_or_take_a_name(void *context)
{
    struct racer *racer = context;
    const struct account from = nth_account(racer->number + 1), first = nth_account(1);
    struct account to = from;
    enum put_account_outcome outcome = ACCOUNT_NAME_TAKEN;

    strcpy(to.user.username, racer->number == 0 ? "Elsewhere" : first.user.username);
    pthread_barrier_wait(racer->start);
    racer->failed = !user_store_put_account(racer->store, &from, &to, &outcome, &racer->err) ||
                    outcome == ACCOUNT_MOVED_ON;
    racer->won = outcome == ACCOUNT_PUT;
    return NULL;
}

static void a_name_that_is_left_goes_to_one_at_most(void **state)
{
    (void)state;
    struct user_store *stores[HANDLES];
    const struct account first = nth_account(1), last = nth_account(RACERS + 1);
    struct account heir = last, got;

    strcpy(heir.user.username, first.user.username);
    race_begin(stores);
    for (uint32_t n = 1; n <= RACERS; n++) {
        const struct account account = nth_account(n);
        assert_int_equal(add(stores[0], &account), USER_ADDED);
    }
    const unsigned winners = run_race(leave_or_take_a_name, RACERS, stores, NULL);
    assert_in_range(winners, 1, 2);
    assert_true(find(stores[0], "Elsewhere", &got));
    assert_int_equal(find(stores[0], first.user.username, &got), winners == 2);
    assert_int_equal(add(stores[0], &heir), winners == 2 ? USER_NAME_TAKEN : USER_ADDED);
    race_end(stores);
}

void add_user_race_cases(struct tests *tests)
{
    ADD_TEST(tests, many_refreshes_of_one_token_give_one_child);
    ADD_ROWS(tests, of_many_with_one_name_one_signs_up, signup_races);
    ADD_TEST(tests, of_many_rotations_of_one_token_one_counts);
    ADD_TEST(tests, of_many_puts_of_one_reading_one_counts);
    ADD_TEST(tests, of_puts_and_deletions_of_one_reading_one_counts);
    ADD_ROWS(tests, of_many_that_rename_to_one_name_one_has_it, signup_races);
    ADD_TEST(tests, a_name_that_is_left_goes_to_one_at_most);
}
