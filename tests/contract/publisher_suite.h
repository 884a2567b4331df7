/* What every publisher must do, whatever broker is behind it.
 *
 * A fixture makes a broker with an empty topic, opens publishers on it, reads the topic back as a
 * consumer, and makes what faults it can; cases that need another are skipped. */
#ifndef CONTRACT_PUBLISHER_SUITE_H
#define CONTRACT_PUBLISHER_SUITE_H

#include <stddef.h>
#include "events/publisher.h"

enum broker_fault {
    BROKER_FINE,
    BROKER_DOWN,            /* refuses connections, cuts those that stand */
    BROKER_SILENT,          /* takes events and answers too late */
    BROKER_REFUSES_CONTENT, /* of each event */
    BROKER_REFUSES_ACCESS,
    BROKER_LACKS_TOPIC,
    BROKER_BREAKS_PRODUCER, /* the next request: a fatal error */
};
#define CAN(fault) (1U << (fault))

/* What a consumer gets. */
struct event_read {
    char key[64];
    char value[1024];
    char headers[1024]; /* "name: text\n" each, in their order */
};

struct publisher_fixture {
    const char *name;
    unsigned faults; /* CAN(…) | … */

    /* A broker, all is well; fails the test when it cannot be made. */
    void *(*start)(void);
    void (*stop)(void *broker);

    /* Its messages time out after a second or two. */
    struct publisher *(*open)(void *broker);
    /* Until the next call; BROKER_FINE ends it. */
    void (*set_fault)(void *broker, enum broker_fault fault);
    /* All that is in the topic, in any order; returns how many, `max` at most. */
    size_t (*read)(void *broker, struct event_read events[], size_t max);
};

/* A cmocka group; returns how many cases failed. */
int publisher_suite_run(const struct publisher_fixture *fixture);

/* The n-th event of a test, and what a consumer must get of it. Each third one lacks a
 * traceparent. */
struct suite_event {
    struct order order;
    struct traceparent traceparent;
};
struct suite_event suite_event_of(size_t n);
void suite_event_check(size_t n, const struct event_read *read);

/* Publishes events first..first+count-1 in one call, asserts that it ends within
 * publisher_publish_max_ms(), and returns the outcomes for the caller to free. */
enum publish_outcome *suite_publish(struct publisher *publisher, size_t first, size_t count);

/* All of them end so. */
void suite_publish_all(struct publisher *publisher, size_t first, size_t count,
                       enum publish_outcome expected);

/* Polls until publisher_healthy() says so, for some seconds. */
bool suite_becomes_healthy(struct publisher *publisher, bool healthy);

#endif
