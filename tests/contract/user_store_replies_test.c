/* How a user comes by its names on MongoDB when somebody else was stopped in the middle of it, and
 * what a failure at each step leaves. */
#include "contract/user_store_replies.h"

#include <sodium.h>
#include <string.h>

enum { REPLIES_MAX = 12 };

#define NAME_OF(id) CLAIM(id, 1)
#define USER        ACCOUNT(OTHER, "Name.1", "Mail1@Example.org", 1)

static const struct add_case {
    const char *name;
    struct canned_reply replies[REPLIES_MAX];
    enum err code;
    enum add_user_outcome outcome;
} add_cases[] = {
    { "add: all is free",
      { { "insert", INSERTED }, { "insert", INSERTED }, { "insert", INSERTED } },
      ERR_NONE,
      USER_ADDED },
    { "add: the name is a user's",
      { { "insert", DUPLICATE }, { "find", NAME_OF(OTHER) }, { "find", USER } },
      ERR_NONE,
      USER_NAME_TAKEN },
    { "add: the e-mail is a user's, the username is given back",
      { { "insert", INSERTED },
        { "insert", DUPLICATE },
        { "find", NAME_OF(OTHER) },
        { "find", USER },
        { "delete", CHANGED } },
      ERR_NONE,
      USER_NAME_TAKEN },
    { "add: the name is ours, by a try whose answer was lost",
      { { "insert", DUPLICATE },
        { "find", NAME_OF(OURS) },
        { "find", NOTHING },
        { "insert", INSERTED },
        { "insert", INSERTED } },
      ERR_NONE,
      USER_ADDED },
    { "add: the name is of one who can never come",
      { { "insert", DUPLICATE },
        { "find", NAME_OF(OTHER) },
        { "find", TOMBSTONE },
        { "update", CHANGED },
        { "insert", INSERTED },
        { "insert", INSERTED } },
      ERR_NONE,
      USER_ADDED },
    { "add: another took it over before us, then it is a user's",
      { { "insert", DUPLICATE },
        { "find", NAME_OF(OTHER) },
        { "find", TOMBSTONE },
        { "update", NOT_CHANGED },
        { "insert", DUPLICATE },
        { "find", NAME_OF(OTHER) },
        { "find", USER } },
      ERR_NONE,
      USER_NAME_TAKEN },
    { "add: the name was given back as we looked",
      { { "insert", DUPLICATE },
        { "find", NOTHING },
        { "insert", INSERTED },
        { "insert", INSERTED },
        { "insert", INSERTED } },
      ERR_NONE,
      USER_ADDED },
    { "add: no answer to a claim is no user",
      { { "insert", CANNED_SILENCE } },
      ERR_UNAVAILABLE,
      USER_ADDED },
    { "add: a claim is refused", { { "insert", NOT_PRIMARY } }, ERR_UNAVAILABLE, USER_ADDED },
    { "add: the user is refused",
      { { "insert", INSERTED }, { "insert", INSERTED }, { "insert", NOT_PRIMARY } },
      ERR_UNAVAILABLE,
      USER_ADDED },
    { "add: no answer to the user",
      { { "insert", INSERTED }, { "insert", INSERTED }, { "insert", CANNED_SILENCE } },
      ERR_UNKNOWN,
      USER_ADDED },
    { "add: the user is there, by a try whose answer was lost",
      { { "insert", INSERTED }, { "insert", INSERTED }, { "insert", DUPLICATE }, { "find", USER } },
      ERR_NONE,
      USER_ADDED },
    { "add: taken for dead, the names are free again",
      { { "insert", INSERTED },
        { "insert", INSERTED },
        { "insert", DUPLICATE },
        { "find", TOMBSTONE },
        { "delete", NOT_CHANGED },
        { "find", NOTHING },
        { "delete", CHANGED },
        { "find", NOTHING } },
      ERR_UNAVAILABLE,
      USER_ADDED },
    { "add: taken for dead, the name is another's",
      { { "insert", INSERTED },
        { "insert", INSERTED },
        { "insert", DUPLICATE },
        { "find", TOMBSTONE },
        { "delete", NOT_CHANGED },
        { "find", NAME_OF(OTHER) },
        { "find", USER } },
      ERR_NONE,
      USER_NAME_TAKEN },
    { "add: a name that is none",
      { { "insert", DUPLICATE }, { "find", CANNED_BATCH("{'_id': 'x'}") } },
      ERR_BUG,
      USER_ADDED },
};

static void names_are_claimed_step_by_step(void **state)
{
    const struct add_case *c = *state;
    const struct account account = nth_account(1);
    const enum add_user_outcome untouched = (enum add_user_outcome)77;
    enum add_user_outcome outcome = untouched;
    struct error err = { 0 };
    size_t count = 0;
    AUTO(user_store) struct user_store *store = open_to_replies(c->replies, &count);

    assert_int_equal(user_store_add_user(store, &account, &outcome, &err), c->code == ERR_NONE);
    assert_int_equal(err.code, c->code);
    assert_int_equal(outcome, c->code == ERR_NONE ? c->outcome : untouched);
    assert_int_equal(canned_mongo_given(), count);
}

/* Whoever claimed the name does not come: it is waited for, buried, and its name taken over. What
 * is not in the script finds nobody. */
