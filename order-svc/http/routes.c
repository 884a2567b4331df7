/* The routes of order-svc: one line each. */
#include "http/routes.h"

#include <assert.h>
#include <stdatomic.h>

#include "base/log.h"
#include "http/decode.h"
#include "http/encode.h"
#include "list_orders.h"

/* A store that works for one request may fail for the next: what failed is told once, and only a
 * write that worked ends it (the scheduler's thread probes). */
static void note_store(struct order_service *service, bool worked, const struct error *err)
{
    if (!worked && !atomic_exchange(&service->health->store_degraded, true))
        log_error("order store failed", LOG_ERR(err));
}

static void run_place_orders(void *context, void *const states[], size_t count)
{
    struct order_service *service = context;
    struct place_order *batch[ORDER_UNIT_MAX];
    struct error err = { 0 };

    assert(count > 0 && count <= ORDER_UNIT_MAX); /* the lane's batch_max */
    for (size_t i = 0; i < count; i++)
        batch[i] = states[i];
    note_store(service, place_orders(service->store, &service->place, batch, count, &err), &err);
    for (size_t i = 0; i < count; i++)
        counter_add(service->outcomes[batch[i]->result], 1);
}

static void run_list_orders(void *context, void *const states[], size_t count)
{
    struct order_service *service = context;
    struct error err = { 0 };

    for (size_t i = 0; i < count; i++)
        note_store(service, list_orders(service->store, states[i], &err), &err);
}

static void run_get_order(void *context, void *const states[], size_t count)
{
    struct order_service *service = context;
    struct error err = { 0 };

    for (size_t i = 0; i < count; i++)
        note_store(service, get_order(service->store, states[i], &err), &err);
}

static void release_list_orders(void *state)
{
    list_orders_done(state);
}

const struct route order_routes[] = {
    { POST, "/api/v1/order", BEARER, 16 * KIB, LANE_ORDERS_WRITE, sizeof(struct place_order),
      decode_place_order, run_place_orders, encode_place_order, NULL },
    { GET, "/api/v1/order", BEARER, 0, LANE_READS, sizeof(struct list_orders), decode_list_orders,
      run_list_orders, encode_list_orders, release_list_orders },
    { GET, "/api/v1/order/{id}", BEARER, 0, LANE_READS, sizeof(struct get_order), decode_get_order,
      run_get_order, encode_get_order, NULL },
};
const size_t order_route_count = sizeof order_routes / sizeof *order_routes;

bool order_service_count(struct order_service *service, struct metrics *metrics, struct error *err)
{
    static const char *const labels[PLACE_RESULTS] = {
        [ORDER_PLACED] = "outcome=\"new\"",
        [ORDER_REPLAYED] = "outcome=\"replayed\"",
        [ORDER_HELPED] = "outcome=\"helped\"",
        [ORDER_ID_REUSED] = "outcome=\"mismatch\"",
    };

    for (size_t i = 0; i < PLACE_RESULTS; i++) {
        if (!labels[i])
            continue;
        service->outcomes[i] =
            metrics_counter(metrics, "idempotency_total",
                            "Orders asked for, by what their key was.", labels[i], err);
        if (!service->outcomes[i])
            return false;
    }
    return true;
}
