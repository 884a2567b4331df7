/* Requests to use cases: every fault of a request is found here, before anything runs. */
#include "http/decode.h"

#include <string.h>

#include "http/cursor.h"
#include "http/idempotency_key.h"
#include "list_orders.h"
#include "place_orders.h"

enum {
    LIST_LIMIT_DEFAULT = 100,
    LIST_LIMIT_MAX = 1000,
};

static bool read_price(const json_t *value, void *out, size_t size, struct field_fault *fault)
{
    (void)size;
    int64_t *price = out;
    bool in_range;

    if (!json_is_number(value)) {
        *fault = (struct field_fault){ "type", "Give the price as a JSON number." };
        return false;
    }
    if (price_from_number(json_number_value(value), price, &in_range))
        return true;

    *fault = in_range ? (struct field_fault){ "format", "Give at most two decimals." }
                      : (struct field_fault){ "range", "Give a price above 0, at most 1e12." };
    return false;
}

bool decode_place_order(const struct request *request, void *state, struct problem *problem)
{
    static const struct field fields[] = {
        { "price", FIELD_REQUIRED, offsetof(struct place_order, price), sizeof(int64_t), 0,
          read_price },
    };
    struct place_order *place = state;

    place->user_id = request_caller(request)->user_id;
    place->traceparent = *request_traceparent(request);
    return idempotency_key_of(request, place->request_id, problem) &&
           request_decode_body(request, fields, 1, place, problem);
}

static bool read_status(const struct request *request, struct order_query *query,
                        struct problem *problem)
{
    size_t count;
    struct slice status = request_query(request, "status", &count);

    if (count == 0)
        return true;
    if (count > 1 || !order_status_parse(status.text, status.length, &query->status))
        return request_query_fault(problem, "format", "status: give new or processing, once.");
    query->with_status = true;
    return true;
}

static bool read_cursor(const struct request *request, struct order_query *query,
                        struct problem *problem)
{
    size_t count;
    struct slice cursor = request_query(request, "cursor", &count);

    if (count == 0)
        return true;
    if (count > 1 || !cursor_parse(cursor.text, cursor.length, &query->after))
        return request_query_fault(problem, "format", "cursor: give back what `next` said, once.");
    return true;
}

bool decode_list_orders(const struct request *request, void *state, struct problem *problem)
{
    struct list_orders *list = state;
    struct order_query *query = &list->query;
    long limit = LIST_LIMIT_DEFAULT;

    query->user_id = request_caller(request)->user_id;
    bool good = request_query_number(request, "limit", 1, LIST_LIMIT_MAX, LIST_LIMIT_DEFAULT,
                                     &limit, problem);
    query->limit = (size_t)limit;
    good &= read_status(request, query, problem);
    good &= read_cursor(request, query, problem);
    return good;
}

bool decode_get_order(const struct request *request, void *state, struct problem *problem)
{
    (void)problem;
    struct get_order *get = state;

    get->user_id = request_caller(request)->user_id;
    get->order_id = request_id_parameter(request);
    return true;
}
