/* How the order store on MongoDB opens, keeps the server's time and shares its clients. */
#include "contract/order_store_suite.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "contract/canned_mongo.h"

enum { REPLIES_MAX = 8 };

/* --- Time. --- */

/* A host's clock that a test turns; what the wall shows is of no account. */
static int64_t turned_ms = 5000;

static int64_t turned_monotonic_ms(const struct clock *clock)
{
    (void)clock;
    return turned_ms;
}

static int64_t any_wall_ms(const struct clock *clock)
{
    (void)clock;
    return 12345;
}

static const struct clock turned_clock = { any_wall_ms, turned_monotonic_ms };

/* The server's stands still here, so each measuring shows: it brings us back. */
static void time_is_the_servers_and_measured_each_half_minute(void **state)
{
    (void)state;
    const struct id id = nth_id(0);
    struct error err = { 0 };
    struct order order;
    bool found;

    canned_mongo_script(NULL, 0);
    struct order_store *store = order_store_mongo_open(canned_mongo_uri(), &turned_clock, &err);
    assert_non_null(store);
    assert_int_equal(order_store_now(store), CANNED_TIME);
    turned_ms += 29 * SECOND_MS;
    assert_true(order_store_get_order(store, &id, &order, &found, &err));
    assert_int_equal(order_store_now(store), CANNED_TIME + 29 * SECOND_MS);
    turned_ms += SECOND_MS;
    assert_true(order_store_get_order(store, &id, &order, &found, &err));
    assert_int_equal(order_store_now(store), CANNED_TIME);
    order_store_close(store);
}

/* --- Waiting for a client. --- */

static void a_call_waits_for_a_client_only_so_long(void **state)
{
    (void)state;
    char uri[256];
    const struct id id = nth_id(0);
    struct order order;
    bool found = true;
    struct error err = { 0 };

    snprintf(uri, sizeof uri, "%s&maxPoolSize=1&waitQueueTimeoutMS=50", canned_mongo_uri());
    canned_mongo_script(NULL, 0);
    struct order_store *store = order_store_mongo_open(uri, &system_clock, &err);
    assert_non_null(store);
    struct order_store_unit *unit = order_store_begin(store, &err);
    assert_non_null(unit);
    assert_false(order_store_get_order(store, &id, &order, &found, &err));
    assert_int_equal(err.code, ERR_UNAVAILABLE);
    assert_null(order_store_begin(store, &err));
    order_store_rollback(unit);
    assert_true(order_store_get_order(store, &id, &order, &found, &err));
    assert_false(found);
    order_store_close(store);
}

/* --- Opening. --- */

#define SCHEMA(version, oldest)                                                                    \
    CANNED_BATCH("{'_id': 'order-svc', 'version': " version ", 'oldestReader': " oldest "}")

#define EXISTS    "{'ok': 0, 'code': 48, 'errmsg': 'exists'}"
#define REFUSED   "{'ok': 0, 'code': 1, 'errmsg': 'Unable to create the specified collection'}"
#define NOT_FOUND "{'ok': 0, 'code': 26, 'errmsg': 'The specified collection cannot be found.'}"
/* The schema's document, then the turn, which another has. */
#define NOT_OURS                                                                                   \
    { "update", "{'ok': 1, 'n': 1}" },                                                             \
    {                                                                                              \
        "update", "{'ok': 1, 'n': 0}"                                                              \
    }

