/* Making the topic on a real Kafka. */
#include "unit/support/tests.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "contract/real_kafka.h"
#include "events/topic.h"
#include "tools/kafka_admin.h"

static bool create(const char *topic, struct topic_shape wanted, struct topic_made *made,
                   struct error *err)
{
    static const char *const nothing[] = { NULL };
    const struct kafka_options options = {
        .brokers = real_kafka_brokers(),
        .topic = topic,
        .environment = nothing,
    };
    return topic_kafka_create(&options, wanted, made, err);
}

static void it_is_made_once_and_then_left_alone(void **state)
{
    char topic[64];
    struct topic_made made;
    struct error err = { .detail = "" };
    struct kafka_admin *admin = kafka_admin_open(real_kafka_brokers());

    (void)state;
    snprintf(topic, sizeof topic, "contract-%ld-made", (long)getpid());
    assert_true(create(topic, (struct topic_shape){ 3, 1 }, &made, &err));
    assert_true(made.created);

    for (uint32_t wanted = 3; wanted < 5; wanted++) {
        assert_true(create(topic, (struct topic_shape){ wanted, 1 }, &made, &err));
        assert_false(made.created);
        assert_int_equal(made.shape.partitions, 3);
        assert_int_equal(made.shape.copies, 1);
    }
    assert_int_equal(kafka_admin_delete(admin, topic), 0);
    kafka_admin_close(admin);
}

/* Copies that no broker is there for. */
static void more_copies_than_brokers_are_refused(void **state)
{
    struct topic_made made;
    struct error err = { .detail = "" };

    (void)state;
    assert_false(create("contract-impossible", (struct topic_shape){ 1, 100 }, &made, &err));
    assert_int_equal(err.code, ERR_UNAVAILABLE);
    assert_non_null(strstr(err.detail, "KAFKA_TOPIC_REPLICATION"));
}

/* The rest is in the broker's own words. */
static void another_refusal_is_passed_on(void **state)
{
    struct topic_made made;
    struct error err = { .detail = "" };

    (void)state;
    assert_false(create("contract/slash", (struct topic_shape){ 1, 1 }, &made, &err));
    assert_int_equal(err.code, ERR_UNAVAILABLE);
    assert_non_null(strstr(err.detail, "the broker refuses: "));
    assert_null(strchr(err.detail, '\n'));
}

int main(void)
{
    struct tests tests = { 0 };

    if (!real_kafka_given())
        return REAL_KAFKA_SKIPPED;
    ADD_TEST(&tests, it_is_made_once_and_then_left_alone);
    ADD_TEST(&tests, more_copies_than_brokers_are_refused);
    ADD_TEST(&tests, another_refusal_is_passed_on);
    return tests_run("topic: Kafka, real", &tests);
}
