/* What the order store makes of MongoDB's replies, those that no healthy server gives above all. */
#include "contract/order_store_suite.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "contract/canned_mongo.h"

enum { ASKED = 3, REPLIES_MAX = 8 };

/* Opens, which asks for things of its own, then begins the script. */
static struct order_store *open_with(const struct canned_reply replies[REPLIES_MAX])
{
    struct error err = { 0 };
    size_t count = 0;

    canned_mongo_script(NULL, 0);
    struct order_store *store = order_store_mongo_open(canned_mongo_uri(), &system_clock, &err);
    if (!store)
        fail_msg("cannot open: %s", err.detail);
    while (count < REPLIES_MAX && replies[count].command)
        count++;
    canned_mongo_script(replies, count);
    return store;
}

/* All of the script was used: else the case shows nothing. */
static void close_after(struct order_store *store, const struct canned_reply replies[REPLIES_MAX])
{
    size_t count = 0;

    while (count < REPLIES_MAX && replies[count].command)
        count++;
    order_store_close(store);
    assert_int_equal(canned_mongo_given(), count);
}

#define DUPLICATE_OF_1 "'writeErrors': [{'index': 1, 'code': 11000, 'errmsg': 'E11000'}]"
#define NO_MAJORITY    "'writeConcernError': {'code': 64, 'errmsg': 'waiting for replication'}"
#define DEADLOCK       "{'ok': 0, 'code': 16908292, 'errmsg': 'deadlock detected'}"

#define INSERTS(...)                                                                               \
    {                                                                                              \
        {                                                                                          \
            "insert", __VA_ARGS__                                                                  \
        }                                                                                          \
    }

