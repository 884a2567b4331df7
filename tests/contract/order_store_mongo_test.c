/* The contract of the order store on MongoDB. */
#include "contract/order_store_suite.h"

#include "base/clock.h"
#include "contract/mongo_proxy.h"
#include "contract/mongo_server.h"

static struct order_store *open_store(struct error *err)
{
    return order_store_mongo_open(mongo_server_uri(), &system_clock, err);
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
    int failed = order_store_suite(&fixture);
    mongo_server_stop();
    return failed;
}
