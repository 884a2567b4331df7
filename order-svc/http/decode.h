/* Requests to use cases. */
#ifndef HTTP_DECODE_H
#define HTTP_DECODE_H

#include "http/route.h"

/* POST /api/v1/order/: the idempotency key, then the body -> struct place_order. */
route_decode decode_place_order;

/* GET /api/v1/order/: limit, cursor, status -> struct list_orders. */
route_decode decode_list_orders;

/* GET /api/v1/order/{id} -> struct get_order. */
route_decode decode_get_order;

#endif
