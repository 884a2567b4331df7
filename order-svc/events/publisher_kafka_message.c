/* One event as a Kafka message. */
#include "events/publisher_kafka_message.h"

#include <assert.h>
#include <string.h>

#include "base/date.h"
#include "events/event.h"

enum { PARTS_MAX = 16 };

struct message {
    rd_kafka_vu_t parts[PARTS_MAX];
    size_t count;
};

static rd_kafka_vu_t *add_part(struct message *message, rd_kafka_vtype_t type)
{
    assert(message->count < PARTS_MAX);
    rd_kafka_vu_t *part = &message->parts[message->count++];
    part->vtype = type;
    return part;
}

static void add_header(struct message *message, const char *name, const char *text)
{
    rd_kafka_vu_t *part = add_part(message, RD_KAFKA_VTYPE_HEADER);
    part->u.header.name = name;
    part->u.header.val = text;
    part->u.header.size = (ssize_t)strlen(text);
}

static void add_bytes(struct message *message, rd_kafka_vtype_t type, char *bytes, size_t count)
{
    rd_kafka_vu_t *part = add_part(message, type);
    part->u.mem.ptr = bytes;
    part->u.mem.size = count;
}

rd_kafka_resp_err_t kafka_message_queue(rd_kafka_t *producer, rd_kafka_topic_t *topic,
                                        const struct order_event *event, const struct buffer *value,
                                        void *opaque)
{
    const struct order *order = event->order;
    struct id_text order_id = id_format(&order->id);
    struct event_id event_id = event_id_of(order);
    struct date_text date = date_format(order->date);
    struct message message = { .count = 0 };

    add_part(&message, RD_KAFKA_VTYPE_RKT)->u.rkt = topic;
    add_part(&message, RD_KAFKA_VTYPE_MSGFLAGS)->u.i = RD_KAFKA_MSG_F_COPY;
    add_part(&message, RD_KAFKA_VTYPE_OPAQUE)->u.ptr = opaque;
    add_bytes(&message, RD_KAFKA_VTYPE_KEY, order_id.hex, ID_HEX);
    add_bytes(&message, RD_KAFKA_VTYPE_VALUE, value->data, value->length);
    add_header(&message, "ce_specversion", "1.0");
    add_header(&message, "ce_id", event_id.text);
    add_header(&message, "ce_type", EVENT_TYPE);
    add_header(&message, "ce_source", EVENT_SOURCE);
    add_header(&message, "ce_time", date.text);
    add_header(&message, "ce_subject", order_id.hex);
    add_header(&message, "content-type", "application/json");
    if (event->traceparent && *event->traceparent->text)
        add_header(&message, "traceparent", event->traceparent->text);

    rd_kafka_error_t *error = rd_kafka_produceva(producer, message.parts, message.count);
    rd_kafka_resp_err_t code = rd_kafka_error_code(error); /* of NULL: NO_ERROR */
    rd_kafka_error_destroy(error);
    return code;
}
