/* The contract of the order store, on the one in memory: what the simulations run over keeps the
 * same promises as the real ones. */
#include "contract/order_store_suite.h"

#include <stdatomic.h>

#include "base/clock.h"
#include "sim/memory_store.h"

static struct order_store *kept; /* the suite's handles come and go, the content stays */
static atomic_bool unavailable;

static void refuse_writes(void *context, struct store_step *step)
{
    static const bool reads[STORE_CALLS] = {
        [CALL_FIND_ORDERS] = true, [CALL_FIND_RECORDS] = true, [CALL_GET_ORDER] = true,
        [CALL_LIST_ORDERS] = true, [CALL_STATS] = true,
    };
    (void)context;
    if (atomic_load(&unavailable) && !reads[step->call])
        step->error = ERR_UNAVAILABLE;
}

static void clear(void)
{
    struct error err;

    order_store_close(kept);
    kept = memory_store_open(&system_clock, &err);
    assert(kept);
    memory_store_hook(kept, &(struct store_hooks){ .before = refuse_writes });
}

static struct order_store *open_store(struct error *err)
{
    (void)err;
    return memory_store_share(kept);
}

static void make_unavailable(void)
{
    atomic_store(&unavailable, true);
}

static void make_available(void)
{
    atomic_store(&unavailable, false);
}

int main(void)
{
    static const struct order_store_fixture fixture = {
        .name = "order store in memory",
        .clear = clear,
        .open = open_store,
        .make_unavailable = make_unavailable,
        .make_available = make_available,
    };

    int failed = order_store_suite(&fixture);
    order_store_close(kept);
    return failed;
}
