/* The contract of the order store on MongoDB. */
#include "contract/order_store_suite.h"

#include "base/clock.h"
#include "contract/mongo_proxy.h"
#include "contract/mongo_server.h"

static struct order_store *open_store(struct error *err)
{
    return order_store_mongo_open(mongo_server_uri(), &system_clock, err);
}

/* As whoever follows one that died before it wrote the version: over collections and indexes that
 * are there already, and orders. */
static void migrating_once_more_changes_nothing(void **state)
{
    (void)state;
    mongo_server_clear();
    struct order_store *store = suite_open();
    const struct record record = nth_record(0);
    struct record claimed;
    struct error err = { 0 };
    size_t count = 0;

    add_records(store, &record, 1);
    mongo_server_drop("schema");
    struct order_store *next = suite_open();
    assert_true(order_store_claim(next, &record.user_id, T0, T0 + 1, 1, &claimed, &count, &err));
    assert_int_equal(count, 1);
    suite_end(next);
    suite_end(store);
}

/* How long another's turn lasts yet, by this host's clock, which is the store's to within a second.
 */
static const struct turn_case {
    const char *name;
    int64_t left_ms;
    bool ours;
} turn_cases[] = {
    { "turn: over", -SECOND_MS, true },
    { "turn: another's", 8 * SECOND_MS, false },
    { "turn: another's, whose clock is a little ahead", 14 * SECOND_MS, false },
    { "turn: taken by a clock that was a minute ahead", MINUTE_MS, true },
    { "turn: taken by a clock that was years ahead", (int64_t)3650 * DAY_MS, true },
};

static void a_turn_is_anothers_for_so_long(void **state)
{
    const struct turn_case *c = *state;
    const int64_t until = clock_wall_ms(&system_clock) + c->left_ms;
    char schema[160];
    struct error err = { 0 };

    snprintf(schema, sizeof schema,
             "{'_id': 'order-svc', 'version': 0, 'oldestReader': 0,"
             " 'turnUntil': {'$date': {'$numberLong': '%lld'}}}",
             (long long)until);
    mongo_server_clear();
    mongo_server_write("schema", schema);
    struct order_store *store = open_store(&err);
    assert_int_equal(store != NULL, c->ours);
    assert_int_equal(err.code, c->ours ? ERR_NONE : ERR_UNAVAILABLE);
    order_store_close(store);
}

int main(void)
{
    static const struct order_store_fixture fixture = {
        .name = "order store on MongoDB",
        .clear = mongo_server_clear,
        .open = open_store,
        .make_unavailable = mongo_proxy_shut,
        .make_available = mongo_proxy_open,
        .opens_after_fork = true,
    };

    if (!mongo_server_start("orders"))
        return MONGO_TEST_SKIPPED;
    struct tests own = { 0 };
    ADD_TEST(&own, migrating_once_more_changes_nothing);
    ADD_ROWS(&own, a_turn_is_anothers_for_so_long, turn_cases);
    int failed = order_store_suite(&fixture) + tests_run("order store on MongoDB, migrating", &own);
    mongo_server_stop();
    return failed;
}
