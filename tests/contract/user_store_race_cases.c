/* Many at once, on two handles: one wins, the others are told so, nothing else happens. */
#include "contract/user_store_suite.h"

#include <pthread.h>
#include <string.h>

#include "session.h"

enum { THREADS = 16, HANDLES = 2, REFRESHES = 100 };

struct racer {
    struct user_store *store;
    pthread_barrier_t *start;
    uint32_t number;
    const void *row;
    bool failed, won;
    struct error err;
};

/* Runs `race` on `count` threads at once; the number of winners. */
static unsigned run_race(void *(*race)(void *), size_t count, struct user_store *const stores[],
                         const void *row)
{
    struct racer racers[REFRESHES];
    pthread_t threads[REFRESHES];
    pthread_barrier_t start;
    unsigned winners = 0;

    pthread_barrier_init(&start, NULL, (unsigned)count);
    for (uint32_t i = 0; i < count; i++) {
        racers[i] = (struct racer){
            .store = stores[i % HANDLES], .start = &start, .number = i, .row = row
        };
        assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    }
    for (size_t i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&start);
    for (size_t i = 0; i < count; i++) {
        if (racers[i].failed)
            fail_msg("racer: %s", racers[i].err.detail);
        winners += racers[i].won;
    }
    return winners;
}

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
    struct user_store *stores[HANDLES] = { suite_begin(), suite_open() };
    struct account account;

    assert_int_equal(run_race(sign_up, THREADS, stores, row), 1);
    assert_true(find(stores[0], row->same_username ? "alice" : "alice@example.org", &account));
    for (size_t i = 0; i < HANDLES; i++)
        user_store_close(stores[i]);
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
    struct user_store *stores[HANDLES] = { suite_begin(), suite_open() };
    const struct session before = nth_session(1);
    struct session after;

    add_nth(stores[0], 1);
    assert_int_equal(run_race(rotate_to_own_child, REFRESHES, stores, NULL), 1);
    assert_true(read_session(stores[0], 1, &after));
    assert_memory_equal(after.parent.bytes, before.current.bytes, DIGEST_BYTES);
    for (size_t i = 0; i < HANDLES; i++)
        user_store_close(stores[i]);
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
    struct user_store *stores[HANDLES] = { suite_begin(), suite_open() };
    struct refresh_text children[REFRESHES];
    struct refresh_race row = { .children = children };

    add_nth(stores[0], 1);
    for (size_t i = 0; i < HANDLES; i++)
        row.users[i] = suite_users(stores[i]);
    row.token = begin_session(row.users, 1);
    assert_int_equal(run_race(refresh_one_token, REFRESHES, stores, &row), 1);
    assert_int_equal(strlen(children[0].text), REFRESH_TOKEN_LENGTH);
    for (size_t i = 1; i < REFRESHES; i++)
        assert_string_equal(children[i].text, children[0].text);
    for (size_t i = 0; i < HANDLES; i++) {
        key_ring_close(row.users[i].keys);
        user_store_close(stores[i]);
    }
}

void add_user_race_cases(struct tests *tests)
{
    ADD_TEST(tests, many_refreshes_of_one_token_give_one_child);
    ADD_ROWS(tests, of_many_with_one_name_one_signs_up, signup_races);
    ADD_TEST(tests, of_many_rotations_of_one_token_one_counts);
}
