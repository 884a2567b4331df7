/* A Kafka broker within the test program (librdkafka's mock cluster), with faults. */
#ifndef CONTRACT_MOCK_KAFKA_H
#define CONTRACT_MOCK_KAFKA_H

#include "contract/publisher_suite.h"

struct mock_kafka;

struct mock_kafka *mock_kafka_start(void);
void mock_kafka_stop(struct mock_kafka *mock);
const char *mock_kafka_brokers(const struct mock_kafka *mock);
void mock_kafka_set_fault(struct mock_kafka *mock, enum broker_fault fault);

/* The next request for a producer id is answered by this Kafka error. */
void mock_kafka_refuse_producer_id(struct mock_kafka *mock, int code);

/* With MOCK_MESSAGE_TIMEOUT_MS, and `environment` passed through. NULL as publisher_kafka_open().
 */
struct publisher *mock_kafka_open(struct mock_kafka *mock, const char *const *environment,
                                  struct error *err) MUST_USE;

/* The same with nothing passed through; fails the test in place of NULL. */
struct publisher *mock_kafka_publisher(struct mock_kafka *mock);

size_t mock_kafka_read(struct mock_kafka *mock, struct event_read events[], size_t max);

enum {
    MOCK_PARTITIONS = 4,
    MOCK_MESSAGE_TIMEOUT_MS = 1500, /* short: tests wait for it */
};

#endif
