/* How the order store on MongoDB opens, keeps the server's time and shares its clients. */
#include "contract/order_store_suite.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "contract/canned_mongo.h"

enum { REPLIES_MAX = 4 };

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
    { "open: no leave to read", { { "find", "{'ok': 0, 'code': 13}" } }, ERR_CONFIG, "" },
    { "open: the primary is away, and again", /* the driver reads once more by itself */
      { { "find", "{'ok': 0, 'code': 13436}" }, { "find", "{'ok': 0, 'code': 13436}" } },
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

int main(void)
{
    struct tests tests = { 0 };

    assert(sodium_init() >= 0);
    canned_mongo_start();
    ADD_TEST(&tests, time_is_the_servers_and_measured_each_half_minute);
    ADD_TEST(&tests, a_call_waits_for_a_client_only_so_long);
    ADD_ROWS(&tests, a_store_opens_as_its_schema_allows, open_cases);
    int failed = tests_run("order store on MongoDB, opening", &tests);
    canned_mongo_stop();
    return failed;
}
