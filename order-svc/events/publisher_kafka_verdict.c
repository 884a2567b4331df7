/* What an error means for an event.
 *
 * Whether an event may be on the broker is not told by the error but by the message's status, which
 * librdkafka keeps over all attempts: a first one that timed out can have been written although the
 * second one was refused. So the table says only what is special about an error. */
#include "events/publisher_kafka_verdict.h"

#include <stdbool.h>

static const struct verdict {
    rd_kafka_resp_err_t code;
    bool content; /* the broker refuses what is in the event (or in its batch) */
    enum kafka_trouble trouble;
} verdicts[] = {
    /* Content: the same bytes would be refused by the same broker tomorrow. Only what blames the
     * very bytes stands here, since an event refused alone is parked. */
    { RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, true, TROUBLE_NONE },
    { RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE, true, TROUBLE_NONE },
    { RD_KAFKA_RESP_ERR_INVALID_RECORD, true, TROUBLE_NONE },

    /* No content, though the broker answers at once: INVALID_MSG (2) is damage on the way and
     * INVALID_TIMESTAMP (32) a clock that is wrong; UNSUPPORTED_FOR_MESSAGE_FORMAT (43) and
     * POLICY_VIOLATION (44) are how the broker is set up. Each would park every order until
     * somebody mends it; so they wait, as for all errors that are not here. */

    { RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, false, TROUBLE_TOPIC },
    { RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, false, TROUBLE_TOPIC },
    { RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, false, TROUBLE_TOPIC },
    { RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, false, TROUBLE_TOPIC }, /* a name that none can have */

    { RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, false, TROUBLE_ACCESS },
    { RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, false, TROUBLE_ACCESS },

    /* Refused while connecting: a connection that stands shows that it is over. */
    { RD_KAFKA_RESP_ERR__AUTHENTICATION, false, TROUBLE_REACH },
    { RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, false, TROUBLE_REACH },
    { RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, false, TROUBLE_REACH },
    { RD_KAFKA_RESP_ERR__TRANSPORT, false, TROUBLE_REACH },
    { RD_KAFKA_RESP_ERR__TIMED_OUT, false, TROUBLE_REACH },
    { RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, false, TROUBLE_REACH },
    { RD_KAFKA_RESP_ERR__QUEUE_FULL, false, TROUBLE_REACH }, /* it does not take them away */
    { RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, false, TROUBLE_REACH },
    { RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, false, TROUBLE_REACH },
};

static const struct verdict *verdict_find(rd_kafka_resp_err_t code)
{
    static const struct verdict other = { .trouble = TROUBLE_NONE };

    for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++)
        if (verdicts[i].code == code)
            return &verdicts[i];
    return &other;
}

enum publish_outcome kafka_verdict_outcome(rd_kafka_resp_err_t code, rd_kafka_msg_status_t status)
{
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return PUBLISH_DELIVERED;
    if (status != RD_KAFKA_MSG_STATUS_NOT_PERSISTED)
        return PUBLISH_UNKNOWN;
    return verdict_find(code)->content ? PUBLISH_REFUSED : PUBLISH_FAILED;
}

enum kafka_trouble kafka_verdict_trouble(rd_kafka_resp_err_t code)
{
    return verdict_find(code)->trouble;
}
