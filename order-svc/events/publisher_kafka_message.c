/* One event as a Kafka message. */
#include "events/publisher_kafka_message.h"

#include <string.h>
#include <sys/types.h>

#include "base/auto.h"
#include "base/date.h"
#include "events/event.h"

AUTO_DEFINE(headers, rd_kafka_headers_t *, rd_kafka_headers_destroy);

static rd_kafka_resp_err_t headers_fill(rd_kafka_headers_t *headers,
                                        const struct order_event *event)
{
    struct event_id event_id = event_id_of(event->order);
    struct date_text date = date_format(event->order->date);
    struct id_text order_id = id_format(&event->order->id);
    const struct header {
        const char *name, *text;
    } list[] = {
        { "ce_specversion", "1.0" },
        { "ce_id", event_id.text },
        { "ce_type", EVENT_TYPE },
        { "ce_source", EVENT_SOURCE },
        { "ce_time", date.text },
        { "ce_subject", order_id.hex },
        { "content-type", "application/json" },
        { "traceparent", event->traceparent ? event->traceparent->text : "" },
    };
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;

    for (size_t i = 0; !code && i < sizeof list / sizeof *list; i++)
        if (*list[i].text) /* the request had a traceparent, or not */
            code = rd_kafka_header_add(headers, list[i].name, -1, list[i].text, -1);
    return code;
}

rd_kafka_resp_err_t kafka_message_queue(rd_kafka_t *producer, rd_kafka_topic_t *topic,
                                        const struct order_event *event, const struct buffer *value,
                                        void *opaque)
{
    /* Ours until the message is queued: headers that librdkafka 2.0.2 makes itself, of single ones
     * in the call, it frees twice when the topic is missing or access refused. */
    AUTO(headers) rd_kafka_headers_t *headers = rd_kafka_headers_new(8);
    rd_kafka_resp_err_t code = headers_fill(headers, event);
    if (code)
        return code;

    struct id_text key = id_format(&event->order->id);
    const rd_kafka_vu_t parts[] = {
        { .vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = topic },
        { .vtype = RD_KAFKA_VTYPE_KEY, .u.mem = { key.hex, ID_HEX } },
        { .vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = { value->data, value->length } },
        { .vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY },
        { .vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = headers },
        { .vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = opaque },
    };
    rd_kafka_error_t *error = rd_kafka_produceva(producer, parts, sizeof parts / sizeof *parts);
    code = rd_kafka_error_code(error); /* of NULL: NO_ERROR */
    rd_kafka_error_destroy(error);
    if (!code)
        headers = NULL; /* the message's now */
    return code;
}
