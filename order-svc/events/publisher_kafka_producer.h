/* The producer behind the Kafka adapter: made, watched, made anew; and the batches that wait for
 * its reports. One thread at a time, `trouble` and `rebuilds` may be read by any. */
#ifndef EVENTS_PUBLISHER_KAFKA_PRODUCER_H
#define EVENTS_PUBLISHER_KAFKA_PRODUCER_H

#include <librdkafka/rdkafka.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include "events/publisher.h"

/* Where a message's report goes; a message carries it as its opaque. */
struct kafka_slot {
    struct kafka_batch *batch;
    enum publish_outcome outcome; /* UNKNOWN until the report */
};

struct kafka_batch {
    LIST_ENTRY(kafka_batch) others;
    size_t pending; /* messages without a report */
    bool given_up;  /* freed with its last report */
    struct kafka_slot slots[];
};

struct kafka_producer {
    atomic_uint_least64_t rebuilds;
    atomic_int trouble; /* enum kafka_trouble */

    rd_kafka_conf_t *conf; /* each handle is made from a copy */
    char *topic_name;
    rd_kafka_t *handle; /* NULL: it could not be made anew */
    rd_kafka_topic_t *topic;
    bool suspect; /* the library complained about its connections: a probe shall tell */
    int64_t next_probe_at;
    LIST_HEAD(, kafka_batch) batches;
};

/* `producer` is zeroed and stays where it is. Does not wait for the broker. Either way
 * kafka_producer_close() is due. */
bool kafka_producer_open(struct kafka_producer *producer, const struct kafka_options *options,
                         struct error *err) MUST_USE;

/* Waits KAFKA_PURGE_WAIT_MS at most for what is still out. */
void kafka_producer_close(struct kafka_producer *producer);

/* Makes the handle that a failed rebuild left missing. */
bool kafka_producer_revive(struct kafka_producer *producer, struct error *err) MUST_USE;

/* Ends the handle, whose batches are forgotten, and makes another. */
void kafka_producer_rebuild(struct kafka_producer *producer);

/* Drops what is queued or in flight; the reports say so, later. */
void kafka_producer_purge(struct kafka_producer *producer);

/* Remembers what the error says about the broker. */
void kafka_producer_note(struct kafka_producer *producer, rd_kafka_resp_err_t code);

/* Asks the broker whether trouble is over, or meant anything; at most once a second and for half a
 * second. */
void kafka_producer_probe(struct kafka_producer *producer);

/* NULL: no memory. */
struct kafka_batch *kafka_batch_new(struct kafka_producer *producer, size_t count) MUST_USE;

/* The caller is done with it: freed now or with its last report. */
void kafka_batch_leave(struct kafka_batch *batch);

/* After a purge the reports only have to come through a queue. */
enum { KAFKA_PURGE_WAIT_MS = 500 };

#endif
