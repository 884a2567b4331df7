/* The event order-created as bytes: the same on every repeat (CloudEvents 1.0, binary mode). */
#ifndef EVENTS_EVENT_H
#define EVENTS_EVENT_H

#include "base/buffer.h"
#include "order.h"

#define EVENT_TYPE   "homework.arch.order.created.v1"
#define EVENT_SOURCE "/order-svc"

enum { EVENT_ID_SIZE = ID_HEX + sizeof ".created" };

/* ce_id, the id by which a consumer drops repeats: "<orderId>.created". */
struct event_id {
    char text[EVENT_ID_SIZE];
};
struct event_id event_id_of(const struct order *order);

/* The value: {"orderId","userId","price","status":"new","date"}; out->failed tells of no memory. */
void event_write(const struct order *order, struct buffer *out);

#endif
