/* The contract of the user store on MongoDB. */
#include "contract/user_store_suite.h"

#include "base/clock.h"
#include "contract/mongo_proxy.h"
#include "contract/mongo_server.h"

static struct user_store *open_store(struct error *err)
{
    return user_store_mongo_open(mongo_server_uri(), &system_clock, err);
}

int main(void)
{
    static const struct user_store_fixture fixture = {
        .name = "user store on MongoDB",
        .clear = mongo_server_empty,
        .open = open_store,
        .make_unwritable = mongo_proxy_shut,
        .make_writable = mongo_proxy_open,
        .make_unreachable = mongo_proxy_shut,
        .make_reachable = mongo_proxy_open,
    };

    if (!mongo_server_start("users"))
        return MONGO_TEST_SKIPPED;
    int failed = user_store_suite(&fixture);
    mongo_server_stop();
    return failed;
}