static const struct insert_case {
    const char *name;
    struct canned_reply replies[REPLIES_MAX];
    enum write_outcome outcomes[ASKED];
} insert_cases[] = {
    { "insert: all", INSERTS("{'ok': 1, 'n': 3}"), { WRITE_OK, WRITE_OK, WRITE_OK } },
    { "insert: a number as a double",
      INSERTS("{'ok': 1.0, 'n': 3.0}"),
      { WRITE_OK, WRITE_OK, WRITE_OK } },
    { "insert: a duplicate",
      INSERTS("{'ok': 1, 'n': 2, " DUPLICATE_OF_1 "}"),
      { WRITE_OK, WRITE_DUPLICATE, WRITE_OK } },
    { "insert: no majority",
      INSERTS("{'ok': 1, 'n': 3, " NO_MAJORITY "}"),
      { WRITE_UNKNOWN, WRITE_UNKNOWN, WRITE_UNKNOWN } },
    { "insert: a duplicate of what no majority has",
      INSERTS("{'ok': 1, 'n': 2, " DUPLICATE_OF_1 ", " NO_MAJORITY "}"),
      { WRITE_UNKNOWN, WRITE_UNKNOWN, WRITE_UNKNOWN } },
    { "insert: one refused beside no majority",
      INSERTS("{'ok': 1, 'n': 2, 'writeErrors': [{'index': 1, 'code': 14031, 'errmsg': ''}], "
              "" NO_MAJORITY "}"),
      { WRITE_UNKNOWN, WRITE_FAILED, WRITE_UNKNOWN } },
    { "insert: the disk is full for one",
      INSERTS("{'ok': 1, 'n': 2, 'writeErrors': [{'index': 0, 'code': 14031, 'errmsg': ''}]}"),
      { WRITE_FAILED, WRITE_OK, WRITE_OK } },
    { "insert: an error of which we know nothing",
      INSERTS("{'ok': 1, 'n': 2, 'writeErrors': [{'index': 2, 'code': 4711, 'errmsg': ''}]}"),
      { WRITE_OK, WRITE_OK, WRITE_UNKNOWN } },
    { "insert: fewer than it says",
      INSERTS("{'ok': 1, 'n': 1, " DUPLICATE_OF_1 "}"),
      { WRITE_UNKNOWN, WRITE_DUPLICATE, WRITE_UNKNOWN } },
    { "insert: no number", INSERTS("{'ok': 1}"), { WRITE_UNKNOWN, WRITE_UNKNOWN, WRITE_UNKNOWN } },
    { "insert: an error of none that was asked for",
      INSERTS("{'ok': 1, 'n': 3, 'writeErrors': [{'index': 3, 'code': 11000, 'errmsg': ''}]}"),
      { WRITE_UNKNOWN, WRITE_UNKNOWN, WRITE_UNKNOWN } },
    { "insert: not the primary",
      INSERTS("{'ok': 0, 'code': 10107, 'errmsg': 'not primary'}"),
      { WRITE_FAILED, WRITE_FAILED, WRITE_FAILED } },
    { "insert: the primary steps down in the middle",
      INSERTS("{'ok': 0, 'code': 11602, 'errmsg': 'interrupted'}"),
      { WRITE_UNKNOWN, WRITE_UNKNOWN, WRITE_UNKNOWN } },
    { "insert: the server shuts down in the middle",
      INSERTS("{'ok': 0, 'code': 91, 'errmsg': 'shutdown'}"),
      { WRITE_UNKNOWN, WRITE_UNKNOWN, WRITE_UNKNOWN } },
    { "insert: not understood",
      INSERTS("{'ok': 0, 'code': 9, 'errmsg': 'what?'}"),
      { WRITE_FAILED, WRITE_FAILED, WRITE_FAILED } },
    { "insert: an internal error, which is not to be repeated blindly",
      INSERTS("{'ok': 0, 'code': 1, 'errmsg': 'Unable to create the specified collection'}"),
      { WRITE_UNKNOWN, WRITE_UNKNOWN, WRITE_UNKNOWN } },
    { "insert: no answer",
      INSERTS(CANNED_SILENCE),
      { WRITE_UNKNOWN, WRITE_UNKNOWN, WRITE_UNKNOWN } },
    { "insert: the connection ends",
      INSERTS(CANNED_HANG_UP),
      { WRITE_UNKNOWN, WRITE_UNKNOWN, WRITE_UNKNOWN } },
    { "insert: a deadlock, then not",
      { { "insert", DEADLOCK }, { "insert", DEADLOCK }, { "insert", "{'ok': 1, 'n': 3}" } },
      { WRITE_OK, WRITE_OK, WRITE_OK } },
    { "insert: one deadlock after the other",
      { { "insert", DEADLOCK },
        { "insert", DEADLOCK },
        { "insert", DEADLOCK },
        { "insert", DEADLOCK },
        { "insert", DEADLOCK } },
      { WRITE_FAILED, WRITE_FAILED, WRITE_FAILED } },
};

static void inserts_end_as_the_reply_says(void **state)
{
    const struct insert_case *c = *state;
    const struct record records[ASKED] = { nth_record(0), nth_record(1), nth_record(2) };
    struct order_store *store = open_with(c->replies);
    enum write_outcome outcomes[ASKED];
    struct error err = { 0 };

    assert_true(try_add(store, records, NULL, ASKED, outcomes, &err));
    for (size_t i = 0; i < ASKED; i++)
        assert_int_equal(outcomes[i], c->outcomes[i]);
    close_after(store, c->replies);
}

#ifdef TEST_POINTS
/* With it the rows above would fail. */
static void a_majority_that_is_not_heeded_shows(void **state)
{
    (void)state;
    static const struct canned_reply replies[REPLIES_MAX] =
        INSERTS("{'ok': 1, 'n': 2, " DUPLICATE_OF_1 ", " NO_MAJORITY "}");
    const struct record records[ASKED] = { nth_record(0), nth_record(1), nth_record(2) };
    struct order_store *store = open_with(replies);
    enum write_outcome outcomes[ASKED];
    struct error err = { 0 };

    setenv("TEST_FAULT", "write-concern-error-ignored", 1);
    assert_true(try_add(store, records, NULL, ASKED, outcomes, &err));
    unsetenv("TEST_FAULT");
    assert_int_equal(outcomes[0], WRITE_OK);
    assert_int_equal(outcomes[1], WRITE_DUPLICATE);
    close_after(store, replies);
}
#endif

