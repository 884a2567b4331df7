/* Requests for orders, and what is there of them, for the tests of place_orders(). */
#ifndef UNIT_ORDER_REQUESTS_H
#define UNIT_ORDER_REQUESTS_H

#include <string.h>
#include "place_orders.h"
#include "sim/world.h"

enum {
    MINE = 40000,  /* the request's price */
    OTHER = 39999, /* another request's */
    LINGER_MS = 500,
};

static const struct place_options options = { .linger_ms = LINGER_MS };

static inline struct place_order request_of(unsigned user, const char *request_id, int64_t price)
{
    struct place_order request = { .user_id = world_user(user), .price = price };
    strcpy(request.request_id, request_id);
    strcpy(request.traceparent.text, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    return request;
}

/* As another request of that key has left them. */
static inline void put_record(struct world *world, const struct place_order *request, int64_t price)
{
    struct record record = world_record(world, &request->user_id, request->request_id, price);
    memory_store_put_record(world->store, &record);
}

static inline void put_order(struct world *world, const struct place_order *request, int64_t price)
{
    struct record record = world_record(world, &request->user_id, request->request_id, price);
    struct order order = order_of_record(&record);
    memory_store_put_order(world->store, &order);
}

/* 0: not there. */
static inline int64_t order_price(struct world *world, const struct place_order *request)
{
    struct id id = order_id_of(&request->user_id, request->request_id);
    struct order order;
    return memory_store_order(world->store, &id, &order) ? order.price : 0;
}

static inline int64_t record_price(struct world *world, const struct place_order *request)
{
    struct id id = order_id_of(&request->user_id, request->request_id);
    struct record record;
    return memory_store_record(world->store, &id, &record) ? record.price : 0;
}

#endif
