/* Sessions: one document, moved on by one conditional step. */
#include "contract/user_store_suite.h"

#include <string.h>

#include "session.h"

static void a_session_comes_back_with_whose_it_is(void **state)
{
    (void)state;
    AUTO(user_store) struct user_store *store = suite_begin();
    const struct session expected = nth_session(1);
    const struct account owner = nth_account(1);
    struct session session;
    struct account account;
    struct error err = { 0 };
    bool found = false;

    add_nth(store, 1);
    add_nth(store, 2);
    assert_true(user_store_get_session(store, &expected.id, &session, &account, &found, &err));
    assert_true(found);
    assert_same_session(&session, &expected);
    assert_same_account(&account, &owner);
}

static void a_session_without_its_user_is_not_found(void **state)
{
    (void)state;
    AUTO(user_store) struct user_store *store = suite_begin();
    const struct session orphan = nth_session(1);
    struct session session;
    struct error err = { 0 };

    assert_true(user_store_add_session(store, &orphan, &err));
    assert_false(read_session(store, 1, &session));
}

/* What a session is after the rotation. */
static void move_on(struct session *session, const struct rotation *rotation)
{
    session->parent = session->current;
    session->current = rotation->to;
    session->rotated_at = rotation->rotated_at;
    session->expires_at = rotation->expires_at;
    memcpy(session->older, rotation->older, sizeof session->older);
}

static void a_rotation_moves_the_session_on(void **state)
{
    (void)state;
    AUTO(user_store) struct user_store *store = suite_begin();
    const struct digest child = nth_digest(1000);
    const struct rotation rotation = rotation_of(1, &child);
    struct session expected = nth_session(1), other = nth_session(2), session;

    add_nth(store, 1);
    add_nth(store, 2);
    assert_int_equal(rotate(store, &rotation), SESSION_ROTATED);
    move_on(&expected, &rotation);
    assert_true(read_session(store, 1, &session));
    assert_same_session(&session, &expected);
    assert_true(read_session(store, 2, &session));
    assert_same_session(&session, &other);
}

/* From none to all of them and back: each rotation brings the whole list. */
static void older_tokens_are_as_the_last_rotation_says(void **state)
{
    (void)state;
    AUTO(user_store) struct user_store *store = suite_begin();
    const struct account account = nth_account(1);
    struct session expected = nth_session(1), session;
    struct error err = { 0 };

    memset(expected.older, 0, sizeof expected.older);
    assert_int_equal(add(store, &account), USER_ADDED);
    assert_true(user_store_add_session(store, &expected, &err));
    for (uint32_t i = 0; i <= 2 * (USED_TOKENS_KEPT - 1); i++) {
        const struct digest child = nth_digest(1000 + i);
        const uint32_t kept = i < USED_TOKENS_KEPT ? i : 2 * (USED_TOKENS_KEPT - 1) - i;
        struct rotation rotation = rotation_of(1, &child);
        memset(rotation.older + kept, 0, sizeof rotation.older - kept * sizeof *rotation.older);
        rotation.from = expected.current;
        assert_true(read_session(store, 1, &session));
        assert_same_session(&session, &expected);
        assert_int_equal(rotate(store, &rotation), SESSION_ROTATED);
        move_on(&expected, &rotation);
    }
    assert_true(read_session(store, 1, &session));
    assert_same_session(&session, &expected);
}

static void the_same_rotation_again_finds_the_session_moved_on(void **state)
{
    (void)state;
    AUTO(user_store) struct user_store *store = suite_begin();
    const struct digest first = nth_digest(1000), second = nth_digest(2000);
    const struct rotation winner = rotation_of(1, &first), loser = rotation_of(1, &second);
    struct session before, after;

    add_nth(store, 1);
    assert_int_equal(rotate(store, &winner), SESSION_ROTATED);
    assert_true(read_session(store, 1, &before));
    assert_int_equal(rotate(store, &winner), SESSION_MOVED_ON);
    assert_int_equal(rotate(store, &loser), SESSION_MOVED_ON);
    assert_true(read_session(store, 1, &after));
    assert_same_session(&after, &before);
}

static void a_session_that_ended_stays_ended(void **state)
{
    (void)state;
    AUTO(user_store) struct user_store *store = suite_begin();
    const struct digest child = nth_digest(1000);
    const struct rotation rotation = rotation_of(1, &child);
    struct session session = nth_session(1);
    struct error err = { 0 };

    add_nth(store, 1);
    add_nth(store, 2);
    assert_true(user_store_end_session(store, &session.id, &err));
    assert_true(user_store_end_session(store, &session.id, &err)); /* again: fine */
    assert_int_equal(rotate(store, &rotation), SESSION_MOVED_ON);
    assert_false(read_session(store, 1, &session));
    assert_true(read_session(store, 2, &session));
}

