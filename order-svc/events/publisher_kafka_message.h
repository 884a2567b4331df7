/* One event as a Kafka message: CloudEvents 1.0, Kafka binding, binary mode. */
#ifndef EVENTS_PUBLISHER_KAFKA_MESSAGE_H
#define EVENTS_PUBLISHER_KAFKA_MESSAGE_H

#include <librdkafka/rdkafka.h>
#include "base/buffer.h"
#include "events/publisher.h"

/* Queues the event, its value already written as `value`; librdkafka copies all. The report carries
 * `opaque`. Anything but NO_ERROR: it is not queued, and no report will come. */
rd_kafka_resp_err_t kafka_message_queue(rd_kafka_t *producer, rd_kafka_topic_t *topic,
                                        const struct order_event *event, const struct buffer *value,
                                        void *opaque);

#endif
