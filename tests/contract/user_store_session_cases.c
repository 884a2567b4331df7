/* Sessions: one document, moved on by one conditional step. */
#include "contract/user_store_suite.h"

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
    expected.parent = expected.current;
    expected.current = child;
    expected.rotated_at = rotation.rotated_at;
    expected.expires_at = rotation.expires_at;
    assert_true(read_session(store, 1, &session));
    assert_same_session(&session, &expected);
    assert_true(read_session(store, 2, &session));
    assert_same_session(&session, &other);
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

void add_session_cases(struct tests *tests)
{
    ADD_TEST(tests, a_session_comes_back_with_whose_it_is);
    ADD_TEST(tests, a_session_without_its_user_is_not_found);
    ADD_TEST(tests, a_rotation_moves_the_session_on);
    ADD_TEST(tests, the_same_rotation_again_finds_the_session_moved_on);
    ADD_TEST(tests, a_session_that_ended_stays_ended);
}
