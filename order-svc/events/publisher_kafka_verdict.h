/* What a broker's or librdkafka's error means for an event, in one place. */
#ifndef EVENTS_PUBLISHER_KAFKA_VERDICT_H
#define EVENTS_PUBLISHER_KAFKA_VERDICT_H

#include <librdkafka/rdkafka.h>
#include "events/publisher.h"

/* What is wrong with the broker, as far as it says. */
enum kafka_trouble {
    TROUBLE_NONE,
    TROUBLE_REACH,  /* out of reach, or too slow */
    TROUBLE_TOPIC,  /* it has no such topic */
    TROUBLE_ACCESS, /* it refuses us; only a delivery shows that it no longer does */
};

/* The outcome of an event whose delivery report, or local refusal (NOT_PERSISTED), says this. */
enum publish_outcome kafka_verdict_outcome(rd_kafka_resp_err_t code, rd_kafka_msg_status_t status);

/* TROUBLE_NONE: the error says nothing about the broker. */
enum kafka_trouble kafka_verdict_trouble(rd_kafka_resp_err_t code);

#endif
