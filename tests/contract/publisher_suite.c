/* The cases. Every one has a broker and a publisher of its own. */
#include "unit/support/tests.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/auto.h"
#include "base/clock.h"
#include "contract/publisher_suite.h"

enum {
    READ_MAX = 4096,
    /* What a publish may take beyond its promise on a machine that is busy. */
    SLACK_MS = 1500,
    HEALTH_WAIT_MS = 15000,
    HEALTH_PAUSE_MS = 20,
};

static const struct publisher_fixture *fixture;

struct world {
    void *broker;
    struct publisher *publisher;
};

/* ---- events ---- */

struct suite_event suite_event_of(size_t n)
{
    struct suite_event event = {
        .order = { .price = 100 * ((int64_t)n + 1), .date = 1769860800000 + (int64_t)n },
    };
    for (int i = 0; i < 8; i++)
        event.order.id.bytes[ID_BYTES - 1 - i] = (uint8_t)(n >> (8 * i));
    memset(event.order.user_id.bytes, 0xab, ID_BYTES);
    if (n % 3 != 2)
        snprintf(event.traceparent.text, sizeof event.traceparent.text,
                 "00-4bf92f3577b34da6a3ce929d0e0e4736-%016zx-01", n + 1);
    return event;
}

/* Written out here, not made by the code under test. */
void suite_event_check(size_t n, const struct event_read *read)
{
    char date[64], expected[1024];

    snprintf(date, sizeof date, "2026-01-31T12:00:%02zu.%03zuZ", n / 1000, n % 1000);
    snprintf(expected, sizeof expected, "%024zx", n);
    assert_string_equal(read->key, expected);
    snprintf(expected, sizeof expected,
             "{\"orderId\":\"%024zx\",\"userId\":\"abababababababababababab\",\"price\":%zu,"
             "\"status\":\"new\",\"date\":\"%s\"}",
             n, n + 1, date);
    assert_string_equal(read->value, expected);

    int length = snprintf(expected, sizeof expected,
                          "ce_specversion: 1.0\n"
                          "ce_id: %024zx.created\n"
                          "ce_type: homework.arch.order.created.v1\n"
                          "ce_source: /order-svc\n"
                          "ce_time: %s\n"
                          "ce_subject: %024zx\n"
                          "content-type: application/json\n",
                          n, date, n);
    if (n % 3 != 2)
        snprintf(expected + length, sizeof expected - (size_t)length,
                 "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-%016zx-01\n", n + 1);
    assert_string_equal(read->headers, expected);
}

static size_t number_of(const struct event_read *read)
{
    return strtoul(read->key, NULL, 16);
}

/* ---- steps ---- */

enum publish_outcome *suite_publish(struct publisher *publisher, size_t first, size_t count)
{
    size_t room = count + 1; /* calloc() may answer NULL when asked for nothing */
    struct suite_event *made = calloc(room, sizeof *made);
    struct order_event *events = calloc(room, sizeof *events);
    enum publish_outcome *outcomes = calloc(room, sizeof *outcomes);
    assert_true(made && events && outcomes);

    for (size_t i = 0; i < count; i++) {
        made[i] = suite_event_of(first + i);
        events[i] = (struct order_event){ &made[i].order, &made[i].traceparent };
        outcomes[i] = (enum publish_outcome) - 1;
    }
    int64_t start = clock_monotonic_ms(&system_clock);
    publisher_publish(publisher, events, count, outcomes);
    int64_t took_ms = clock_monotonic_ms(&system_clock) - start;
    assert_true(took_ms <= publisher_publish_max_ms(publisher) + SLACK_MS);

    free(events);
    free(made);
    return outcomes;
}

