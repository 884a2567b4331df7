/* The Kafka that TEST_KAFKA_BROKERS names, with a topic for each test, and faults that a real
 * broker can have. */
#ifndef CONTRACT_REAL_KAFKA_H
#define CONTRACT_REAL_KAFKA_H

#include "contract/publisher_suite.h"

enum {
    REAL_KAFKA_SKIPPED = 77,        /* ctest's SKIP_RETURN_CODE */
    REAL_MESSAGE_TIMEOUT_MS = 1500, /* short: tests wait for it */
    /* Bytes of a batch: that of one event of suite_event_of(), and not of two. */
    REAL_LIMIT_OF_ONE = 700,
};

struct real_kafka;

/* False: TEST_KAFKA_BROKERS is not set. */
bool real_kafka_given(void);
const char *real_kafka_brokers(void);

/* With a topic of its own, of `partitions`; stop deletes it. */
struct real_kafka *real_kafka_start(int partitions);
void real_kafka_stop(struct real_kafka *kafka);
const char *real_kafka_topic(const struct real_kafka *kafka);

/* Waits until the broker acts so. */
void real_kafka_set_fault(struct real_kafka *kafka, enum broker_fault fault);

/* Batches beyond so many bytes are refused. */
void real_kafka_limit(struct real_kafka *kafka, int bytes);

struct publisher *real_kafka_publisher(struct real_kafka *kafka);

size_t real_kafka_read(struct real_kafka *kafka, struct event_read events[], size_t max);

#endif
