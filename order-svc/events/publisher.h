/* The port to the event broker.
 *
 * Publishing is at least once: what is reported delivered is on the broker (acks=all); what is not
 * may be there all the same, and is published again later with the same key, bytes and event id. */
#ifndef EVENTS_PUBLISHER_H
#define EVENTS_PUBLISHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/auto.h"
#include "base/error.h"
#include "order.h"

enum publish_outcome {
    PUBLISH_DELIVERED, /* acknowledged by the broker */
    PUBLISH_REFUSED,   /* the broker refuses content (too large, invalid); of one event of the batch
                          it may blame all: only an event refused alone is bad in itself */
    PUBLISH_FAILED,    /* not delivered, nor will be: broker down, no topic, not authorised */
    PUBLISH_UNKNOWN,   /* no report in time: it may be there, now or later */
};

struct order_event {
    const struct order *order;
    const struct traceparent *traceparent;
};

struct publisher; /* an adapter begins with this; one thread publishes, others may ask */

struct publisher_functions {
    void (*close)(struct publisher *publisher);
    void (*publish)(struct publisher *publisher, const struct order_event events[], size_t count,
                    enum publish_outcome outcomes[]);
    int64_t (*publish_max_ms)(const struct publisher *publisher);
    bool (*healthy)(struct publisher *publisher);
    uint64_t (*rebuilds)(const struct publisher *publisher);
};

struct publisher {
    const struct publisher_functions *functions;
};

void publisher_close(struct publisher *publisher);
AUTO_DEFINE(publisher, struct publisher *, publisher_close);

/* Publishes the batch and waits until each event has its report: at most
 * publisher_publish_max_ms(). Never fails as a whole; each event has its own outcome. */
void publisher_publish(struct publisher *publisher, const struct order_event events[], size_t count,
                       enum publish_outcome outcomes[]);

/* The longest that one publish call takes, in milliseconds: a lease must have more than this left.
 */
int64_t publisher_publish_max_ms(const struct publisher *publisher);

/* False: the broker is out of reach, or the topic missing, or access refused. */
bool publisher_healthy(struct publisher *publisher);

/* How often the producer had to be made anew after a fatal error. */
uint64_t publisher_rebuilds(const struct publisher *publisher);

/* --- Adapter: Kafka by librdkafka. --- */
struct kafka_options {
    const char *brokers; /* bootstrap list */
    const char *topic;
    /* Further librdkafka properties from the environment ("NAME=value", NULL-ended):
     * KAFKA_SECURITY_PROTOCOL, KAFKA_SASL_*, KAFKA_SSL_*, e.g. KAFKA_SASL_USERNAME ->
     * sasl.username, each also as NAME_FILE. */
    const char *const *environment;
    /* How long the library tries one event, or another request; 0: 10 s. Tests shorten it. */
    int64_t message_timeout_ms;
};

/* Whether publisher_kafka_open() would take these options; opens nothing. False: ERR_CONFIG, … */
bool publisher_kafka_check(const struct kafka_options *options, struct error *err) MUST_USE;

/* What publisher_publish_max_ms() will say with that PUBLISH_TIMEOUT_MS. */
int64_t publisher_kafka_max_ms(int64_t message_timeout_ms);

/* Does not wait for the broker: orders are taken without it. NULL: ERR_CONFIG (a property that
 * librdkafka refuses, by name), ERR_NO_MEMORY, ERR_SYSTEM. */
struct publisher *publisher_kafka_open(const struct kafka_options *options, struct error *err)
    MUST_USE;

#endif
