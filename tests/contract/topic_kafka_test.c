/* Making the topic, where no Kafka is, or one that cannot: the mock cluster answers no
 * CreateTopics, and shows topics that it has. */
#include "unit/support/tests.h"

#include <string.h>

#include "base/clock.h"
#include "contract/mock_kafka.h"
#include "events/topic.h"

static const char *const nothing[] = { NULL };

static bool create(const char *brokers, const char *const *environment, struct topic_made *made,
                   struct error *err)
{
    const struct kafka_options options = {
        .brokers = brokers,
        .topic = "order-created",
        .environment = environment,
        .message_timeout_ms = MOCK_MESSAGE_TIMEOUT_MS,
    };
    return topic_kafka_create(&options, (struct topic_shape){ 12, 3 }, made, err);
}

static void what_cannot_be_made_but_is_there_is_good(void **state)
{
    struct mock_kafka *mock = mock_kafka_start();
    struct topic_made made;
    struct error err = { 0 };

    (void)state;
    assert_true(create(mock_kafka_brokers(mock), nothing, &made, &err));
    assert_false(made.created);
    assert_int_equal(made.shape.partitions, MOCK_PARTITIONS);
    assert_int_equal(made.shape.copies, 1);
    mock_kafka_stop(mock);
}

static void a_cluster_without_controller_is_named(void **state)
{
    struct mock_kafka *mock = mock_kafka_start();
    struct topic_made made;
    struct error err = { 0 };

    (void)state;
    mock_kafka_set_fault(mock, BROKER_LACKS_TOPIC);
    assert_false(create(mock_kafka_brokers(mock), nothing, &made, &err));
    assert_int_equal(err.code, ERR_UNAVAILABLE);
    assert_non_null(strstr(err.detail, "no controller"));
    mock_kafka_stop(mock);
}

static const struct unreached {
    const char *name, *brokers;
    const char *advice;
} unreached[] = {
    { "nobody listens", "127.0.0.1:1", "KAFKA_BROKERS" },
    { "a name that is none", "no-such-host.invalid:9092", "name in KAFKA_BROKERS" },
};

static void whoever_is_not_reached_is_waited_for_a_while(void **state)
{
    const struct unreached *u = *state;
    struct topic_made made;
    struct error err = { 0 };
    int64_t start = clock_monotonic_ms(&system_clock);

    assert_false(create(u->brokers, nothing, &made, &err));
    assert_in_range(clock_monotonic_ms(&system_clock) - start, 0, 10000);
    assert_int_equal(err.code, ERR_UNAVAILABLE);
    assert_non_null(strstr(err.detail, u->advice));
}

/* The mock speaks no TLS. */
static void a_wrong_protocol_is_named(void **state)
{
    static const char *const tls[] = { "KAFKA_SECURITY_PROTOCOL=ssl", NULL };
    struct mock_kafka *mock = mock_kafka_start();
    struct topic_made made;
    struct error err = { 0 };

    (void)state;
    assert_false(create(mock_kafka_brokers(mock), tls, &made, &err));
    assert_int_equal(err.code, ERR_UNAVAILABLE);
    assert_non_null(strstr(err.detail, "KAFKA_SECURITY_PROTOCOL"));
    mock_kafka_stop(mock);
}

static void a_bad_property_is_no_matter_of_the_broker(void **state)
{
    static const char *const bad[] = { "KAFKA_SSL_NONSENSE=1", NULL };
    struct topic_made made;
    struct error err = { 0 };

    (void)state;
    assert_false(create("127.0.0.1:1", bad, &made, &err));
    assert_int_equal(err.code, ERR_CONFIG);
    assert_non_null(strstr(err.detail, "KAFKA_SSL_NONSENSE"));
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_TEST(&tests, what_cannot_be_made_but_is_there_is_good);
    ADD_TEST(&tests, a_cluster_without_controller_is_named);
    ADD_ROWS(&tests, whoever_is_not_reached_is_waited_for_a_while, unreached);
    ADD_TEST(&tests, a_wrong_protocol_is_named);
    ADD_TEST(&tests, a_bad_property_is_no_matter_of_the_broker);
    return tests_run("topic: Kafka, mock cluster", &tests);
}
