/* The port: each function goes to the adapter behind the store. */
#include "store/order_store.h"

#include <assert.h>

#include "base/test_point.h"

static const struct order_store_functions *of(const struct order_store_unit *unit)
{
    return unit->store->functions;
}

void order_store_close(struct order_store *store)
{
    if (store)
        store->functions->close(store);
}

int64_t order_store_now(struct order_store *store)
{
    return store->functions->now(store);
}

uint64_t order_store_flushes(struct order_store *store)
{
    return store->functions->flushes(store);
}

/* --- A unit. --- */

struct order_store_unit *order_store_begin(struct order_store *store, struct error *err)
{
    return store->functions->begin(store, err);
}

bool order_store_commit(struct order_store_unit *unit, struct error *err)
{
    return of(unit)->commit(unit, err);
}

void order_store_rollback(struct order_store_unit *unit)
{
    if (unit)
        of(unit)->rollback(unit);
}

void order_store_add_records(struct order_store_unit *unit, const struct record *const records[],
                             size_t count, enum write_outcome outcomes[])
{
    assert(count <= ORDER_UNIT_MAX);
    if (TEST_FAULT("no-write-ahead-record")) {
        for (size_t i = 0; i < count; i++)
            outcomes[i] = WRITE_OK;
        return;
    }
    of(unit)->add_records(unit, records, count, outcomes);
}

void order_store_add_orders(struct order_store_unit *unit, const struct order orders[],
                            size_t count, enum write_outcome outcomes[])
{
    assert(count <= ORDER_UNIT_MAX);
    of(unit)->add_orders(unit, orders, count, outcomes);
}

bool order_store_find_orders(struct order_store_unit *unit, const struct id ids[], size_t count,
                             struct order orders[], bool found[], struct error *err)
{
    assert(count <= ORDER_UNIT_MAX);
    return of(unit)->find_orders(unit, ids, count, orders, found, err);
}

bool order_store_find_records(struct order_store_unit *unit, const struct id ids[], size_t count,
                              struct record records[], bool found[], struct error *err)
{
    assert(count <= ORDER_UNIT_MAX);
    return of(unit)->find_records(unit, ids, count, records, found, err);
}

/* --- Reading. --- */

bool order_store_get_order(struct order_store *store, const struct id *id, struct order *order,
                           bool *found, struct error *err)
{
    return store->functions->get_order(store, id, order, found, err);
}

bool order_store_list_orders(struct order_store *store, const struct order_query *query,
                             struct order orders[], size_t *count, struct error *err)
{
    assert(query->limit > 0);
    return store->functions->list_orders(store, query, orders, count, err);
}

/* --- The outbox. --- */

bool order_store_claim(struct order_store *store, const struct id *owner, int64_t now,
                       int64_t lease_until, size_t max, struct record records[], size_t *count,
                       struct error *err)
{
    assert(max <= ORDER_UNIT_MAX);
    return store->functions->claim(store, owner, now, lease_until, max, records, count, err);
}

bool order_store_confirm_orders(struct order_store *store, const struct id ids[], size_t count,
                                bool processing[], struct error *err)
{
    assert(count <= ORDER_UNIT_MAX);
    return store->functions->confirm_orders(store, ids, count, processing, err);
}

bool order_store_confirm_records(struct order_store *store, const struct id *owner,
                                 const struct id ids[], size_t count, size_t *confirmed,
                                 struct error *err)
{
    assert(count <= ORDER_UNIT_MAX);
    return store->functions->confirm_records(store, owner, ids, count, confirmed, err);
}

bool order_store_release(struct order_store *store, const struct id *owner, const struct id ids[],
                         const int64_t due_at[], size_t count, struct error *err)
{
    assert(count <= ORDER_UNIT_MAX);
    return store->functions->release(store, owner, ids, due_at, count, err);
}

bool order_store_park(struct order_store *store, const struct id *owner, const struct id *id,
                      struct error *err)
{
    return store->functions->park(store, owner, id, err);
}

bool order_store_purge(struct order_store *store, int64_t created_before, size_t max,
                       size_t *purged, struct error *err)
{
    return store->functions->purge(store, created_before, max, purged, err);
}

bool order_store_stats(struct order_store *store, struct outbox_stats *stats, struct error *err)
{
    return store->functions->stats(store, stats, err);
}

bool order_store_probe(struct order_store *store, struct error *err)
{
    return store->functions->probe(store, err);
}
