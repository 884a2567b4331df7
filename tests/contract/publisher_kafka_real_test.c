/* The Kafka publisher on a real Kafka: the suite, and what only a real one does. */
#include "unit/support/tests.h"

#include "base/log.h"
#include "contract/publisher_suite.h"
#include "contract/real_kafka.h"

enum { PARTITIONS = 4 };

/* ---- the suite's fixture ---- */

static void *real_start(void)
{
    return real_kafka_start(PARTITIONS);
}

static void real_stop(void *broker)
{
    real_kafka_stop(broker);
}

static struct publisher *real_open(void *broker)
{
    return real_kafka_publisher(broker);
}

static void real_set_fault(void *broker, enum broker_fault fault)
{
    real_kafka_set_fault(broker, fault);
}

static size_t real_read(void *broker, struct event_read events[], size_t max)
{
    return real_kafka_read(broker, events, max);
}

/* Late answers and fatal errors are for the mock cluster, which has them at will. */
static const struct publisher_fixture real_fixture = {
    .name = "publisher: Kafka, real",
    .faults = CAN(BROKER_DOWN) | CAN(BROKER_REFUSES_CONTENT) | CAN(BROKER_REFUSES_ACCESS) |
              CAN(BROKER_LACKS_TOPIC),
    .start = real_start,
    .stop = real_stop,
    .open = real_open,
    .set_fault = real_set_fault,
    .read = real_read,
};

/* ---- batches ---- */

/* Why the scheduler sends those refused one at a time. */
static void a_batch_too_large_is_refused_and_each_alone_taken(void **state)
{
    enum { COUNT = 6 };
    struct event_read read[COUNT];
    struct real_kafka *kafka = real_kafka_start(1); /* so that they share a batch */
    struct publisher *publisher = real_kafka_publisher(kafka);

    (void)state;
    real_kafka_limit(kafka, REAL_LIMIT_OF_ONE);
    suite_publish_all(publisher, 0, COUNT, PUBLISH_REFUSED);
    assert_true(publisher_healthy(publisher));
    for (size_t i = 0; i < COUNT; i++)
        suite_publish_all(publisher, i, 1, PUBLISH_DELIVERED);

    assert_int_equal(real_kafka_read(kafka, read, COUNT), COUNT);
    for (size_t i = 0; i < COUNT; i++)
        suite_event_check(i, &read[i]);
    publisher_close(publisher);
    real_kafka_stop(kafka);
}

int main(void)
{
    struct tests tests = { 0 };

    if (!real_kafka_given())
        return REAL_KAFKA_SKIPPED;
    log_open("test", LOG_ERROR);
    ADD_TEST(&tests, a_batch_too_large_is_refused_and_each_alone_taken);
    int failed = publisher_suite_run(&real_fixture);
    return failed + tests_run("publisher: Kafka alone, real", &tests);
}
