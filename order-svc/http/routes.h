/* The routes of order-svc, and the lanes they run in. */
#ifndef HTTP_ROUTES_H
#define HTTP_ROUTES_H

#include "base/error.h"
#include "http/route.h"
#include "obs/health.h"
#include "obs/metrics.h"
#include "place_orders.h"
#include "store/order_store.h"

/* Indexes of the server's lanes. */
enum { LANE_ORDERS_WRITE, LANE_READS, ORDER_LANES };

extern const struct route order_routes[];
extern const size_t order_route_count;

/* What the routes' run functions are given as `service`. */
struct order_service {
    struct order_store *store; /* borrowed */
    struct place_options place;
    struct health *health;                   /* borrowed */
    struct counter *outcomes[PLACE_RESULTS]; /* idempotency_total; NULL where not counted */
};

/* Makes the service's metrics. */
bool order_service_count(struct order_service *service, struct metrics *metrics, struct error *err)
    MUST_USE;

#endif
