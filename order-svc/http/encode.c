/* Results to answers. */
#include "http/encode.h"

#include <stdio.h>

#include "base/date.h"
#include "http/cursor.h"
#include "json/encode.h"
#include "list_orders.h"
#include "place_orders.h"

#define ORDER_PATH "/api/v1/order/"

static const char *const not_read = "The order store is out of reach. Try again.";

/* What each result of placing an order is to a client. */
static const struct place_answer {
    bool accepted, replayed;
    enum problem_type problem;
    const char *detail;
} place_answers[PLACE_RESULTS] = {
    [ORDER_PLACED] = { .accepted = true },
    [ORDER_REPLAYED] = { .accepted = true, .replayed = true },
    [ORDER_HELPED] = { .accepted = true, .replayed = true },
    [ORDER_ID_REUSED] = { .problem = PROBLEM_REQUEST_ID_REUSED,
                          .detail = "This request id was used for another order. Send a new id "
                                    "for a new order." },
    [ORDER_NOT_ACCEPTED] = { .problem = PROBLEM_NOT_ACCEPTED,
                             .detail = "The order store does not take writes now, and nothing was "
                                       "written. Send the same again, with the same request id." },
    [ORDER_OUTCOME_UNKNOWN] = { .problem = PROBLEM_OUTCOME_UNKNOWN,
                                .detail = "The order may still be completed. Send the same again, "
                                          "with the same request id, for the answer." },
};

void encode_place_order(const void *state, struct response *response)
{
    const struct place_order *place = state;
    const struct place_answer *answer = &place_answers[place->result];
    if (!answer->accepted) {
        response_problem(response, answer->problem, answer->detail);
        return;
    }

    struct id_text id = id_format(&place->order_id);
    char location[sizeof ORDER_PATH + ID_HEX];
    snprintf(location, sizeof location, "%s%s", ORDER_PATH, id.hex);

    response_header(response, "Location", location);
    if (answer->replayed)
        response_header(response, "Idempotent-Replayed", "true");
    response_json(response, 201,
                  json_pack("{s:s, s:s, s:s}", "status", "OK", "message",
                            "Your order is on the way", "orderId", id.hex));
}

static json_t *order_tree(const struct order *order)
{
    struct id_text id = id_format(&order->id);
    struct id_text user_id = id_format(&order->user_id);
    struct date_text date = date_format(order->date);

    return json_pack("{s:o, s:s, s:s, s:s, s:s}", "price", json_hundredths(order->price), "date",
                     date.text, "_id", id.hex, "userId", user_id.hex, "status",
                     order_status_name(order->status));
}

static json_t *orders_tree(const struct list_orders *list)
{
    AUTO(json) json_t *orders = json_array();

    for (size_t i = 0; i < list->count; i++)
        if (json_array_append_new(orders, order_tree(&list->orders[i])) != 0)
            return NULL;
    return STEAL(orders);
}

static json_t *page_tree(const struct list_orders *list)
{
    json_t *orders = orders_tree(list);
    const json_int_t count = (json_int_t)list->count;

    if (!list->more)
        return json_pack("{s:s, s:I, s:{s:o}}", "status", "success", "results", count, "data",
                         "data", orders);

    const struct order *last = &list->orders[list->count - 1];
    struct cursor_text next = cursor_format(&(struct order_cursor){ last->date, last->id });
    /* Two formats, since an optional value ("s*") is also left out when there is no memory for it:
     * the client would take the page for the last one. */
    return json_pack("{s:s, s:I, s:s, s:{s:o}}", "status", "success", "results", count, "next",
                     next.text, "data", "data", orders);
}

void encode_list_orders(const void *state, struct response *response)
{
    const struct list_orders *list = state;

    if (list->result == READ_NOT_ACCEPTED)
        response_problem(response, PROBLEM_NOT_ACCEPTED, not_read);
    else
        response_json(response, 200, page_tree(list));
}

void encode_get_order(const void *state, struct response *response)
{
    const struct get_order *get = state;

    switch (get->result) {
    case READ_FOUND:
        response_json(response, 200,
                      json_pack("{s:s, s:{s:o}}", "status", "success", "data", "data",
                                order_tree(&get->order)));
        break;
    case READ_NOT_FOUND:
        response_problem(response, PROBLEM_NOT_FOUND, "There is no such order of yours.");
        break;
    case READ_NOT_ACCEPTED:
        response_problem(response, PROBLEM_NOT_ACCEPTED, not_read);
        break;
    }
}
