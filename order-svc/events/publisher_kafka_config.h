/* How the producer is set up: our own properties, and those passed through from the environment. */
#ifndef EVENTS_PUBLISHER_KAFKA_CONFIG_H
#define EVENTS_PUBLISHER_KAFKA_CONFIG_H

#include <librdkafka/rdkafka.h>
#include "base/auto.h"
#include "events/publisher.h"

AUTO_DEFINE(kafka_conf, rd_kafka_conf_t *, rd_kafka_conf_destroy);

enum {
    /* How long the library tries an event. Well under the scheduler's lease (30 s), within which
     * two calls and the confirming must fit; long enough for a broker that is restarted to elect
     * its leaders anew. */
    KAFKA_MESSAGE_TIMEOUT_MS = 10000,
    /* Four of the largest batches: only batches whose reports do not come fill it. */
    KAFKA_QUEUE_MESSAGES = 4000,
};

/* Of the options, or the default. */
int64_t kafka_message_timeout_ms(const struct kafka_options *options);

/* For the caller to destroy. NULL: ERR_CONFIG, the setting by its name and never its value. */
rd_kafka_conf_t *kafka_config_new(const struct kafka_options *options, struct error *err) MUST_USE;

#endif
