/* What errors mean for an event. */
#include "unit/support/tests.h"

#include "events/publisher_kafka_verdict.h"

#define NOT_WRITTEN RD_KAFKA_MSG_STATUS_NOT_PERSISTED
#define PERHAPS     RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED
#define WRITTEN     RD_KAFKA_MSG_STATUS_PERSISTED

static const struct outcome_case {
    const char *name;
    rd_kafka_resp_err_t code;
    rd_kafka_msg_status_t status;
    enum publish_outcome outcome;
} outcomes[] = {
    { "acknowledged", RD_KAFKA_RESP_ERR_NO_ERROR, WRITTEN, PUBLISH_DELIVERED },

    { "too large", RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, NOT_WRITTEN, PUBLISH_REFUSED },
    { "batch too large", RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE, NOT_WRITTEN, PUBLISH_REFUSED },
    { "invalid record", RD_KAFKA_RESP_ERR_INVALID_RECORD, NOT_WRITTEN, PUBLISH_REFUSED },
    { "refused after an attempt of unknown fate", RD_KAFKA_RESP_ERR_INVALID_RECORD, PERHAPS,
      PUBLISH_UNKNOWN },

    { "damaged on the way parks nothing", RD_KAFKA_RESP_ERR_INVALID_MSG, NOT_WRITTEN,
      PUBLISH_FAILED },
    { "a wrong clock parks nothing", RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, NOT_WRITTEN,
      PUBLISH_FAILED },
    { "an old format parks nothing", RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT, NOT_WRITTEN,
      PUBLISH_FAILED },
    { "a policy parks nothing", RD_KAFKA_RESP_ERR_POLICY_VIOLATION, NOT_WRITTEN, PUBLISH_FAILED },
    { "no topic", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, NOT_WRITTEN, PUBLISH_FAILED },
    { "no topic, locally", RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, NOT_WRITTEN, PUBLISH_FAILED },
    { "not authorised", RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, NOT_WRITTEN, PUBLISH_FAILED },
    { "queue full", RD_KAFKA_RESP_ERR__QUEUE_FULL, NOT_WRITTEN, PUBLISH_FAILED },
    { "timed out unsent", RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, NOT_WRITTEN, PUBLISH_FAILED },
    { "purged unsent", RD_KAFKA_RESP_ERR__PURGE_QUEUE, NOT_WRITTEN, PUBLISH_FAILED },
    { "an error of tomorrow", (rd_kafka_resp_err_t)199, NOT_WRITTEN, PUBLISH_FAILED },

    { "timed out unanswered", RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, PERHAPS, PUBLISH_UNKNOWN },
    { "purged in flight", RD_KAFKA_RESP_ERR__PURGE_INFLIGHT, PERHAPS, PUBLISH_UNKNOWN },
    { "out of sequence", RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, PERHAPS, PUBLISH_UNKNOWN },
    { "an error, though it is there", RD_KAFKA_RESP_ERR__FAIL, WRITTEN, PUBLISH_UNKNOWN },
};

static void an_error_has_its_outcome(void **state)
{
    const struct outcome_case *c = *state;
    assert_int_equal(kafka_verdict_outcome(c->code, c->status), c->outcome);
}

static const struct trouble_case {
    const char *name;
    rd_kafka_resp_err_t code;
    enum kafka_trouble trouble;
} troubles[] = {
    { "success is no trouble", RD_KAFKA_RESP_ERR_NO_ERROR, TROUBLE_NONE },
    { "content says nothing of the broker", RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, TROUBLE_NONE },
    { "purging is our own doing", RD_KAFKA_RESP_ERR__PURGE_QUEUE, TROUBLE_NONE },
    { "all brokers down", RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, TROUBLE_REACH },
    { "no answer in time", RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, TROUBLE_REACH },
    { "refused while connecting", RD_KAFKA_RESP_ERR__AUTHENTICATION, TROUBLE_REACH },
    { "missing topic", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, TROUBLE_TOPIC },
    { "topic refused", RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, TROUBLE_ACCESS },
    { "cluster refused", RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, TROUBLE_ACCESS },
};

static void an_error_tells_of_trouble(void **state)
{
    const struct trouble_case *c = *state;
    assert_int_equal(kafka_verdict_trouble(c->code), c->trouble);
}

int main(void)
{
    struct tests tests = { 0 };
    ADD_ROWS(&tests, an_error_has_its_outcome, outcomes);
    ADD_ROWS(&tests, an_error_tells_of_trouble, troubles);
    return tests_run("publisher_kafka_verdict", &tests);
}
