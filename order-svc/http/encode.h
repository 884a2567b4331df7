/* Results to answers. */
#ifndef HTTP_ENCODE_H
#define HTTP_ENCODE_H

#include "http/route.h"

route_encode encode_place_order;
route_encode encode_list_orders;
route_encode encode_get_order;

#endif
