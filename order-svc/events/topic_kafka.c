/* Kafka's topic, by the admin requests of librdkafka.
 *
 * To create comes first and to look second: to ask about a topic may make it, on a broker that
 * makes up what it is asked for, with a shape that nobody chose. */
#include "events/topic.h"

#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "events/publisher_kafka_config.h"

enum {
    SETTLE_WAIT_MS = 5000, /* until the topic can be used; the broker answers then */
    LOOK_WAIT_MS = 2000,
    WORDS_BYTES = 128,
};

AUTO_DEFINE(client, rd_kafka_t *, rd_kafka_destroy);
AUTO_DEFINE(queue, rd_kafka_queue_t *, rd_kafka_queue_destroy);
AUTO_DEFINE(event, rd_kafka_event_t *, rd_kafka_event_destroy);
AUTO_DEFINE(options, rd_kafka_AdminOptions_t *, rd_kafka_AdminOptions_destroy);
AUTO_DEFINE(new_topic, rd_kafka_NewTopic_t *, rd_kafka_NewTopic_destroy);
AUTO_DEFINE(topic, rd_kafka_topic_t *, rd_kafka_topic_destroy);

/* How the broker answered, or (a code below zero) why it did not. */
struct answer {
    rd_kafka_resp_err_t code;
    char words[WORDS_BYTES]; /* the broker's or the library's */
};

static const struct advice {
    rd_kafka_resp_err_t code;
    const char *text;
} advices[] = {
    { RD_KAFKA_RESP_ERR__AUTHENTICATION,
      "the broker refuses the login: check KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and "
      "KAFKA_SASL_PASSWORD" },
    { RD_KAFKA_RESP_ERR__SSL, "no TLS with the broker: check KAFKA_SSL_* and that its port speaks "
                              "TLS" },
    { RD_KAFKA_RESP_ERR__RESOLVE, "no address is known for a name in KAFKA_BROKERS: correct it" },
    { RD_KAFKA_RESP_ERR__TIMED_OUT,
      "no broker answers: check KAFKA_BROKERS, that it can be reached from here, and "
      "KAFKA_SECURITY_PROTOCOL" },
    { RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
      "this user may not make topics: grant it Create on this one, or let an administrator make "
      "it" },
    { RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR,
      "the cluster has fewer brokers than that: set KAFKA_TOPIC_REPLICATION lower, or start more" },
    { RD_KAFKA_RESP_ERR_NOT_CONTROLLER,
      "the cluster has no controller that answers: try again, or make it with the broker's own "
      "tools" },
};

static bool advise(const struct answer *answer, struct error *err)
{
    for (size_t i = 0; i < sizeof advices / sizeof *advices; i++)
        if (advices[i].code == answer->code)
            return error_set(err, ERR_UNAVAILABLE, answer->code, "%s", advices[i].text);
    return error_set(err, ERR_UNAVAILABLE, answer->code, "the broker refuses: %s", answer->words);
}

static void answer_set(struct answer *answer, rd_kafka_resp_err_t code, const char *words)
{
    answer->code = code;
    snprintf(answer->words, sizeof answer->words, "%.*s", (int)strcspn(words, "\r\n"), words);
}

/* A consumer, though it consumes nothing: it makes up no topics, and asks for no producer id. */
static rd_kafka_t *client_open(const struct kafka_options *options, struct error *err)
{
    char why[WORDS_BYTES];
    AUTO(kafka_conf) rd_kafka_conf_t *conf = kafka_config_new(options, err);
    if (!conf)
        return NULL;

    rd_kafka_conf_set_log_cb(conf, NULL); /* faults come as events */
    rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_ERROR);
    rd_kafka_t *client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
    if (!client)
        error_set(err, ERR_CONFIG, rd_kafka_last_error(), "%s", why);
    else
        conf = NULL; /* is the client's now */
    return client;
}

/* ---- create ---- */

static bool request_send(rd_kafka_t *client, rd_kafka_queue_t *queue,
                         const struct kafka_options *to, struct topic_shape wanted,
                         struct error *err)
{
    char why[WORDS_BYTES];
    AUTO(options)
    rd_kafka_AdminOptions_t *options =
        rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    AUTO(new_topic)
    rd_kafka_NewTopic_t *topic = rd_kafka_NewTopic_new(to->topic, (int)wanted.partitions,
                                                       (int)wanted.copies, why, sizeof why);
    if (!options || !topic ||
        rd_kafka_AdminOptions_set_request_timeout(options, (int)kafka_message_timeout_ms(to), why,
                                                  sizeof why) ||
        rd_kafka_AdminOptions_set_operation_timeout(options, SETTLE_WAIT_MS, why, sizeof why))
        return error_set(err, ERR_NO_MEMORY, 0, "topic %s", to->topic);
    rd_kafka_CreateTopics(client, &topic, 1, options, queue);
    return true;
}