/* --- Changing. --- */

static const struct change_case {
    const char *name;
    struct canned_reply replies[REPLIES_MAX];
    enum err code;
    size_t confirmed;
} change_cases[] = {
    { "change: both", { { "update", "{'ok': 1, 'n': 2}" } }, ERR_NONE, 2 },
    { "change: none", { { "update", "{'ok': 1, 'n': 0}" } }, ERR_NONE, 0 },
    { "change: no majority",
      { { "update", "{'ok': 1, 'n': 2, " NO_MAJORITY "}" } },
      ERR_UNKNOWN,
      0 },
    { "change: one failed",
      { { "update",
          "{'ok': 1, 'n': 1, 'writeErrors': [{'index': 0, 'code': 9999, 'errmsg': ''}]}" } },
      ERR_UNKNOWN,
      0 },
    { "change: an internal error, then none",
      { { "update", "{'ok': 0, 'code': 1}" }, { "update", "{'ok': 1, 'n': 2}" } },
      ERR_NONE,
      2 },
    { "change: an internal error, and then the primary is away",
      { { "update", "{'ok': 0, 'code': 1}" }, { "update", "{'ok': 0, 'code': 10107}" } },
      ERR_UNKNOWN,
      0 },
    { "change: not the primary", { { "update", "{'ok': 0, 'code': 10107}" } }, ERR_UNAVAILABLE, 0 },
    { "change: interrupted", { { "update", "{'ok': 0, 'code': 11600}" } }, ERR_UNKNOWN, 0 },
    { "change: not understood", { { "update", "{'ok': 0, 'code': 2}" } }, ERR_BUG, 0 },
    { "change: no answer", { { "update", CANNED_SILENCE } }, ERR_UNKNOWN, 0 },
    { "change: the connection ends", { { "update", CANNED_HANG_UP } }, ERR_UNKNOWN, 0 },
    { "change: a negative number", { { "update", "{'ok': 1, 'n': -1}" } }, ERR_BUG, 0 },
    { "change: a conflict, then none",
      { { "update", "{'ok': 1, 'n': 0, 'writeErrors': [{'index': 0, 'code': 112}]}" },
        { "update", "{'ok': 1, 'n': 2}" } },
      ERR_NONE,
      2 },
};

static void changes_end_as_the_reply_says(void **state)
{
    const struct change_case *c = *state;
    const struct id owner = nth_id(100), ids[] = { nth_id(0), nth_id(1) };
    struct order_store *store = open_with(c->replies);
    struct error err = { 0 };
    size_t confirmed = 77;

    bool done = order_store_confirm_records(store, &owner, ids, 2, &confirmed, &err);
    assert_int_equal(done, c->code == ERR_NONE);
    assert_int_equal(err.code, c->code);
    assert_int_equal(confirmed, done ? c->confirmed : 77);
    close_after(store, c->replies);
}

/* Two upsert the probe's document at once: the second finds it there. */
static void a_probe_that_meets_another_is_tried_again(void **state)
{
    (void)state;
    static const struct canned_reply replies[REPLIES_MAX] = {
        { "update", "{'ok': 1, 'n': 0, 'writeErrors': [{'index': 0, 'code': 11000}]}" },
        { "update", "{'ok': 1, 'n': 1}" },
    };
    struct order_store *store = open_with(replies);
    struct error err = { 0 };

    assert_true(order_store_probe(store, &err));
    close_after(store, replies);
}

/* --- Reading. --- */

#define ORDER(status)                                                                              \
    "{'_id': {'$oid': '000000000000000000000000'}, "                                               \
    "'userId': {'$oid': '750000000000000000000000'}, 'price': {'$numberLong': '100'}, "            \
    "'date': {'$date': {'$numberLong': '1800000000000'}}, 'status': '" status "'}"

