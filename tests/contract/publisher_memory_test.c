/* The contract of the publisher, on the one in memory. */
#include "unit/support/tests.h"

#include <stdio.h>

#include "base/date.h"
#include "contract/publisher_suite.h"
#include "events/event.h"
#include "sim/memory_publisher.h"

/* The broker and its one publisher are the same thing here. */
struct broker {
    struct publisher *publisher;
    enum broker_fault fault;
};

static struct broker the_broker;

static void report(void *context, struct publish_step *step)
{
    static const enum event_fault faults[] = {
        [BROKER_FINE] = EVENT_FINE,
        [BROKER_DOWN] = EVENT_FAILED,
        [BROKER_SILENT] = EVENT_UNKNOWN_DELIVERED,
        [BROKER_REFUSES_CONTENT] = EVENT_REFUSED,
        [BROKER_REFUSES_ACCESS] = EVENT_FAILED,
        [BROKER_LACKS_TOPIC] = EVENT_FAILED,
        [BROKER_BREAKS_PRODUCER] = EVENT_UNKNOWN_LOST,
    };
    struct broker *broker = context;

    for (size_t i = 0; i < step->count; i++)
        step->faults[i] = faults[broker->fault];
    /* What access was refused for is known to work only by writing. */
    if (broker->fault == BROKER_FINE)
        memory_publisher_set_healthy(broker->publisher, true);
    if (broker->fault == BROKER_BREAKS_PRODUCER) {
        memory_publisher_rebuild(broker->publisher);
        broker->fault = BROKER_FINE;
    }
}

static void *start(void)
{
    struct error err;

    the_broker = (struct broker){ .publisher = memory_publisher_open(&err) };
    assert_non_null(the_broker.publisher);
    memory_publisher_hook(the_broker.publisher,
                          &(struct publisher_hooks){ .before = report, .context = &the_broker });
    return &the_broker;
}

static void stop(void *broker)
{
    (void)broker; /* the case has closed its publisher */
}

static struct publisher *open_publisher(void *broker)
{
    return ((struct broker *)broker)->publisher;
}

static void set_fault(void *context, enum broker_fault fault)
{
    struct broker *broker = context;
    bool access_again = broker->fault == BROKER_REFUSES_ACCESS && fault == BROKER_FINE;

    broker->fault = fault;
    memory_publisher_set_healthy(broker->publisher,
                                 !access_again &&
                                     (fault == BROKER_FINE || fault == BROKER_REFUSES_CONTENT));
}

static void read_event(const struct message *message, struct event_read *out)
{
    AUTO(buffer) struct buffer value = { 0 };
    struct id_text id = id_format(&message->order.id);
    struct date_text date = date_format(message->order.date);

    event_write(&message->order, &value);
    assert_false(value.failed);
    snprintf(out->key, sizeof out->key, "%s", id.hex);
    snprintf(out->value, sizeof out->value, "%s", value.data);
    int length =
        snprintf(out->headers, sizeof out->headers,
                 "ce_specversion: 1.0\nce_id: %s\nce_type: %s\nce_source: %s\n"
                 "ce_time: %s\nce_subject: %s\ncontent-type: application/json\n",
                 event_id_of(&message->order).text, EVENT_TYPE, EVENT_SOURCE, date.text, id.hex);
    if (message->traceparent.text[0])
        snprintf(out->headers + length, sizeof out->headers - (size_t)length, "traceparent: %s\n",
                 message->traceparent.text);
}

static size_t read_topic(void *context, struct event_read events[], size_t max)
{
    struct broker *broker = context;
    size_t count = memory_publisher_count(broker->publisher);

    assert_true(count <= max);
    for (size_t i = 0; i < count; i++) {
        struct message message = memory_publisher_message(broker->publisher, i);
        read_event(&message, &events[i]);
    }
    return count;
}

int main(void)
{
    static const struct publisher_fixture fixture = {
        .name = "publisher in memory",
        .faults = CAN(BROKER_DOWN) | CAN(BROKER_SILENT) | CAN(BROKER_REFUSES_CONTENT) |
                  CAN(BROKER_REFUSES_ACCESS) | CAN(BROKER_LACKS_TOPIC) |
                  CAN(BROKER_BREAKS_PRODUCER),
        .start = start,
        .stop = stop,
        .open = open_publisher,
        .set_fault = set_fault,
        .read = read_topic,
    };
    return publisher_suite_run(&fixture);
}
