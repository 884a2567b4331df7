/* librdkafka's mock cluster: one broker, one topic. */
#include "contract/mock_kafka.h"

#include "unit/support/tests.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdlib.h>

#include "contract/kafka_reader.h"

#define TOPIC "order-created"

enum {
    PRODUCE_REQUEST = 0, /* ApiKeys of Kafka's protocol */
    INIT_PRODUCER_ID_REQUEST = 22,
    REQUESTS_FAILING = 1000, /* more than a test makes */
    SILENT_MS = 4 * MOCK_MESSAGE_TIMEOUT_MS,
};

struct mock_kafka {
    rd_kafka_t *host; /* the cluster lives inside some client */
    rd_kafka_mock_cluster_t *cluster;
};

struct mock_kafka *mock_kafka_start(void)
{
    struct mock_kafka *mock = calloc(1, sizeof *mock);
    rd_kafka_conf_t *conf = rd_kafka_conf_new();

    assert_non_null(mock);
    rd_kafka_conf_set(conf, "log_level", "2", NULL, 0); /* it connects to nothing */
    mock->host = rd_kafka_new(RD_KAFKA_PRODUCER, conf, NULL, 0);
    assert_non_null(mock->host);
    mock->cluster = rd_kafka_mock_cluster_new(mock->host, 1);
    assert_non_null(mock->cluster);
    assert_int_equal(rd_kafka_mock_topic_create(mock->cluster, TOPIC, MOCK_PARTITIONS, 1), 0);
    return mock;
}

void mock_kafka_stop(struct mock_kafka *mock)
{
    rd_kafka_mock_cluster_destroy(mock->cluster);
    rd_kafka_destroy(mock->host);
    free(mock);
}

const char *mock_kafka_brokers(const struct mock_kafka *mock)
{
    return rd_kafka_mock_cluster_bootstraps(mock->cluster);
}

static void fail_requests(struct mock_kafka *mock, size_t count, rd_kafka_resp_err_t code)
{
    rd_kafka_resp_err_t codes[REQUESTS_FAILING];

    for (size_t i = 0; i < count; i++)
        codes[i] = code;
    rd_kafka_mock_push_request_errors_array(mock->cluster, PRODUCE_REQUEST, count, codes);
}

static void clear_faults(struct mock_kafka *mock)
{
    rd_kafka_mock_clear_request_errors(mock->cluster, PRODUCE_REQUEST);
    rd_kafka_mock_topic_set_error(mock->cluster, TOPIC, RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_mock_broker_set_rtt(mock->cluster, -1, 0);
}

void mock_kafka_set_fault(struct mock_kafka *mock, enum broker_fault fault)
{
    if (fault == BROKER_DOWN) /* first: what was not answered so far is not to be now */
        rd_kafka_mock_broker_set_down(mock->cluster, -1);
    clear_faults(mock);
    switch (fault) {
    case BROKER_FINE:
        rd_kafka_mock_broker_set_up(mock->cluster, -1);
        break;
    case BROKER_DOWN:
        break;
    case BROKER_SILENT:
        rd_kafka_mock_broker_set_rtt(mock->cluster, -1, SILENT_MS);
        break;
    case BROKER_REFUSES_CONTENT:
        fail_requests(mock, REQUESTS_FAILING, RD_KAFKA_RESP_ERR_INVALID_RECORD);
        break;
    case BROKER_REFUSES_ACCESS:
        fail_requests(mock, REQUESTS_FAILING, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
        break;
    case BROKER_LACKS_TOPIC: /* metadata alone is looked at too seldom to notice */
        rd_kafka_mock_topic_set_error(mock->cluster, TOPIC,
                                      RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
        fail_requests(mock, REQUESTS_FAILING, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
        break;
    case BROKER_BREAKS_PRODUCER:
        fail_requests(mock, 1, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
        break;
    }
}

void mock_kafka_refuse_producer_id(struct mock_kafka *mock, int code)
{
    rd_kafka_mock_push_request_errors(mock->cluster, INIT_PRODUCER_ID_REQUEST, 1, code);
}

struct publisher *mock_kafka_open(struct mock_kafka *mock, const char *const *environment,
                                  struct error *err)
{
    const struct kafka_options options = {
        .brokers = mock_kafka_brokers(mock),
        .topic = TOPIC,
        .environment = environment,
        .message_timeout_ms = MOCK_MESSAGE_TIMEOUT_MS,
    };
    return publisher_kafka_open(&options, err);
}

struct publisher *mock_kafka_publisher(struct mock_kafka *mock)
{
    static const char *const nothing[] = { NULL };
    struct error err = { .detail = "" };

    struct publisher *publisher = mock_kafka_open(mock, nothing, &err);
    if (!publisher)
        fail_msg("%s", err.detail);
    return publisher;
}

size_t mock_kafka_read(struct mock_kafka *mock, struct event_read events[], size_t max)
{
    return kafka_read(mock_kafka_brokers(mock), TOPIC, MOCK_PARTITIONS, events, max);
}
