/* A broker in memory, for tests: it keeps what is in the topic, and a test decides what becomes of
 * each event. Any thread may use it. */
#ifndef SIM_MEMORY_PUBLISHER_H
#define SIM_MEMORY_PUBLISHER_H

#include <stdbool.h>
#include <stddef.h>
#include "events/publisher.h"

enum event_fault {
    EVENT_FINE,
    EVENT_REFUSED,           /* its content is refused */
    EVENT_FAILED,            /* not in the topic, nor will it be */
    EVENT_UNKNOWN_LOST,      /* no report; not in the topic */
    EVENT_UNKNOWN_DELIVERED, /* no report; in the topic */
    EVENT_UNKNOWN_LATER,     /* no report; in flight: see memory_publisher_land() */
};

struct publish_step {
    const struct order_event *events;
    size_t count;
    enum event_fault *faults; /* one an event, for `before` to set */
};

struct publisher_hooks {
    void (*before)(void *context, struct publish_step *step);      /* may be NULL */
    void (*after)(void *context, const struct publish_step *step); /* may be NULL */
    void *context;
};

/* What a consumer gets: value and event id are a function of the order. */
struct message {
    struct order order;
    struct traceparent traceparent;
};

/* What a broker holds. As a copy it begins zeroed, may be used again and again, and ends with
 * broker_content_done(). */
struct message_list {
    struct message *items;
    size_t count, room;
};
struct broker_content {
    struct message_list topic, in_flight;
};
/* Asserts that there is memory. */
void broker_content_copy(struct broker_content *to, const struct broker_content *from);
void broker_content_done(struct broker_content *content);

/* The longest that a publish takes is 10 s, as with Kafka. NULL: ERR_NO_MEMORY. */
struct publisher *memory_publisher_open(struct error *err) MUST_USE;

void memory_publisher_hook(struct publisher *publisher, const struct publisher_hooks *hooks);

/* What publisher_healthy() and publisher_publish_max_ms() say. */
void memory_publisher_set_healthy(struct publisher *publisher, bool healthy);
void memory_publisher_set_max_ms(struct publisher *publisher, int64_t ms);

/* The producer was made anew once more. */
void memory_publisher_rebuild(struct publisher *publisher);

/* What is in the topic, in the order it came. */
size_t memory_publisher_count(struct publisher *publisher);
struct message memory_publisher_message(struct publisher *publisher, size_t index);
size_t memory_publisher_count_of(struct publisher *publisher, const struct id *order_id);

/* How many publish calls there were. */
unsigned memory_publisher_calls(struct publisher *publisher);

/* Events in flight; one of them (index below that) arrives. */
size_t memory_publisher_in_flight(struct publisher *publisher);
void memory_publisher_land(struct publisher *publisher, size_t index);

/* All that it holds, out to a copy and back. */
void memory_publisher_save(struct publisher *publisher, struct broker_content *copy);
void memory_publisher_restore(struct publisher *publisher, const struct broker_content *copy);

#endif
