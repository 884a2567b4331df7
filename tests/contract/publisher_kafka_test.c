/* The Kafka publisher: the suite over a mock cluster, and what only Kafka has. */
#include "unit/support/tests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/log.h"
#include "contract/mock_kafka.h"
#include "contract/publisher_suite.h"

static const char *const nothing[] = { NULL };

/* ---- the suite's fixture ---- */

static void *mock_start(void)
{
    return mock_kafka_start();
}

static void mock_stop(void *broker)
{
    mock_kafka_stop(broker);
}

static struct publisher *mock_open(void *broker)
{
    return mock_kafka_publisher(broker);
}

static void mock_set_fault(void *broker, enum broker_fault fault)
{
    mock_kafka_set_fault(broker, fault);
}

static size_t mock_read(void *broker, struct event_read events[], size_t max)
{
    return mock_kafka_read(broker, events, max);
}

static const struct publisher_fixture mock_fixture = {
    .name = "publisher: Kafka, mock cluster",
    .faults = CAN(BROKER_DOWN) | CAN(BROKER_SILENT) | CAN(BROKER_REFUSES_CONTENT) |
              CAN(BROKER_REFUSES_ACCESS) | CAN(BROKER_LACKS_TOPIC) | CAN(BROKER_BREAKS_PRODUCER),
    .start = mock_start,
    .stop = mock_stop,
    .open = mock_open,
    .set_fault = mock_set_fault,
    .read = mock_read,
};

/* ---- queue ---- */

/* More than the producer's queue holds at once. */
enum { MANY = 5000, READ_MAX = 2 * MANY };

static void a_full_queue_gives_way(void **state)
{
    struct mock_kafka *mock = mock_kafka_start();
    struct publisher *publisher = mock_kafka_publisher(mock);
    AUTO(memory) struct event_read *read = calloc(READ_MAX, sizeof *read);

    (void)state;
    suite_publish_all(publisher, 0, MANY, PUBLISH_DELIVERED);
    assert_int_equal(mock_kafka_read(mock, read, READ_MAX), MANY);
    publisher_close(publisher);
    mock_kafka_stop(mock);
}

static void a_queue_that_stays_full_fails(void **state)
{
    struct mock_kafka *mock = mock_kafka_start();
    struct publisher *publisher = mock_kafka_publisher(mock);

    (void)state;
    mock_kafka_set_fault(mock, BROKER_DOWN);
    suite_publish_all(publisher, 0, MANY, PUBLISH_FAILED);
    assert_false(publisher_healthy(publisher));
    publisher_close(publisher);
    mock_kafka_stop(mock);
}

/* ---- open ---- */

static void open_does_not_wait_for_the_broker(void **state)
{
    const struct kafka_options options = {
        .brokers = "127.0.0.1:1", /* nobody is there */
        .topic = "order-created",
        .environment = nothing,
        .message_timeout_ms = 500,
    };
    struct error err;
    int64_t start = clock_monotonic_ms(&system_clock);
    struct publisher *publisher = publisher_kafka_open(&options, &err);

    (void)state;
    assert_non_null(publisher);
    assert_true(clock_monotonic_ms(&system_clock) - start < 1000);
    assert_true(suite_becomes_healthy(publisher, false));
    suite_publish_all(publisher, 0, 3, PUBLISH_FAILED);
    publisher_close(publisher);
}

static void the_default_fits_the_lease(void **state)
{
    const struct kafka_options options = {
        .brokers = "127.0.0.1:1",
        .topic = "order-created",
        .environment = nothing,
    };
    struct error err;
    struct publisher *publisher = publisher_kafka_open(&options, &err);

    (void)state;
    assert_non_null(publisher);
    assert_in_range(publisher_publish_max_ms(publisher), 10000, 30000 / 2 - 1);
    publisher_close(publisher);
}

