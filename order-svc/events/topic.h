/* Makes the topic of the events, for an operator who asks for it. The service itself never does:
 * partitions and copies are decisions, and its user need not have the right. */
#ifndef EVENTS_TOPIC_H
#define EVENTS_TOPIC_H

#include <stdbool.h>
#include <stdint.h>
#include "base/error.h"
#include "events/publisher.h"

struct topic_shape {
    uint32_t partitions;
    uint32_t copies; /* of each partition: the replication factor */
};

struct topic_made {
    bool created;             /* false: it was there, and was left as it is */
    struct topic_shape shape; /* zero: it is there, but not shown to this user */
};

/* Makes the topic that `options` name, unless it is there. Waits for the broker, some 12 s at most.
 * False: ERR_UNAVAILABLE, ERR_CONFIG, …; the detail says what to do, in one line. */
bool topic_kafka_create(const struct kafka_options *options, struct topic_shape wanted,
                        struct topic_made *out, struct error *err) MUST_USE;

#endif
