/* Reading orders. */
#include "list_orders.h"

#include <stdlib.h>

bool list_orders(struct order_store *store, struct list_orders *list, struct error *err)
{
    struct order_query query = list->query;
    query.limit++; /* one more than asked tells whether there is a next page */

    struct order *orders = calloc(query.limit, sizeof *orders);
    if (!orders)
        return error_set(err, ERR_NO_MEMORY, 0, "page of %zu orders", query.limit);

    size_t count = 0;
    if (!order_store_list_orders(store, &query, orders, &count, err)) {
        free(orders);
        return false;
    }

    list->result = READ_FOUND;
    list->orders = orders;
    list->more = count > list->query.limit;
    list->count = list->more ? list->query.limit : count;
    return true;
}

void list_orders_done(struct list_orders *list)
{
    free(list->orders);
    list->orders = NULL;
}

bool get_order(struct order_store *store, struct get_order *get, struct error *err)
{
    bool found = false;
    if (!order_store_get_order(store, &get->order_id, &get->order, &found, err))
        return false;

    bool own = found && id_equal(&get->order.user_id, &get->user_id);
    get->result = own ? READ_FOUND : READ_NOT_FOUND;
    return true;
}