static const struct open_case {
    const char *name;
    struct canned_reply replies[REPLIES_MAX];
    enum err code;
    const char *indexes; /* in the last createIndexes; "": none came */
} open_cases[] = {
    { "open: a fresh store", { { "find", CANNED_BATCH("") } }, ERR_NONE, "userId" },
    { "open: our version", { { "find", SCHEMA("1", "1") } }, ERR_NONE, "" },
    { "open: a later one that we run on", { { "find", SCHEMA("9", "1") } }, ERR_NONE, "" },
    { "open: a later one that we do not run on", { { "find", SCHEMA("9", "9") } }, ERR_CONFIG, "" },
    { "open: a version that is none", { { "find", SCHEMA("'x'", "1") } }, ERR_CONFIG, "" },
    { "open: no partial indexes",
      { { "find", CANNED_BATCH("") },
        { "createIndexes", "{'ok': 0, 'code': 67}" },
        { "createIndexes", "{'ok': 1}" } },
      ERR_NONE,
      "userId" },
    { "open: an index that was made without its part",
      { { "find", CANNED_BATCH("") },
        { "createIndexes", "{'ok': 0, 'code': 85}" },
        { "createIndexes", "{'ok': 1}" } },
      ERR_NONE,
      "userId" },
    { "open: no indexes at all",
      { { "find", CANNED_BATCH("") },
        { "createIndexes", "{'ok': 0, 'code': 67}" },
        { "createIndexes", "{'ok': 0, 'code': 67}" } },
      ERR_BUG,
      "dueAt" },
    { "open: an index that takes long",
      { { "find", CANNED_BATCH("") }, { "createIndexes", CANNED_SILENCE } },
      ERR_UNAVAILABLE,
      "dueAt" },
    { "open: a collection is there", /* as MongoDB before 7 tells it */
      { { "find", CANNED_BATCH("") }, { "create", EXISTS }, { "create", EXISTS } },
      ERR_NONE,
      "userId" },
    { "open: a collection is refused beside another's",
      { { "find", CANNED_BATCH("") },
        { "create", "{'ok': 1}" },
        { "create", REFUSED },
        { "create", REFUSED } },
      ERR_NONE,
      "userId" },
    { "open: a collection is refused again and again",
      { { "find", CANNED_BATCH("") },
        { "create", REFUSED },
        { "create", REFUSED },
        { "create", REFUSED },
        { "create", REFUSED },
        { "create", REFUSED } },
      ERR_UNAVAILABLE,
      "" },
    { "open: a collection cannot be made",
      { { "find", CANNED_BATCH("") }, { "create", "{'ok': 0, 'code': 13}" } },
      ERR_CONFIG,
      "" },
    { "open: a collection that is being made is not found",
      { { "find", CANNED_BATCH("") },
        { "createIndexes", NOT_FOUND },
        { "createIndexes", NOT_FOUND } },
      ERR_NONE,
      "userId" },
    { "open: the schema's document may be written",
      { { "find", CANNED_BATCH("") }, { "update", CANNED_SILENCE } },
      ERR_UNAVAILABLE,
      "" },
    { "open: another replica migrates",
      { { "find", CANNED_BATCH("") },
        NOT_OURS,
        { "find", SCHEMA("0", "0") },
        NOT_OURS,
        { "find", SCHEMA("1", "1") } },
      ERR_NONE,
      "" },
    { "open: another replica migrated to what we do not run on",
      { { "find", CANNED_BATCH("") }, NOT_OURS, { "find", SCHEMA("9", "9") } },
      ERR_CONFIG,
      "" },
    { "open: another replica died in its turn",
      { { "find", CANNED_BATCH("") }, NOT_OURS },
      ERR_NONE,
      "userId" },
    { "open: no leave to read", { { "find", "{'ok': 0, 'code': 13}" } }, ERR_CONFIG, "" },
    { "open: the primary is away",
      { { "find", "{'ok': 0, 'code': 13436}" } },
      ERR_UNAVAILABLE,
      "" },
};

static void a_store_opens_as_its_schema_allows(void **state)
{
    const struct open_case *c = *state;
    struct error err = { 0 };
    size_t count = 0;

    while (c->replies[count].command)
        count++;
    canned_mongo_script(c->replies, count);
    struct order_store *store = order_store_mongo_open(canned_mongo_uri(), &system_clock, &err);
    assert_int_equal(store != NULL, c->code == ERR_NONE);
    assert_int_equal(err.code, c->code);
    order_store_close(store);
    assert_int_equal(canned_mongo_given(), count);
    if (c->indexes[0])
        assert_non_null(strstr(canned_mongo_last("createIndexes"), c->indexes));
    else
        assert_string_equal(canned_mongo_last("createIndexes"), "");
}

/* What was done in a turn is told before it is given back, so that whoever comes next finds it. */
static void a_turn_ends_with_the_version_and_is_given_back(void **state)
{
    (void)state;
    struct error err = { 0 };

    canned_mongo_script(NULL, 0);
    struct order_store *store = order_store_mongo_open(canned_mongo_uri(), &system_clock, &err);
    assert_non_null(store);
    order_store_close(store);
    assert_non_null(strstr(canned_mongo_last("update"), "\"$unset\" : { \"turnUntil\""));
    assert_non_null(strstr(canned_mongo_last("create"), "\"probe\""));
}

static void a_turn_that_fails_is_given_back(void **state)
{
    (void)state;
    static const struct canned_reply replies[] = {
        { "createIndexes", "{'ok': 0, 'code': 13}" },
    };
    struct error err = { 0 };

    canned_mongo_script(replies, 1);
    assert_null(order_store_mongo_open(canned_mongo_uri(), &system_clock, &err));
    assert_non_null(strstr(canned_mongo_last("update"), "\"$unset\" : { \"turnUntil\""));
}

/* Longer than it waits: then as when the store is away, which is tried again at a start. */
static void another_turn_is_waited_for_only_so_long(void **state)
{
    (void)state;
    enum { LONG = 1000 };
    static const struct canned_reply not_ours[] = { NOT_OURS };
    static struct canned_reply replies[LONG];
    struct error err = { 0 };

    for (size_t i = 0; i < LONG; i++)
        replies[i] = not_ours[i % 2];
    canned_mongo_script(replies, LONG);
    assert_null(order_store_mongo_open(canned_mongo_uri(), &system_clock, &err));
    assert_int_equal(err.code, ERR_UNAVAILABLE);
    assert_string_equal(canned_mongo_last("createIndexes"), "");
}

int main(void)
{
    struct tests tests = { 0 };

    assert(sodium_init() >= 0);
    canned_mongo_start();
    ADD_TEST(&tests, time_is_the_servers_and_measured_each_half_minute);
    ADD_TEST(&tests, a_call_waits_for_a_client_only_so_long);
    ADD_ROWS(&tests, a_store_opens_as_its_schema_allows, open_cases);
    ADD_TEST(&tests, a_turn_ends_with_the_version_and_is_given_back);
    ADD_TEST(&tests, a_turn_that_fails_is_given_back);
    ADD_TEST(&tests, another_turn_is_waited_for_only_so_long);
    int failed = tests_run("order store on MongoDB, opening", &tests);
    canned_mongo_stop();
    return failed;
}
