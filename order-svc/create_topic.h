/* order-svc --create-topic: makes the topic of the events, once, before the service needs it. */
#ifndef CREATE_TOPIC_H
#define CREATE_TOPIC_H

#include <stdbool.h>
#include "base/error.h"
#include "events/topic.h"

/* Prints one line: on stdout what was done, on stderr what to do. Whether the topic is there now.
 */
bool create_topic(const struct kafka_options *options, struct topic_shape wanted) MUST_USE;

#endif