/* The library knows only that it got no answer; what it met before tells why. */
static void remember_fault(rd_kafka_event_t *event, rd_kafka_resp_err_t *met)
{
    rd_kafka_resp_err_t code = rd_kafka_event_error(event);
    if (code == RD_KAFKA_RESP_ERR__AUTHENTICATION || code == RD_KAFKA_RESP_ERR__SSL ||
        code == RD_KAFKA_RESP_ERR__RESOLVE)
        *met = code;
}

static void read_result(rd_kafka_event_t *event, rd_kafka_resp_err_t met, struct answer *out)
{
    size_t count = 0;
    rd_kafka_resp_err_t code = rd_kafka_event_error(event);

    if (code == RD_KAFKA_RESP_ERR__TIMED_OUT || code == RD_KAFKA_RESP_ERR__TRANSPORT) {
        answer_set(out, met ? met : RD_KAFKA_RESP_ERR__TIMED_OUT, "");
    } else if (code) {
        answer_set(out, code, rd_kafka_event_error_string(event));
    } else {
        const rd_kafka_topic_result_t *topic =
            *rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
        const char *words = rd_kafka_topic_result_error_string(topic);
        answer_set(out, rd_kafka_topic_result_error(topic), words ? words : "");
    }
}

static void await_result(rd_kafka_queue_t *queue, struct answer *out)
{
    rd_kafka_resp_err_t met = RD_KAFKA_RESP_ERR_NO_ERROR;

    for (;;) { /* until the request's own timeout at the latest */
        AUTO(event) rd_kafka_event_t *event = rd_kafka_queue_poll(queue, -1);
        if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR)
            remember_fault(event, &met);
        if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_CREATETOPICS_RESULT) {
            read_result(event, met, out);
            return;
        }
    }
}

static bool create(rd_kafka_t *client, const struct kafka_options *options,
                   struct topic_shape wanted, struct answer *out, struct error *err)
{
    AUTO(queue) rd_kafka_queue_t *queue = rd_kafka_queue_get_main(client);
    if (!request_send(client, queue, options, wanted, err))
        return false;
    await_result(queue, out);
    return true;
}

/* ---- look ---- */

/* The fewest copies of any partition: what the promise of the topic is worth. */
static struct topic_shape shape_of(const struct rd_kafka_metadata_topic *topic)
{
    struct topic_shape shape = { .partitions = (uint32_t)topic->partition_cnt };

    for (int i = 0; i < topic->partition_cnt; i++) {
        uint32_t copies = (uint32_t)topic->partitions[i].replica_cnt;
        if (i == 0 || copies < shape.copies)
            shape.copies = copies;
    }
    return shape;
}

/* NO_ERROR: it is there. What the broker says of it, or a code below zero where none answers. */
static rd_kafka_resp_err_t look(rd_kafka_t *client, const char *name, struct topic_shape *out)
{
    const struct rd_kafka_metadata *metadata = NULL;
    AUTO(topic) rd_kafka_topic_t *topic = rd_kafka_topic_new(client, name, NULL);
    if (!topic)
        return RD_KAFKA_RESP_ERR__FAIL;
    rd_kafka_resp_err_t code = rd_kafka_metadata(client, 0, topic, &metadata, LOOK_WAIT_MS);
    if (code)
        return code;

    code = metadata->topic_cnt > 0 ? metadata->topics[0].err : RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
    if (!code)
        *out = shape_of(&metadata->topics[0]);
    rd_kafka_metadata_destroy(metadata);
    return code;
}

/* It was not made by us: may be that it is there all the same, for whoever may not make it too. */
static bool find(rd_kafka_t *client, const char *name, struct answer *answer,
                 struct topic_made *out, struct error *err)
{
    struct topic_shape shape = { 0 };
    rd_kafka_resp_err_t code = look(client, name, &shape);

    if (code && answer->code != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
        if (code > 0 && answer->code == RD_KAFKA_RESP_ERR__TIMED_OUT)
            answer->code = RD_KAFKA_RESP_ERR_NOT_CONTROLLER; /* brokers are there */
        return advise(answer, err);
    }
    *out = (struct topic_made){ .created = false, .shape = shape };
    return true;
}

bool topic_kafka_create(const struct kafka_options *options, struct topic_shape wanted,
                        struct topic_made *out, struct error *err)
{
    struct answer answer;
    AUTO(client) rd_kafka_t *client = client_open(options, err);

    if (!client || !create(client, options, wanted, &answer, err))
        return false;
    if (answer.code)
        return find(client, options->topic, &answer, out, err);
    *out = (struct topic_made){ .created = true, .shape = wanted };
    return true;
}
