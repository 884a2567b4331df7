/* Users: found by both names in whatever case, and each name only once. */
#include "contract/user_store_suite.h"

#include <string.h>

static void a_user_comes_back_as_it_was_stored(void **state)
{
    (void)state;
    AUTO(user_store) struct user_store *store = suite_begin();
    const struct account account = nth_account(1);
    struct account got;
    struct error err = { 0 };
    bool found = false;

    assert_int_equal(add(store, &account), USER_ADDED);
    assert_true(user_store_get_account(store, &account.user.id, &got, &found, &err));
    assert_true(found);
    assert_same_account(&got, &account);
}

static void an_inactive_player_of_the_longest_texts_comes_back(void **state)
{
    (void)state;
    AUTO(user_store) struct user_store *store = suite_begin();
    struct account account = { .user = { .role = ROLE_PLAYER, .active = false }, .revision = 1 };
    struct account got;

    memset(account.user.username, 'u', USERNAME_MAX);
    memset(account.user.first_name, 'f', PERSON_NAME_BYTES);
    memset(account.user.last_name, 'l', PERSON_NAME_BYTES);
    memset(account.user.email, 'e', EMAIL_MAX);
    memset(account.user.phone, '1', 1 + PHONE_DIGITS_MAX);
    memset(account.user.photo, 'p', PHOTO_MAX);
    memset(account.password.text, 'h', PASSWORD_HASH_MAX);
    assert_int_equal(add(store, &account), USER_ADDED);
    assert_true(find(store, account.user.email, &got));
    assert_same_account(&got, &account);
}

static const struct find_case {
    const char *name, *text;
    bool found;
} find_cases[] = {
    { "find: the username", "Name.1", true },
    { "find: the username in capitals", "NAME.1", true },
    { "find: the e-mail", "Mail1@Example.org", true },
    { "find: the e-mail in lower case", "mail1@example.org", true },
    { "find: another's name", "Name.2", false },
    { "find: the beginning of a name", "Name.", false },
    { "find: a pattern", "Name.%", false },
    { "find: a regular expression", "/name.*/", false },
    { "find: a condition of SQL", "' OR 1=1 --", false },
    { "find: an operator of MongoDB", "{\"$gt\":\"\"}", false },
    { "find: nothing", "", false },
};

static void names_are_found_without_case(void **state)
{
    const struct find_case *c = *state;
    AUTO(user_store) struct user_store *store = suite_begin();
    const struct account account = nth_account(1);
    struct account got = nth_account(9), untouched = nth_account(9);

    assert_int_equal(add(store, &account), USER_ADDED);
    assert_int_equal(find(store, c->text, &got), c->found);
    assert_same_account(&got, c->found ? &account : &untouched);
}

static const struct taken_case {
    const char *name, *username, *email;
    bool taken;
} taken_cases[] = {
    { "add: both names new", "other", "other@example.org", false },
    { "add: the username is taken", "Name.1", "other@example.org", true },
    { "add: the username is taken, other case", "nAME.1", "other@example.org", true },
    { "add: the e-mail is taken", "other", "Mail1@Example.org", true },
    { "add: the e-mail is taken, other case", "other", "MAIL1@EXAMPLE.ORG", true },
    { "add: both are taken", "Name.1", "Mail1@Example.org", true },
};

static void a_name_is_taken_once(void **state)
{
    const struct taken_case *c = *state;
    AUTO(user_store) struct user_store *store = suite_begin();
    const struct account first = nth_account(1);
    struct account second = nth_account(2), got;
    bool found;
    struct error err = { 0 };

    strcpy(second.user.username, c->username);
    strcpy(second.user.email, c->email);
    assert_int_equal(add(store, &first), USER_ADDED);
    assert_int_equal(add(store, &second), c->taken ? USER_NAME_TAKEN : USER_ADDED);
    assert_true(user_store_get_account(store, &second.user.id, &got, &found, &err));
    assert_int_equal(found, !c->taken);
    assert_true(find(store, "Name.1", &got));
    assert_same_account(&got, &first);
}

/* Whoever came in vain for one name does not keep the other. */
static void a_refused_user_leaves_its_other_name_free(void **state)
{
    (void)state;
    AUTO(user_store) struct user_store *store = suite_begin();
    const struct account first = nth_account(1);
    struct account refused = nth_account(2), third = nth_account(3);

    strcpy(refused.user.email, first.user.email);
    strcpy(third.user.username, refused.user.username);
    assert_int_equal(add(store, &first), USER_ADDED);
    assert_int_equal(add(store, &refused), USER_NAME_TAKEN);
    assert_int_equal(add(store, &third), USER_ADDED);

    refused = nth_account(4);
    strcpy(refused.user.username, first.user.username);
    third = nth_account(5);
    strcpy(third.user.email, refused.user.email);
    assert_int_equal(add(store, &refused), USER_NAME_TAKEN);
    assert_int_equal(add(store, &third), USER_ADDED);
}

static void what_was_stored_is_there_for_the_next_handle(void **state)
{
    (void)state;
    struct user_store *store = suite_begin();
    const struct account account = nth_account(1);
    struct account got;

    assert_int_equal(add(store, &account), USER_ADDED);
    user_store_close(store);
    AUTO(user_store) struct user_store *again = suite_open();
    assert_true(find(again, "Name.1", &got));
    assert_same_account(&got, &account);
}

void add_user_cases(struct tests *tests)
{
    ADD_TEST(tests, a_user_comes_back_as_it_was_stored);
    ADD_TEST(tests, an_inactive_player_of_the_longest_texts_comes_back);
    ADD_ROWS(tests, names_are_found_without_case, find_cases);
    ADD_ROWS(tests, a_name_is_taken_once, taken_cases);
    ADD_TEST(tests, a_refused_user_leaves_its_other_name_free);
    ADD_TEST(tests, what_was_stored_is_there_for_the_next_handle);
}
