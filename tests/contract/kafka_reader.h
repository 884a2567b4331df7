/* Reads a Kafka topic back as a consumer would. */
#ifndef CONTRACT_KAFKA_READER_H
#define CONTRACT_KAFKA_READER_H

#include "contract/publisher_suite.h"

/* Everything in partitions 0..partitions-1 of the topic up to their ends as of now. Fails the test
 * when that cannot be had within some seconds. Returns how many, `max` at most. */
size_t kafka_read(const char *brokers, const char *topic, int partitions,
                  struct event_read events[], size_t max);

#endif