/* Refused before anything was sent: nothing can be there. */
static void a_refused_producer_id_is_no_access(void **state)
{
    enum { CLUSTER_AUTHORIZATION_FAILED = 31 };
    struct mock_kafka *mock = mock_kafka_start();

    (void)state;
    mock_kafka_refuse_producer_id(mock, CLUSTER_AUTHORIZATION_FAILED);
    struct publisher *publisher = mock_kafka_publisher(mock);
    suite_publish_all(publisher, 0, 5, PUBLISH_FAILED);
    assert_false(publisher_healthy(publisher));
    assert_int_equal(publisher_rebuilds(publisher), 1);
    suite_publish_all(publisher, 0, 5, PUBLISH_DELIVERED);
    assert_true(publisher_healthy(publisher));
    publisher_close(publisher);
    mock_kafka_stop(mock);
}

/* ---- settings passed through ---- */

#define SECRET "correct-horse-battery"

static const struct refused {
    const char *name;
    const char *environment[4];
    const char *named; /* in the error's detail */
} refused[] = {
    { "an unknown property", { "KAFKA_SSL_NONSENSE=" SECRET }, "KAFKA_SSL_NONSENSE" },
    { "a bad value", { "KAFKA_SECURITY_PROTOCOL=" SECRET }, "KAFKA_SECURITY_PROTOCOL" },
    { "a bad value among good ones",
      { "KAFKA_SASL_USERNAME=orders", "KAFKA_SSL_ENDPOINT_IDENTIFICATION_ALGORITHM=" SECRET },
      "KAFKA_SSL_ENDPOINT_IDENTIFICATION_ALGORITHM" },
    { "a missing file",
      { "KAFKA_SASL_PASSWORD_FILE=/nonexistent/" SECRET },
      "KAFKA_SASL_PASSWORD" },
    { "given twice",
      { "KAFKA_SASL_PASSWORD=" SECRET, "KAFKA_SASL_PASSWORD_FILE=/nonexistent" },
      "KAFKA_SASL_PASSWORD" },
    { "a property of no such length",
      { "KAFKA_SSL_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" SECRET },
      "KAFKA_SSL_AAAAAAAA" },
    { "a combination that librdkafka refuses",
      { "KAFKA_SECURITY_PROTOCOL=sasl_plaintext", "KAFKA_SASL_MECHANISMS=" SECRET },
      "SASL mechanism" },
};

static void a_setting_is_refused_by_name(void **state)
{
    const struct refused *r = *state;
    const struct kafka_options options = {
        .brokers = "127.0.0.1:1",
        .topic = "order-created",
        .environment = r->environment,
    };
    struct error err = { .code = ERR_NONE };

    assert_null(publisher_kafka_open(&options, &err));
    assert_int_equal(err.code, ERR_CONFIG);
    assert_non_null(strstr(err.detail, r->named));
    if (strncmp(r->named, "KAFKA_", 6) == 0)
        assert_null(strstr(err.detail, SECRET));
    assert_null(strchr(err.detail, '\n'));
}

static const struct ignored {
    const char *name;
    const char *environment[8];
} ignored[] = {
    { "nothing", { NULL } },
    { "what Kubernetes makes of a Service kafka",
      { "KAFKA_SERVICE_HOST=10.0.0.1", "KAFKA_SERVICE_PORT=9092", "KAFKA_PORT=tcp://10.0.0.1:9092",
        "KAFKA_PORT_9092_TCP=tcp://10.0.0.1:9092", "KAFKA_PORT_9092_TCP_ADDR=10.0.0.1" } },
    { "what Kubernetes makes of a Service kafka-ssl",
      { "KAFKA_SSL_SERVICE_HOST=10.0.0.1", "KAFKA_SSL_SERVICE_PORT=9092",
        "KAFKA_SSL_PORT=tcp://10.0.0.1:9092", "KAFKA_SSL_PORT_9092_TCP=tcp://10.0.0.1:9092",
        "KAFKA_SSL_PORT_9092_TCP_PROTO=tcp", "KAFKA_SSL_SERVICE_PORT_TLS=9092" } },
    { "and of a Service kafka-sasl-bootstrap",
      { "KAFKA_SASL_BOOTSTRAP_SERVICE_HOST=10.0.0.1", "KAFKA_SASL_BOOTSTRAP_SERVICE_PORT=9092",
        "KAFKA_SASL_BOOTSTRAP_PORT=tcp://10.0.0.1:9092",
        "KAFKA_SASL_BOOTSTRAP_PORT_9092_TCP_PORT=9092" } },
    { "every other KAFKA_*",
      { "KAFKA_ACKS=0", "KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:1", "KAFKA_HEAP_OPTS=-Xmx1g",
        "KAFKA_SECURITY_PROTOCOL_X=1", "KAFKA_ENABLE_IDEMPOTENCE=false" } },
    { "empty ones", { "KAFKA_SSL_NONSENSE=", "KAFKA_SECURITY_PROTOCOL=" } },
};

