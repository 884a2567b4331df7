/* How an account changes on MongoDB, step by step: its names, the guard of the last admin, and what
 * a failure at each step leaves. */
#include "contract/user_store_replies.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { REPLIES_MAX = 12 };

/* What the first account, an active admin at revision 1, is to become. */
enum wish { CHANGE, RENAME, RENAME_BOTH, DEMOTE, DEMOTE_AND_RENAME, DELETE };

#define USES_IT    ACCOUNT(OTHER, "Other", "other@example.org", 1)
#define USES_NOT   ACCOUNT(OTHER, "Third", "third@example.org", 1)
#define OURS_NOW   ACCOUNT(OURS, "Name.1", "Mail1@Example.org", 1)
#define OURS_LATER ACCOUNT(OURS, "Other", "Mail1@Example.org", 2)

#define FREE_GUARD(turn) CANNED_BATCH("{'_id': 'last-admin', 'turn': " #turn "}")
#define HELD_GUARD(turn, id)                                                                       \
    CANNED_BATCH("{'_id': 'last-admin', 'turn': " #turn ", 'userId': " id "}")

static const struct change_case {
    const char *name;
    enum wish wish;
    struct canned_reply replies[REPLIES_MAX];
    enum err code;
    enum put_account_outcome outcome;
    const char *last_update, *last_delete; /* a part of it; NULL: there is none */
} change_cases[] = {
    /* --- The one write. --- */
    { "put: as it was read", CHANGE, { { "update", CHANGED } }, ERR_NONE, ACCOUNT_PUT, "", NULL },
    { "put: it was changed since",
      CHANGE,
      { { "update", NOT_CHANGED } },
      ERR_NONE,
      ACCOUNT_MOVED_ON,
      "",
      NULL },
    { "put: no answer", CHANGE, { { "update", CANNED_SILENCE } }, ERR_UNKNOWN, 0, "", NULL },
    { "put: refused", CHANGE, { { "update", NOT_PRIMARY } }, ERR_UNAVAILABLE, 0, "", NULL },
    { "put: an internal error is no reason to repeat it",
      CHANGE,
      { { "update", INTERNAL } },
      ERR_UNKNOWN,
      0,
      "",
      NULL },

    { "put: may be done, as a document's own error tells",
      CHANGE,
      { { "update", WRITE_ERROR(1) } },
      ERR_UNKNOWN,
      0,
      "",
      NULL },
    { "put: not understood", CHANGE, { { "update", WRITE_ERROR(2) } }, ERR_BUG, 0, "", NULL },
    { "put: the disk is full",
      CHANGE,
      { { "update", WRITE_ERROR(14031) } },
      ERR_UNAVAILABLE,
      0,
      "",
      NULL },
    { "put: a deadlock, and once more",
      CHANGE,
      { { "update", WRITE_ERROR(16908292) }, { "update", CHANGED } },
      ERR_NONE,
      ACCOUNT_PUT,
      "",
      NULL },

    /* --- Names. --- */
    { "rename: the name is free, the old one is freed",
      RENAME,
      { { "insert", INSERTED }, { "update", CHANGED }, { "delete", CHANGED } },
      ERR_NONE,
      ACCOUNT_PUT,
      "\"Other\"",
      "\"name.1\"" },
    { "rename: the old name cannot be freed",
      RENAME,
      { { "insert", INSERTED }, { "update", CHANGED }, { "delete", NOT_PRIMARY } },
      ERR_NONE,
      ACCOUNT_PUT,
      "\"Other\"",
      "\"name.1\"" },
    { "rename: the name is another's",
      RENAME,
      { { "insert", DUPLICATE }, { "find", CLAIM(OTHER, 1) }, { "find", USES_IT } },
      ERR_NONE,
      ACCOUNT_NAME_TAKEN,
      NULL,
      NULL },
    { "rename: the e-mail is another's, the username is given back",
      RENAME_BOTH,
      { { "insert", INSERTED },
        { "insert", DUPLICATE },
        { "find", CLAIM(OTHER, 1) },
        { "find", USES_IT },
        { "delete", CHANGED } },
      ERR_NONE,
      ACCOUNT_NAME_TAKEN,
      NULL,
      "\"other\"" },
    { "rename: whoever claimed the name is past it",
      RENAME,
      { { "insert", DUPLICATE },
        { "find", CLAIM(OTHER, 1) },
        { "find", USES_NOT },
        { "update", CHANGED },
        { "update", CHANGED },
        { "delete", CHANGED } },
      ERR_NONE,
      ACCOUNT_PUT,
      "\"Other\"",
      "\"name.1\"" },
    { "rename: and claims it anew before us",
      RENAME,
      { { "insert", DUPLICATE },
        { "find", CLAIM(OTHER, 1) },
        { "find", USES_NOT },
        { "update", NOT_CHANGED },
        { "insert", DUPLICATE },
        { "find", CLAIM(OTHER, 2) },
        { "find", USES_IT } },
      ERR_NONE,
      ACCOUNT_NAME_TAKEN,
      "\"revision\" : 1",
      NULL },
    { "rename: the name is of a user who was deleted",
      RENAME,
      { { "insert", DUPLICATE },
        { "find", CLAIM(OTHER, 1) },
        { "find", TOMBSTONE },
        { "update", CHANGED },
        { "update", CHANGED },
        { "delete", CHANGED } },
      ERR_NONE,
      ACCOUNT_PUT,
      "\"Other\"",
      "\"name.1\"" },
    { "rename: the name was ours once",
      RENAME,
      { { "insert", DUPLICATE },
        { "find", CLAIM(OURS, 1) },
        { "find", OURS_NOW },
        { "update", CHANGED },
        { "update", CHANGED },
        { "delete", CHANGED } },
      ERR_NONE,
      ACCOUNT_PUT,
      "\"Other\"",
      "\"name.1\"" },
    { "rename: another change of ours has the name, which it keeps",
      RENAME,
      { { "insert", DUPLICATE }, { "find", CLAIM(OURS, 2) }, { "find", OURS_LATER } },
      ERR_NONE,
      ACCOUNT_MOVED_ON,
      NULL,
      NULL },
    { "rename: we were deleted",
      RENAME,
      { { "insert", DUPLICATE }, { "find", CLAIM(OURS, 2) }, { "find", TOMBSTONE } },
      ERR_NONE,
      ACCOUNT_MOVED_ON,
      NULL,
      NULL },
    { "rename: it was changed since, the name is given back",
      RENAME,
      { { "insert", INSERTED }, { "update", NOT_CHANGED }, { "delete", CHANGED } },
      ERR_NONE,
      ACCOUNT_MOVED_ON,
      "\"Other\"",
      "\"other\"" },
    { "rename: no answer to a claim is nothing done",
      RENAME,
      { { "insert", CANNED_SILENCE } },
      ERR_UNAVAILABLE,
      0,
      NULL,
      NULL },
    { "rename: no answer to a take-over is nothing done",
      RENAME,
      { { "insert", DUPLICATE },
        { "find", CLAIM(OTHER, 1) },
        { "find", USES_NOT },
        { "update", CANNED_SILENCE } },
      ERR_UNAVAILABLE,
      0,
      "\"revision\" : 1",
      NULL },
    { "rename: no answer to the put keeps the claim",
      RENAME,
      { { "insert", INSERTED }, { "update", CANNED_SILENCE } },
      ERR_UNKNOWN,
      0,
      "\"Other\"",
      NULL },

    /* --- The last admin. --- */
    { "demote: another admin is there",
      DEMOTE,
      { { "find", FREE_GUARD(4) },
        { "update", CHANGED },
        { "update", CHANGED },
        { "update", CHANGED },
        { "update", CHANGED } },
      ERR_NONE,
      ACCOUNT_PUT,
      "{ \"_id\" : \"last-admin\", \"turn\" : 5 }",
      NULL },
    { "demote: nobody needed the guard before",
      DEMOTE,
      { { "find", NOTHING },
        { "insert", INSERTED },
        { "update", CHANGED },
        { "update", CHANGED },
        { "update", CHANGED },
        { "update", CHANGED } },
      ERR_NONE,
      ACCOUNT_PUT,
      "{ \"_id\" : \"last-admin\", \"turn\" : 1 }",
      NULL },
    { "demote: another was faster with the guard",
      DEMOTE,
      { { "find", FREE_GUARD(4) },
        { "update", NOT_CHANGED },
        { "find", FREE_GUARD(6) },
        { "update", CHANGED },
        { "update", CHANGED },
        { "update", CHANGED },
        { "update", CHANGED } },
      ERR_NONE,
      ACCOUNT_PUT,
      "{ \"_id\" : \"last-admin\", \"turn\" : 7 }",
      NULL },
    { "demote: nobody else is an admin",
      DEMOTE,
      { { "find", FREE_GUARD(4) },
        { "update", CHANGED },
        { "update", NOT_CHANGED },
        { "find", OURS_NOW },
        { "update", CHANGED } },
      ERR_NONE,
      ACCOUNT_LAST_ADMIN,
      "\"$unset\"",
      NULL },
    { "demote: nobody else is an admin, and it was changed since",
      DEMOTE,
      { { "find", FREE_GUARD(4) },
        { "update", CHANGED },
        { "update", NOT_CHANGED },
        { "find", OURS_LATER },
        { "update", CHANGED } },
      ERR_NONE,
      ACCOUNT_MOVED_ON,
      "\"$unset\"",
      NULL },
    { "demote: nobody else is an admin, and the name is given back",
      DEMOTE_AND_RENAME,
      { { "insert", INSERTED },
        { "find", FREE_GUARD(4) },
        { "update", CHANGED },
        { "update", NOT_CHANGED },
        { "find", OURS_NOW },
        { "update", CHANGED },
        { "delete", CHANGED } },
      ERR_NONE,
      ACCOUNT_LAST_ADMIN,
      "\"$unset\"",
      "\"other\"" },
    { "demote: the guard was taken over, our put fails",
      DEMOTE,
      { { "find", FREE_GUARD(4) },
        { "update", CHANGED },
        { "update", CHANGED },
        { "update", NOT_CHANGED },
        { "update", NOT_CHANGED } },
      ERR_NONE,
      ACCOUNT_MOVED_ON,
      "\"$unset\"",
      NULL },
    { "demote: no answer for the guard is nothing done",
      DEMOTE,
      { { "find", FREE_GUARD(4) }, { "update", CANNED_SILENCE } },
      ERR_UNAVAILABLE,
      0,
      "\"turn\" : 5",
      NULL },
    { "demote: no answer about other admins is nothing done",
      DEMOTE,
      { { "find", FREE_GUARD(4) }, { "update", CHANGED }, { "update", CANNED_SILENCE } },
      ERR_UNAVAILABLE,
      0,
      "\"vouched\"",
      NULL },
    { "demote: no answer to the put keeps the guard",
      DEMOTE,
      { { "find", FREE_GUARD(4) },
        { "update", CHANGED },
        { "update", CHANGED },
        { "update", CANNED_SILENCE } },
      ERR_UNKNOWN,
      0,
      "\"player\"",
      NULL },
    { "demote: the guard cannot be released",
      DEMOTE,
      { { "find", FREE_GUARD(4) },
        { "update", CHANGED },
        { "update", CHANGED },
        { "update", CHANGED },
        { "update", NOT_PRIMARY } },
      ERR_NONE,
      ACCOUNT_PUT,
      "\"$unset\"",
      NULL },
    { "demote: a guard that is none",
      DEMOTE,
      { { "find", CANNED_BATCH("{'_id': 'last-admin'}") } },
      ERR_BUG,
      0,
      NULL,
      NULL },

    /* --- Deleting. --- */
    { "delete: with names and sessions",
      DELETE,
      { { "find", FREE_GUARD(4) },
        { "update", CHANGED },
        { "update", CHANGED },
        { "update", CHANGED },
        { "update", CHANGED },
        { "delete", CHANGED },
        { "delete", CHANGED },
        { "delete", CHANGED } },
      ERR_NONE,
      ACCOUNT_PUT,
      "\"$unset\"",
      "\"sessions\"" },
    { "delete: what it leaves cannot be deleted",
      DELETE,
      { { "find", FREE_GUARD(4) },
        { "update", CHANGED },
        { "update", CHANGED },
        { "update", CHANGED },
        { "update", CHANGED },
        { "delete", NOT_PRIMARY },
        { "delete", NOT_PRIMARY },
        { "delete", NOT_PRIMARY } },
      ERR_NONE,
      ACCOUNT_PUT,
      "\"$unset\"",
      "\"sessions\"" },
    { "delete: it was changed since",
      DELETE,
      { { "find", FREE_GUARD(4) },
        { "update", CHANGED },
        { "update", CHANGED },
        { "update", NOT_CHANGED },
        { "update", CHANGED } },
      ERR_NONE,
      ACCOUNT_MOVED_ON,
      "\"$unset\"",
      NULL },
};

static struct account wished(const struct account *from, enum wish wish)
{
    struct account to = *from;

    to.epoch++;
    if (wish == RENAME || wish == RENAME_BOTH || wish == DEMOTE_AND_RENAME)
        strcpy(to.user.username, "Other");
    if (wish == RENAME_BOTH)
        strcpy(to.user.email, "other@example.org");
    if (wish == DEMOTE || wish == DEMOTE_AND_RENAME)
        to.user.role = ROLE_PLAYER;
    return to;
}

static bool make_it_so(struct user_store *store, enum wish wish, enum put_account_outcome *outcome,
                       struct error *err)
{
    const struct account from = nth_account(1), to = wished(&from, wish);

    return wish == DELETE ? user_store_delete_account(store, &from, outcome, err)
                          : user_store_put_account(store, &from, &to, outcome, err);
}

static void assert_last(const char *command, const char *part)
{
    const char *last = canned_mongo_last(command);

    if (part ? !strstr(last, part) || last[0] == '\0' : last[0] != '\0')
        fail_msg("%s: %s", command, last);
}

static void an_account_changes_step_by_step(void **state)
{
    const struct change_case *c = *state;
    const enum put_account_outcome untouched = (enum put_account_outcome)77;
    enum put_account_outcome outcome = untouched;
    struct error err = { 0 };
    size_t count = 0;
    AUTO(user_store) struct user_store *store = open_to_replies(c->replies, &count);

    assert_int_equal(make_it_so(store, c->wish, &outcome, &err), c->code == ERR_NONE);
    assert_int_equal(err.code, c->code);
    assert_int_equal(outcome, c->code == ERR_NONE ? c->outcome : untouched);
    assert_int_equal(canned_mongo_given(), count);
    assert_last("update", c->last_update);
    assert_last("delete", c->last_delete);
}

/* Once it may be done, the name may be somebody's again. */
static void freeing_a_name_is_not_repeated_in_doubt(void **state)
{
    (void)state;
    static const struct canned_reply replies[] = { { "insert", INSERTED },
                                                   { "update", CHANGED },
                                                   { "delete", INTERNAL },
                                                   { "delete", CHANGED }, /* for a repeat */
                                                   { NULL, NULL } };
    enum put_account_outcome outcome = ACCOUNT_NAME_TAKEN;
    struct error err = { 0 };
    size_t count = 0;
    AUTO(user_store) struct user_store *store = open_to_replies(replies, &count);

    assert_true(make_it_so(store, RENAME, &outcome, &err));
    assert_int_equal(outcome, ACCOUNT_PUT);
    assert_int_equal(canned_mongo_given(), count - 1);
}

/* --- Patience. --- */

enum { LOOKS = 51 }; /* at somebody who may be slow; then it counts as stopped */

/* Whoever claimed the name does not use it: that user is fenced, and its claim taken over. */
static void a_stopped_rename_is_fenced(void **state)
{
    (void)state;
    static struct canned_reply replies[2 * LOOKS + 9] = { { "insert", DUPLICATE } };
    enum put_account_outcome outcome = ACCOUNT_NAME_TAKEN;
    struct error err = { 0 };
    size_t count = 1;

    for (size_t i = 0; i < LOOKS; i++) {
        replies[count++] = (struct canned_reply){ "find", CLAIM(OTHER, 2) };
        replies[count++] = (struct canned_reply){ "find", USES_NOT };
    }
    replies[count++] = (struct canned_reply){ "update", CHANGED }; /* the fence */
    replies[count++] = (struct canned_reply){ "insert", DUPLICATE };
    replies[count++] = (struct canned_reply){ "find", CLAIM(OTHER, 2) };
    replies[count++] = (struct canned_reply){ "find", ACCOUNT(OTHER, "Third", "t@x.org", 2) };
    replies[count++] = (struct canned_reply){ "update", CHANGED }; /* taken over */
    replies[count++] = (struct canned_reply){ "update", CHANGED }; /* put */
    replies[count++] = (struct canned_reply){ "delete", CHANGED };
    AUTO(user_store) struct user_store *store = open_to_replies(replies, &count);
    assert_true(make_it_so(store, RENAME, &outcome, &err));
    assert_int_equal(outcome, ACCOUNT_PUT);
    assert_int_equal(canned_mongo_given(), count);
}

/* Another change of the same user claimed the name and was stopped: we are fenced as well. */
static void a_stopped_rename_of_ours_is_fenced(void **state)
{
    (void)state;
    static struct canned_reply replies[2 * LOOKS + 6] = { { "insert", DUPLICATE } };
    enum put_account_outcome outcome = ACCOUNT_NAME_TAKEN;
    struct error err = { 0 };
    size_t count = 1;

    for (size_t i = 0; i < LOOKS; i++) {
        replies[count++] = (struct canned_reply){ "find", CLAIM(OURS, 2) };
        replies[count++] = (struct canned_reply){ "find", OURS_NOW };
    }
    replies[count++] = (struct canned_reply){ "update", CHANGED }; /* the fence */
    replies[count++] = (struct canned_reply){ "insert", DUPLICATE };
    replies[count++] = (struct canned_reply){ "find", CLAIM(OURS, 2) };
    replies[count++] =
        (struct canned_reply){ "find", ACCOUNT(OURS, "Name.1", "Mail1@Example.org", 2) };
    AUTO(user_store) struct user_store *store = open_to_replies(replies, &count);
    assert_true(make_it_so(store, RENAME, &outcome, &err));
    assert_int_equal(outcome, ACCOUNT_MOVED_ON);
    assert_int_equal(canned_mongo_given(), count);
    assert_last("update", "\"$inc\" : { \"revision\"");
    assert_last("delete", NULL);
}

static void a_guard_that_stays_taken_is_taken_over(void **state)
{
    (void)state;
    static struct canned_reply replies[LOOKS + 6];
    enum put_account_outcome outcome = ACCOUNT_NAME_TAKEN;
    struct error err = { 0 };
    size_t count = 0;

    while (count < LOOKS)
        replies[count++] = (struct canned_reply){ "find", HELD_GUARD(4, OTHER) };
    for (int i = 0; i < 5; i++) /* fence, guard, other admin, put, release */
        replies[count++] = (struct canned_reply){ "update", CHANGED };
    AUTO(user_store) struct user_store *store = open_to_replies(replies, &count);
    assert_true(make_it_so(store, DEMOTE, &outcome, &err));
    assert_int_equal(outcome, ACCOUNT_PUT);
    assert_int_equal(canned_mongo_given(), count);
    assert_last("update", "\"turn\" : 5 }");
}

/* Each has it for a short time, but there are too many of them. */
static void a_guard_that_is_always_anothers_is_busy(void **state)
{
    (void)state;
    enum { TURNS = 150 };
    static struct canned_reply replies[TURNS + 1];
    static char turns[TURNS][160];
    enum put_account_outcome outcome = ACCOUNT_NAME_TAKEN;
    struct error err = { 0 };
    size_t count = 0;

    for (; count < TURNS; count++) {
        snprintf(turns[count], sizeof turns[count],
                 CANNED_BATCH("{'_id': 'last-admin', 'turn': %zu, 'userId': " OTHER "}"), count);
        replies[count] = (struct canned_reply){ "find", turns[count] };
    }
    AUTO(user_store) struct user_store *store = open_to_replies(replies, &count);
    assert_false(make_it_so(store, DEMOTE, &outcome, &err));
    assert_int_equal(err.code, ERR_BUSY);
    assert_int_equal(canned_mongo_given(), count);
    assert_last("update", NULL);
}

/* --- Finding. --- */

static const struct find_case {
    const char *name;
    struct canned_reply replies[REPLIES_MAX];
} find_cases[] = {
    { "find: a claim that was not put yet",
      { { "find", CLAIM(OTHER, 2) },
        { "find", ACCOUNT(OTHER, "Third", "third@example.org", 1) } } },
    { "find: a claim whose user is not there",
      { { "find", CLAIM(OTHER, 1) }, { "find", NOTHING } } },
    { "find: nobody, by as many reads", { { "find", NOTHING }, { "find", NOTHING } } },
};

static void who_does_not_use_a_name_is_not_found_by_it(void **state)
{
    const struct find_case *c = *state;
    struct account got;
    size_t count = 0;
    AUTO(user_store) struct user_store *store = open_to_replies(c->replies, &count);

    assert_false(find(store, "Other", &got));
    assert_int_equal(canned_mongo_given(), count);
    assert_non_null(strstr(canned_mongo_last("find"), "\"users\""));
}

int main(void)
{
    struct tests tests = { 0 };

    assert(sodium_init() >= 0);
    canned_mongo_start();
    ADD_ROWS(&tests, an_account_changes_step_by_step, change_cases);
    ADD_TEST(&tests, freeing_a_name_is_not_repeated_in_doubt);
    ADD_TEST(&tests, a_stopped_rename_is_fenced);
    ADD_TEST(&tests, a_stopped_rename_of_ours_is_fenced);
    ADD_TEST(&tests, a_guard_that_stays_taken_is_taken_over);
    ADD_TEST(&tests, a_guard_that_is_always_anothers_is_busy);
    ADD_ROWS(&tests, who_does_not_use_a_name_is_not_found_by_it, find_cases);
    int failed = tests_run("changes of accounts and MongoDB's replies", &tests);
    canned_mongo_stop();
    return failed;
}
