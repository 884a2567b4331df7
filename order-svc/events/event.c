/* The event as bytes. Everything in it is the order's own and never changes, the status too: the
 * event tells of an order being made, whatever became of it since. */
#include "events/event.h"

#include <stdio.h>

#include "base/date.h"
#include "json/encode.h"

struct event_id event_id_of(const struct order *order)
{
    struct event_id id;
    snprintf(id.text, sizeof id.text, "%s.created", id_format(&order->id).hex);
    return id;
}

void event_write(const struct order *order, struct buffer *out)
{
    json_t *tree =
        json_pack("{s:s, s:s, s:o, s:s, s:s}", "orderId", id_format(&order->id).hex, "userId",
                  id_format(&order->user_id).hex, "price", json_hundredths(order->price), "status",
                  order_status_name(ORDER_NEW), "date", date_format(order->date).text);
    json_write(out, tree);
}