static void an_abandoned_name_is_taken_over(void **state)
{
    (void)state;
    enum { LOOKS = 51 }; /* while it may be slow */
    static struct canned_reply replies[2 * LOOKS + 9] = { { "insert", DUPLICATE } };
    const struct account account = nth_account(1);
    enum add_user_outcome outcome = USER_NAME_TAKEN;
    struct error err = { 0 };
    size_t count = 1;

    for (size_t i = 0; i < LOOKS; i++) {
        replies[count++] = (struct canned_reply){ "find", NAME_OF(OTHER) };
        replies[count++] = (struct canned_reply){ "find", NOTHING };
    }
    replies[count++] = (struct canned_reply){ "insert", INSERTED }; /* the tombstone */
    replies[count++] = (struct canned_reply){ "insert", DUPLICATE };
    replies[count++] = (struct canned_reply){ "find", NAME_OF(OTHER) };
    replies[count++] = (struct canned_reply){ "find", TOMBSTONE };
    replies[count++] = (struct canned_reply){ "update", CHANGED };
    AUTO(user_store) struct user_store *store = open_to_replies(replies, &count);
    assert_true(user_store_add_user(store, &account, &outcome, &err));
    assert_int_equal(outcome, USER_ADDED);
    assert_int_equal(canned_mongo_given(), count);
    assert_non_null(strstr(canned_mongo_last("update"), "0123456789abcdef01234567"));
}

/* Neither by its id nor by its name. */
static void a_tombstone_is_no_user(void **state)
{
    (void)state;
    static const struct canned_reply replies[] = {
        { "find", TOMBSTONE },
        { "find", NAME_OF(OTHER) },
        { "find", TOMBSTONE },
        { NULL, NULL },
    };
    const struct account account = nth_account(1);
    struct account got;
    struct error err = { 0 };
    bool found = true;
    size_t count = 0;
    AUTO(user_store) struct user_store *store = open_to_replies(replies, &count);

    assert_true(user_store_get_account(store, &account.user.id, &got, &found, &err));
    assert_false(found);
    assert_false(find(store, "Name.1", &got));
    assert_int_equal(canned_mongo_given(), count);
}

/* --- Claiming a recovery. --- */

static const struct recovery_case {
    const char *name;
    struct canned_reply replies[2];
    enum err code;
} recovery_cases[] = {
    { "claim: none is due", { { "findAndModify", "{'ok': 1, 'value': null}" } }, ERR_NONE },
    { "claim: a reply without a value", { { "findAndModify", "{'ok': 1}" } }, ERR_BUG },
    { "claim: a value that is none", { { "findAndModify", "{'ok': 1, 'value': 3}" } }, ERR_BUG },
    { "claim: a recovery that is none",
      { { "findAndModify", "{'ok': 1, 'value': {'_id': " OURS "}}" } },
      ERR_BUG },
    { "claim: refused", { { "findAndModify", NOT_PRIMARY } }, ERR_UNAVAILABLE },
    { "claim: no answer", { { "findAndModify", CANNED_SILENCE } }, ERR_UNKNOWN },
    { "claim: an internal error is no reason to claim another",
      { { "findAndModify", INTERNAL } },
      ERR_UNKNOWN },
};

static void a_recovery_is_claimed_in_one_step(void **state)
{
    const struct recovery_case *c = *state;
    const struct id claim = nth_account(1).user.id;
    struct recovery recovery, before;
    struct error err = { 0 };
    bool found = true;
    size_t count = 0;
    AUTO(user_store) struct user_store *store = open_to_replies(c->replies, &count);

    memset(&recovery, 0x5A, sizeof recovery);
    memcpy(&before, &recovery, sizeof before);
    assert_int_equal(user_store_claim_recovery(store, &claim, 1, 2, &recovery, &found, &err),
                     c->code == ERR_NONE);
    assert_int_equal(err.code, c->code);
    assert_int_equal(found, c->code != ERR_NONE); /* untouched on failure */
    assert_memory_equal(&recovery, &before, sizeof before);
    assert_int_equal(canned_mongo_given(), count);
}

/* --- Ending a session as it was read. --- */

static const struct end_case {
    const char *name;
    struct canned_reply replies[3];
    enum err code;
    bool ended;
} end_cases[] = {
    { "end: as it was read", { { "delete", CHANGED } }, ERR_NONE, true },
    { "end: it moved on", { { "delete", NOT_CHANGED } }, ERR_NONE, false },
    { "end: refused", { { "delete", NOT_PRIMARY } }, ERR_UNAVAILABLE, true },
    { "end: no answer", { { "delete", CANNED_SILENCE } }, ERR_UNKNOWN, true },
    { "end: what may be done is not done again, or it would seem to have moved on",
      { { "delete", INTERNAL } },
      ERR_UNKNOWN,
      true },
};

static void a_session_ends_in_one_step(void **state)
{
    const struct end_case *c = *state;
    const struct session session = nth_session(1);
    struct error err = { 0 };
    bool ended = true; /* untouched on failure */
    size_t count = 0;
    AUTO(user_store) struct user_store *store = open_to_replies(c->replies, &count);

    assert_int_equal(user_store_end_session_as_read(store, &session, &ended, &err),
                     c->code == ERR_NONE);
    assert_int_equal(err.code, c->code);
    assert_int_equal(ended, c->ended);
    assert_int_equal(canned_mongo_given(), count);
    assert_non_null(strstr(canned_mongo_last("delete"), "\"current\""));
}

int main(void)
{
    struct tests tests = { 0 };

    assert(sodium_init() >= 0);
    canned_mongo_start();
    ADD_ROWS(&tests, names_are_claimed_step_by_step, add_cases);
    ADD_TEST(&tests, an_abandoned_name_is_taken_over);
    ADD_TEST(&tests, a_tombstone_is_no_user);
    ADD_ROWS(&tests, a_recovery_is_claimed_in_one_step, recovery_cases);
    ADD_ROWS(&tests, a_session_ends_in_one_step, end_cases);
    int failed = tests_run("user store and MongoDB's replies", &tests);
    canned_mongo_stop();
    return failed;
}
