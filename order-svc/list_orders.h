/* Reading orders: a page of a user's own, or one of them. */
#ifndef LIST_ORDERS_H
#define LIST_ORDERS_H

#include <stdbool.h>
#include <stddef.h>
#include "base/error.h"
#include "order.h"
#include "store/order_store.h"

enum read_result {
    READ_NOT_ACCEPTED, /* 503: the store could not be asked; the zero value, so the safe one */
    READ_FOUND,
    READ_NOT_FOUND, /* not there, or another user's: nobody can tell which */
};

struct list_orders {
    /* The request. */
    struct order_query query;
    /* The answer; free it with list_orders_done(). */
    enum read_result result;
    struct order *orders;
    size_t count;
    bool more; /* there is a next page, after the last of these */
};

struct get_order {
    struct id user_id;
    struct id order_id;
    enum read_result result;
    struct order order;
};

/* False, and `err` filled: the result is NOT_ACCEPTED. */
bool list_orders(struct order_store *store, struct list_orders *list, struct error *err);
void list_orders_done(struct list_orders *list);

bool get_order(struct order_store *store, struct get_order *get, struct error *err);

#endif
