/* Taking orders in: the protocol of the idempotency record, for a batch of requests at once.
 *
 * The promise: a request that was answered PLACED or REPLAYED has its order, exactly one, whatever
 * dies and whenever. Read place_orders.c from top to bottom: it is the protocol. */
#ifndef PLACE_ORDERS_H
#define PLACE_ORDERS_H

#include <stddef.h>
#include "base/error.h"
#include "order.h"
#include "store/order_store.h"

enum place_result {
    ORDER_NOT_ACCEPTED,    /* 503: nothing was written for it; the zero value, so the safe one */
    ORDER_OUTCOME_UNKNOWN, /* 503: it may still be completed; the same again gets the answer */
    ORDER_PLACED,          /* 201: its record is ours, its order is stored */
    ORDER_REPLAYED,        /* 201: the order was there, or we helped the record that was there */
    ORDER_HELPED,          /* 201: as REPLAYED, and it was us who stored the order of the record */
    ORDER_ID_REUSED,       /* 422: the key belongs to other content */
    PLACE_RESULTS,
};

struct place_order {
    /* The request. */
    struct id user_id;
    char request_id[REQUEST_ID_MAX + 1]; /* the idempotency key */
    int64_t price;                       /* hundredths */
    struct traceparent traceparent;
    /* The answer. */
    struct id order_id;
    enum place_result result;
};

/* How long a new record is left to its own intake before the scheduler takes it. */
struct place_options {
    int64_t linger_ms;
};

/* Answers each of 1..ORDER_UNIT_MAX requests. Returns false and fills `err` if any of them ended
 * NOT_ACCEPTED or OUTCOME_UNKNOWN because of the store (for the log and for `degraded`). */
bool place_orders(struct order_store *store, const struct place_options *options,
                  struct place_order *const batch[], size_t count, struct error *err);

#endif