static void a_session_ends_only_as_it_was_read(void **state)
{
    (void)state;
    AUTO(user_store) struct user_store *store = suite_begin();
    const struct digest child = nth_digest(1000);
    const struct rotation rotation = rotation_of(1, &child);
    const struct session read = nth_session(1), gone = nth_session(3);
    struct session moved, session;
    struct error err = { 0 };
    bool ended = true;

    add_nth(store, 1);
    add_nth(store, 2);
    assert_int_equal(rotate(store, &rotation), SESSION_ROTATED);
    assert_true(user_store_end_session_as_read(store, &read, &ended, &err));
    assert_false(ended);
    assert_true(read_session(store, 1, &moved));

    assert_true(user_store_end_session_as_read(store, &moved, &ended, &err));
    assert_true(ended);
    assert_false(read_session(store, 1, &session));
    assert_true(read_session(store, 2, &session));

    assert_true(user_store_end_session_as_read(store, &moved, &ended, &err));
    assert_false(ended);
    assert_true(user_store_end_session_as_read(store, &gone, &ended, &err));
    assert_false(ended);
}

/* --- Refreshing over the store, by a clock that the case turns. --- */

struct turned_store {
    struct user_store base;
    struct user_store *real;
    int64_t now_ms;
};

static struct turned_store *turned(struct user_store *store)
{
    return (struct turned_store *)store;
}

static int64_t turned_now(struct user_store *store)
{
    return turned(store)->now_ms;
}

static bool turned_get_session(struct user_store *store, const struct id *id,
                               struct session *session, struct account *account, bool *found,
                               struct error *err)
{
    return user_store_get_session(turned(store)->real, id, session, account, found, err);
}

static bool turned_rotate_session(struct user_store *store, const struct rotation *rotation,
                                  enum rotate_outcome *outcome, struct error *err)
{
    return user_store_rotate_session(turned(store)->real, rotation, outcome, err);
}

static bool turned_end_session_as_read(struct user_store *store, const struct session *from,
                                       bool *ended, struct error *err)
{
    return user_store_end_session_as_read(turned(store)->real, from, ended, err);
}

static bool turned_add_audit(struct user_store *store, const struct audit_event *event,
                             struct error *err)
{
    return user_store_add_audit(turned(store)->real, event, err);
}

static const struct user_store_functions turned_functions = {
    .now = turned_now,
    .get_session = turned_get_session,
    .rotate_session = turned_rotate_session,
    .end_session_as_read = turned_end_session_as_read,
    .add_audit = turned_add_audit,
};

/* Gives the token in; `child` is what came back, "" if it was refused. */
static enum refresh_result give_in(const struct users *users, const struct refresh_text *token,
                                   struct refresh_text *child)
{
    struct refresh request = { .token = *token };
    struct error err = { 0 };

    if (!refresh(users, &request, &err))
        fail_msg("refresh: %s", err.detail);
    *child = request.pair.refresh;
    token_pair_done(&request.pair);
    return request.result;
}

enum { CHAIN = USED_TOKENS_KEPT };

/* A session whose tokens 0 to CHAIN - 1 were used a second after each other. */
static void make_chain(const struct users *users, struct turned_store *store,
                       struct refresh_text tokens[CHAIN + 1])
{
    const struct account account = nth_account(1);
    struct token_pair pair = { 0 };
    struct session session;
    struct error err = { 0 };

    assert_int_equal(add(store->real, &account), USER_ADDED);
    assert_true(session_prepare(users, &account, &session, &pair, &err));
    assert_true(user_store_add_session(store->real, &session, &err));
    tokens[0] = pair.refresh;
    token_pair_done(&pair);
    for (int i = 0; i < CHAIN; i++, store->now_ms += SECOND_MS)
        assert_int_equal(give_in(users, &tokens[i], &tokens[i + 1]), REFRESH_ROTATED);
}

static const struct grace_case {
    const char *name;
    int64_t after_ms; /* since the token's own first use */
    enum refresh_result result;
} grace_cases[] = {
    { "chain: each token again, after 9.9 s", 9900, REFRESH_REPLAYED },
    { "chain: each token again, after 10.1 s", 10100, REFRESH_REUSED },
};

static void each_token_of_a_chain_has_its_own_grace(void **state)
{
    const struct grace_case *c = *state;
    const int64_t start = INT64_C(1800000000000);

    for (int generation = 0; generation < CHAIN; generation++) {
        AUTO(user_store) struct user_store *real = suite_begin();
        struct turned_store store = { { &turned_functions }, real, start };
        struct users users = suite_users(&store.base);
        struct refresh_text tokens[CHAIN + 1], child;
        make_chain(&users, &store, tokens);
        store.now_ms = start + generation * SECOND_MS + c->after_ms;
        assert_int_equal(give_in(&users, &tokens[generation], &child), c->result);
        const bool lives = c->result == REFRESH_REPLAYED;
        assert_string_equal(child.text, lives ? tokens[generation + 1].text : "");
        assert_int_equal(give_in(&users, &tokens[CHAIN], &child),
                         lives ? REFRESH_ROTATED : REFRESH_REFUSED);
        key_ring_close(users.keys);
    }
}

void add_session_cases(struct tests *tests)
{
    ADD_TEST(tests, older_tokens_are_as_the_last_rotation_says);
    ADD_ROWS(tests, each_token_of_a_chain_has_its_own_grace, grace_cases);
    ADD_TEST(tests, a_session_comes_back_with_whose_it_is);
    ADD_TEST(tests, a_session_without_its_user_is_not_found);
    ADD_TEST(tests, a_rotation_moves_the_session_on);
    ADD_TEST(tests, the_same_rotation_again_finds_the_session_moved_on);
    ADD_TEST(tests, a_session_that_ended_stays_ended);
    ADD_TEST(tests, a_session_ends_only_as_it_was_read);
}