static const struct read_case {
    const char *name;
    struct canned_reply replies[REPLIES_MAX];
    enum err code;
    bool found;
} read_cases[] = {
    { "read: there", { { "find", CANNED_BATCH(ORDER("new")) } }, ERR_NONE, true },
    { "read: not there", { { "find", CANNED_BATCH("") } }, ERR_NONE, false },
    { "read: a status that is none", { { "find", CANNED_BATCH(ORDER("lost")) } }, ERR_BUG, false },
    { "read: half an order", { { "find", CANNED_BATCH("{'_id': 1}") } }, ERR_BUG, false },
    { "read: no document", { { "find", CANNED_BATCH("1") } }, ERR_BUG, false },
    { "read: no cursor", { { "find", "{'ok': 1}" } }, ERR_BUG, false },
    { "read: interrupted", { { "find", "{'ok': 0, 'code': 4711}" } }, ERR_UNAVAILABLE, false },
};

static void reads_end_as_the_reply_says(void **state)
{
    const struct read_case *c = *state;
    const struct id id = nth_id(0);
    const struct order expected = nth_order(0);
    struct order_store *store = open_with(c->replies);
    struct error err = { 0 };
    struct order order;
    bool found = !c->found;

    bool done = order_store_get_order(store, &id, &order, &found, &err);
    assert_int_equal(done, c->code == ERR_NONE);
    assert_int_equal(err.code, c->code);
    assert_int_equal(found, done ? c->found : !c->found);
    if (done && found) {
        assert_int_equal(order.price, expected.price);
        assert_int_equal(order.date, expected.date);
    }
    close_after(store, c->replies);
}

/* It matched one of two, so it is looked up which. */
static void confirmed_orders_are_looked_up_when_some_are_missing(void **state)
{
    (void)state;
    static const struct canned_reply replies[REPLIES_MAX] = {
        { "update", "{'ok': 1, 'n': 1}" },
        { "find", CANNED_BATCH(ORDER("processing")) },
    };
    struct order_store *store = open_with(replies);
    const struct id ids[] = { nth_id(1), nth_id(0) };
    bool processing[2] = { true, false };
    struct error err = { 0 };

    assert_true(order_store_confirm_orders(store, ids, 2, processing, &err));
    assert_false(processing[0]);
    assert_true(processing[1]);
    close_after(store, replies);
}

/* --- What every command asks for. --- */

static void writes_ask_for_a_journaled_majority_and_reads_for_one(void **state)
{
    (void)state;
    static const struct canned_reply none[REPLIES_MAX] = { { NULL, NULL } };
    struct order_store *store = open_with(none);
    const struct record record = nth_record(0);
    struct record found;

    add_records(store, &record, 1);
    assert_non_null(strstr(canned_mongo_last("insert"), "\"w\" : \"majority\""));
    assert_non_null(strstr(canned_mongo_last("insert"), "\"j\" : true"));
    assert_non_null(strstr(canned_mongo_last("insert"), "\"wtimeout\" : 3000"));
    assert_non_null(strstr(canned_mongo_last("insert"), "\"ordered\" : false"));
    assert_false(read_record(store, &record.order_id, &found));
    assert_non_null(strstr(canned_mongo_last("find"), "\"level\" : \"majority\""));
    close_after(store, none);
}

int main(void)
{
    struct tests tests = { 0 };

    assert(sodium_init() >= 0);
    canned_mongo_start();
    ADD_ROWS(&tests, inserts_end_as_the_reply_says, insert_cases);
#ifdef TEST_POINTS
    ADD_TEST(&tests, a_majority_that_is_not_heeded_shows);
#endif
    ADD_ROWS(&tests, changes_end_as_the_reply_says, change_cases);
    ADD_TEST(&tests, a_probe_that_meets_another_is_tried_again);
    ADD_ROWS(&tests, reads_end_as_the_reply_says, read_cases);
    ADD_TEST(&tests, confirmed_orders_are_looked_up_when_some_are_missing);
    ADD_TEST(&tests, writes_ask_for_a_journaled_majority_and_reads_for_one);
    int failed = tests_run("order store and MongoDB's replies", &tests);
    canned_mongo_stop();
    return failed;
}
