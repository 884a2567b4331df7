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
    int failed = order_store_suite(&fixture) + tests_run("order store on MongoDB, migrating", &own);
    mongo_server_stop();
    return failed;
}