void suite_publish_all(struct publisher *publisher, size_t first, size_t count,
                       enum publish_outcome expected)
{
    AUTO(memory) enum publish_outcome *outcomes = suite_publish(publisher, first, count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(outcomes[i], expected);
}

bool suite_becomes_healthy(struct publisher *publisher, bool healthy)
{
    const struct timespec pause = { .tv_nsec = HEALTH_PAUSE_MS * 1000000L };
    int64_t until = clock_monotonic_ms(&system_clock) + HEALTH_WAIT_MS;

    while (publisher_healthy(publisher) != healthy) {
        if (clock_monotonic_ms(&system_clock) > until)
            return false;
        nanosleep(&pause, NULL);
    }
    return true;
}

static void set_fault(struct world *world, enum broker_fault fault)
{
    fixture->set_fault(world->broker, fault);
}

/* Reads the topic, checks each event, and that of 0..count-1 each is there min..max times. */
static void topic_check(struct world *world, size_t count, unsigned min, unsigned max)
{
    AUTO(memory) struct event_read *read = calloc(READ_MAX, sizeof *read);
    AUTO(memory) unsigned *seen = calloc(count + 1, sizeof *seen);
    assert_true(read && seen);

    size_t got = fixture->read(world->broker, read, READ_MAX);
    for (size_t i = 0; i < got; i++) {
        size_t n = number_of(&read[i]);
        assert_true(n < count);
        suite_event_check(n, &read[i]);
        seen[n]++;
    }
    for (size_t n = 0; n < count; n++)
        assert_in_range(seen[n], min, max);
}

/* ---- cases ---- */

static void one_event_arrives(struct world *world)
{
    suite_publish_all(world->publisher, 0, 1, PUBLISH_DELIVERED);
    topic_check(world, 1, 1, 1);
    assert_true(publisher_healthy(world->publisher));
}

static void a_batch_arrives(struct world *world)
{
    suite_publish_all(world->publisher, 0, 500, PUBLISH_DELIVERED);
    topic_check(world, 500, 1, 1);
}

static void the_largest_batch_arrives(struct world *world)
{
    suite_publish_all(world->publisher, 0, 1000, PUBLISH_DELIVERED);
    topic_check(world, 1000, 1, 1);
}

static void no_events_are_no_work(struct world *world)
{
    suite_publish_all(world->publisher, 0, 0, PUBLISH_DELIVERED);
    topic_check(world, 0, 0, 0);
}

static void a_repeat_is_the_same(struct world *world)
{
    for (int i = 0; i < 3; i++)
        suite_publish_all(world->publisher, 0, 10, PUBLISH_DELIVERED);
    topic_check(world, 10, 3, 3); /* key, bytes and id of each were compared */
}

static void refused_content_is_refused(struct world *world)
{
    suite_publish_all(world->publisher, 0, 1, PUBLISH_DELIVERED);
    set_fault(world, BROKER_REFUSES_CONTENT);
    suite_publish_all(world->publisher, 1, 50, PUBLISH_REFUSED);
    suite_publish_all(world->publisher, 1, 1, PUBLISH_REFUSED); /* alone too */
    assert_true(publisher_healthy(world->publisher));           /* the broker is not to blame */

    set_fault(world, BROKER_FINE);
    suite_publish_all(world->publisher, 1, 50, PUBLISH_DELIVERED);
    topic_check(world, 51, 1, 1);
}

static void without_access_all_wait(struct world *world)
{
    suite_publish_all(world->publisher, 0, 1, PUBLISH_DELIVERED);
    set_fault(world, BROKER_REFUSES_ACCESS);
    suite_publish_all(world->publisher, 1, 50, PUBLISH_FAILED);
    suite_publish_all(world->publisher, 1, 1, PUBLISH_FAILED);
    assert_false(publisher_healthy(world->publisher));

    set_fault(world, BROKER_FINE);
    for (int i = 0; i < 10; i++) /* metadata is fine, but says nothing about writing */
        assert_false(publisher_healthy(world->publisher));
    suite_publish_all(world->publisher, 1, 50, PUBLISH_DELIVERED);
    assert_true(publisher_healthy(world->publisher));
    topic_check(world, 51, 1, 1);
}

static void without_topic_all_wait(struct world *world)
{
    suite_publish_all(world->publisher, 0, 1, PUBLISH_DELIVERED);
    set_fault(world, BROKER_LACKS_TOPIC);
    suite_publish_all(world->publisher, 1, 50, PUBLISH_FAILED);
    suite_publish_all(world->publisher, 1, 1, PUBLISH_FAILED);
    assert_true(suite_becomes_healthy(world->publisher, false));

    set_fault(world, BROKER_FINE); /* the topic was made: no restart is needed */
    assert_true(suite_becomes_healthy(world->publisher, true));
    suite_publish_all(world->publisher, 0, 51, PUBLISH_DELIVERED);
    topic_check(world, 51, 1, 2); /* the first may be gone with the topic */
}

static void an_outage_is_survived(struct world *world)
{
    suite_publish_all(world->publisher, 0, 1, PUBLISH_DELIVERED);
    set_fault(world, BROKER_DOWN);
    AUTO(memory) enum publish_outcome *outcomes = suite_publish(world->publisher, 1, 50);
    for (size_t i = 0; i < 50; i++)
        assert_true(outcomes[i] == PUBLISH_FAILED || outcomes[i] == PUBLISH_UNKNOWN);
    assert_false(publisher_healthy(world->publisher));

    set_fault(world, BROKER_FINE);
    suite_publish_all(world->publisher, 1, 50, PUBLISH_DELIVERED);
    assert_true(suite_becomes_healthy(world->publisher, true));
    topic_check(world, 51, 1, 2);
}

static void an_outage_shows_while_idle(struct world *world)
{
    suite_publish_all(world->publisher, 0, 1, PUBLISH_DELIVERED);
    set_fault(world, BROKER_DOWN);
    assert_true(suite_becomes_healthy(world->publisher, false));
    set_fault(world, BROKER_FINE);
    assert_true(suite_becomes_healthy(world->publisher, true));
}

static void no_answer_is_unknown(struct world *world)
{
    suite_publish_all(world->publisher, 0, 1, PUBLISH_DELIVERED);
    set_fault(world, BROKER_SILENT);
    suite_publish_all(world->publisher, 1, 1, PUBLISH_UNKNOWN);

    set_fault(world, BROKER_FINE);
    assert_true(suite_becomes_healthy(world->publisher, true));
    suite_publish_all(world->publisher, 1, 1, PUBLISH_DELIVERED);
    topic_check(world, 2, 1, 3); /* it may well have been there, and may have been retried */
}

static void a_broken_producer_is_made_anew(struct world *world)
{
    suite_publish_all(world->publisher, 0, 1, PUBLISH_DELIVERED);
    assert_int_equal(publisher_rebuilds(world->publisher), 0);

    set_fault(world, BROKER_BREAKS_PRODUCER);
    suite_publish_all(world->publisher, 1, 1, PUBLISH_UNKNOWN);
    /* Counted in the call that may cause repeats. */
    assert_int_equal(publisher_rebuilds(world->publisher), 1);

    suite_publish_all(world->publisher, 1, 50, PUBLISH_DELIVERED);
    assert_int_equal(publisher_rebuilds(world->publisher), 1);
    assert_true(publisher_healthy(world->publisher));
    topic_check(world, 51, 1, 2);
}

static const struct suite_case {
    const char *name;
    enum broker_fault needs;
    void (*run)(struct world *world);
} cases[] = {
    { "one event arrives", BROKER_FINE, one_event_arrives },
    { "a batch arrives", BROKER_FINE, a_batch_arrives },
    { "the largest batch arrives", BROKER_FINE, the_largest_batch_arrives },
    { "no events are no work", BROKER_FINE, no_events_are_no_work },
    { "a repeat is the same", BROKER_FINE, a_repeat_is_the_same },
    { "refused content is refused", BROKER_REFUSES_CONTENT, refused_content_is_refused },
    { "without access all wait", BROKER_REFUSES_ACCESS, without_access_all_wait },
    { "without topic all wait", BROKER_LACKS_TOPIC, without_topic_all_wait },
    { "an outage is survived", BROKER_DOWN, an_outage_is_survived },
    { "an outage shows while idle", BROKER_DOWN, an_outage_shows_while_idle },
    { "no answer is unknown", BROKER_SILENT, no_answer_is_unknown },
    { "a broken producer is made anew", BROKER_BREAKS_PRODUCER, a_broken_producer_is_made_anew },
};

static void case_holds(void **state)
{
    const struct suite_case *c = *state;

    if (c->needs != BROKER_FINE && !(fixture->faults & CAN(c->needs)))
        skip();

    struct world world = { .broker = fixture->start() };
    world.publisher = fixture->open(world.broker);
    c->run(&world);
    publisher_close(world.publisher);
    fixture->stop(world.broker);
}

int publisher_suite_run(const struct publisher_fixture *with)
{
    struct tests tests = { 0 };

    fixture = with;
    ADD_ROWS(&tests, case_holds, cases);
    return tests_run(with->name, &tests);
}