static void what_is_not_ours_does_not_hurt(void **state)
{
    const struct ignored *i = *state;
    struct mock_kafka *mock = mock_kafka_start();
    struct error err;
    struct publisher *publisher = mock_kafka_open(mock, i->environment, &err);

    assert_non_null(publisher);
    suite_publish_all(publisher, 0, 1, PUBLISH_DELIVERED);
    publisher_close(publisher);
    mock_kafka_stop(mock);
}

/* ---- the log ---- */

struct captured {
    int file, stderr_fd;
};

static struct captured capture_stderr(void)
{
    char path[] = "/tmp/publisher-log-XXXXXX";
    struct captured captured = { .file = mkstemp(path), .stderr_fd = dup(STDERR_FILENO) };

    assert_true(captured.file >= 0 && captured.stderr_fd >= 0);
    unlink(path);
    assert_return_code(dup2(captured.file, STDERR_FILENO), 0);
    return captured;
}

/* For the caller to free. */
static char *captured_text(struct captured captured)
{
    off_t size = lseek(captured.file, 0, SEEK_END);
    char *text = calloc(1, (size_t)size + 1);

    assert_return_code(dup2(captured.stderr_fd, STDERR_FILENO), 0);
    assert_non_null(text);
    assert_int_equal(pread(captured.file, text, (size_t)size, 0), size);
    close(captured.file);
    close(captured.stderr_fd);
    return text;
}

/* The mock knows no SASL, so each attempt to log in fails, and librdkafka says much about it. */
static void secrets_are_not_logged(void **state)
{
    static const char *const environment[] = {
        "KAFKA_SECURITY_PROTOCOL=sasl_plaintext",
        "KAFKA_SASL_MECHANISM=PLAIN",
        "KAFKA_SASL_USERNAME=orders",
        "KAFKA_SASL_PASSWORD=" SECRET,
        NULL,
    };
    struct mock_kafka *mock = mock_kafka_start();
    struct error err;

    (void)state;
    struct captured captured = capture_stderr();
    log_open("test", LOG_DEBUG);
    struct publisher *publisher = mock_kafka_open(mock, environment, &err);
    enum publish_outcome *outcomes = publisher ? suite_publish(publisher, 0, 1) : NULL;
    bool healthy = publisher && publisher_healthy(publisher);
    publisher_close(publisher);
    log_open("test", LOG_ERROR);
    AUTO(memory) char *text = captured_text(captured);

    assert_non_null(publisher);
    assert_int_equal(outcomes[0], PUBLISH_FAILED); /* so the settings did reach librdkafka */
    assert_false(healthy);
    assert_non_null(strstr(text, "librdkafka"));
    assert_non_null(strstr(text, "broker takes no events"));
    assert_null(strstr(text, SECRET));
    free(outcomes);
    mock_kafka_stop(mock);
}

int main(void)
{
    struct tests tests = { 0 };

    log_open("test", LOG_ERROR);
    ADD_TEST(&tests, a_full_queue_gives_way);
    ADD_TEST(&tests, a_queue_that_stays_full_fails);
    ADD_TEST(&tests, open_does_not_wait_for_the_broker);
    ADD_TEST(&tests, the_default_fits_the_lease);
    ADD_TEST(&tests, a_refused_producer_id_is_no_access);
    ADD_ROWS(&tests, a_setting_is_refused_by_name, refused);
    ADD_ROWS(&tests, what_is_not_ours_does_not_hurt, ignored);
    ADD_TEST(&tests, secrets_are_not_logged);
    int failed = publisher_suite_run(&mock_fixture);
    return failed + tests_run("publisher: Kafka alone", &tests);
}
