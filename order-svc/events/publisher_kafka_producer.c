/* The producer behind the Kafka adapter.
 *
 * A batch lives until each of its messages had its report, even if publish gave up waiting: the
 * library reports every message within its timeout, but its thread can be stuck in a name lookup,
 * and then reports come late. */
#include "events/publisher_kafka_producer.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/test_point.h"
#include "events/publisher_kafka_config.h"
#include "events/publisher_kafka_verdict.h"

enum {
    PROBE_WAIT_MS = 500, /* keeps the asker of healthy() so long */
    PROBE_PAUSE_MS = 1000,
};

/* ---- what the broker's state is ---- */

static void trouble_set(struct kafka_producer *p, enum kafka_trouble trouble, const char *reason)
{
    if (atomic_exchange(&p->trouble, (int)trouble) == (int)trouble)
        return;
    if (trouble != TROUBLE_NONE)
        log_warn("broker takes no events", LOG_TEXT("reason", reason));
}

void kafka_producer_note(struct kafka_producer *p, rd_kafka_resp_err_t code)
{
    enum kafka_trouble trouble = kafka_verdict_trouble(code);
    if (trouble != TROUBLE_NONE)
        trouble_set(p, trouble, rd_kafka_err2str(code));
}

/* What the topic's metadata says of the broker; asking also makes the library look again at a topic
 * that was missing. */
static rd_kafka_resp_err_t topic_probe(struct kafka_producer *p)
{
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_resp_err_t code = rd_kafka_metadata(p->handle, 0, p->topic, &metadata, PROBE_WAIT_MS);

    if (code)
        return code;
    code = metadata->topic_cnt > 0 ? metadata->topics[0].err : RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
    rd_kafka_metadata_destroy(metadata);
    return code;
}

/* Complaints may be over, or mean nothing (brokers close idle connections), so the broker is asked.
 * That writing is refused does not show in the topic's metadata: only a delivery ends that. */
void kafka_producer_probe(struct kafka_producer *p)
{
    int64_t now = clock_monotonic_ms(&system_clock);

    if ((!p->suspect && atomic_load(&p->trouble) == TROUBLE_NONE) || now < p->next_probe_at)
        return;
    rd_kafka_resp_err_t code = topic_probe(p);
    p->suspect = code != RD_KAFKA_RESP_ERR_NO_ERROR;
    p->next_probe_at = clock_monotonic_ms(&system_clock) + PROBE_PAUSE_MS;

    if (p->suspect)
        kafka_producer_note(p, code);
    else if (atomic_load(&p->trouble) != TROUBLE_ACCESS)
        trouble_set(p, TROUBLE_NONE, NULL);
}

/* ---- what librdkafka calls ---- */

static void batch_free(struct kafka_batch *batch)
{
    LIST_REMOVE(batch, others);
    free(batch);
}

static void on_report(rd_kafka_t *handle, const rd_kafka_message_t *message, void *opaque)
{
    TEST_POINT("relay.report.before"); /* the broker has it, and nobody here knows yet */
    struct kafka_producer *p = opaque;
    struct kafka_slot *slot = message->_private;
    struct kafka_batch *batch = slot->batch;

    (void)handle;
    slot->outcome = kafka_verdict_outcome(message->err, rd_kafka_message_status(message));
    if (slot->outcome == PUBLISH_DELIVERED)
        trouble_set(p, TROUBLE_NONE, NULL);
    else
        kafka_producer_note(p, message->err);
    if (--batch->pending == 0 && batch->given_up)
        batch_free(batch);
}

static void on_error(rd_kafka_t *handle, int code, const char *reason, void *opaque)
{
    struct kafka_producer *p = opaque;

    log_debug("librdkafka error", LOG_INT("code", code), LOG_TEXT("reason", reason));
    if (code == RD_KAFKA_RESP_ERR__FATAL)
        kafka_producer_note(p, rd_kafka_fatal_error(handle, NULL, 0));
    else if (kafka_verdict_trouble((rd_kafka_resp_err_t)code) != TROUBLE_NONE)
        p->suspect = true;
}

/* Runs in librdkafka's own threads. Its texts name brokers and users, never a password or key. */
static void on_log(const rd_kafka_t *handle, int level, const char *facility, const char *text)
{
    (void)handle;
    (void)level;
    log_debug("librdkafka", LOG_TEXT("facility", facility), LOG_TEXT("text", text));
}

/* ---- the handle ---- */

static bool handle_make(struct kafka_producer *p, struct error *err)
{
    char why[sizeof err->detail];
    AUTO(kafka_conf) rd_kafka_conf_t *conf = rd_kafka_conf_dup(p->conf);

    rd_kafka_t *handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    if (!handle) {
        rd_kafka_resp_err_t code = rd_kafka_last_error();
        return error_set(err, code == RD_KAFKA_RESP_ERR__INVALID_ARG ? ERR_CONFIG : ERR_SYSTEM,
                         code, "%s", why);
    }
    conf = NULL; /* is the handle's now */

    /* Held all the time: its metadata is there before the first event. */
    rd_kafka_topic_t *topic = rd_kafka_topic_new(handle, p->topic_name, NULL);
    if (!topic) {
        rd_kafka_destroy(handle);
        return error_set(err, ERR_CONFIG, rd_kafka_last_error(), "topic %s", p->topic_name);
    }
    p->handle = handle;
    p->topic = topic;
    return true;
}

void kafka_producer_purge(struct kafka_producer *p)
{
    /* Not waiting for the library's threads: one of them may be stuck. */
    rd_kafka_purge(p->handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT |
                                  RD_KAFKA_PURGE_F_NON_BLOCKING);
}

static void handle_end(struct kafka_producer *p)
{
    if (!p->handle)
        return;
    rd_kafka_topic_destroy(STEAL(p->topic));
    kafka_producer_purge(p);
    rd_kafka_flush(p->handle, KAFKA_PURGE_WAIT_MS);
    rd_kafka_destroy(STEAL(p->handle));
    while (!LIST_EMPTY(&p->batches)) /* nobody is left to report on these */
        batch_free(LIST_FIRST(&p->batches));
}

/* Idempotence is over with the first fatal error: sequence numbers no longer match the broker's. */
void kafka_producer_rebuild(struct kafka_producer *p)
{
    struct error err;

    handle_end(p);
    atomic_fetch_add(&p->rebuilds, 1);
    if (!handle_make(p, &err))
        log_error("cannot make a new producer", LOG_ERR(&err));
}

bool kafka_producer_revive(struct kafka_producer *p, struct error *err)
{
    return p->handle || handle_make(p, err);
}

bool kafka_producer_open(struct kafka_producer *p, const struct kafka_options *options,
                         struct error *err)
{
    LIST_INIT(&p->batches);
    p->conf = kafka_config_new(options, err);
    if (!p->conf)
        return false;
    rd_kafka_conf_set_opaque(p->conf, p);
    rd_kafka_conf_set_dr_msg_cb(p->conf, on_report);
    rd_kafka_conf_set_error_cb(p->conf, on_error);
    rd_kafka_conf_set_log_cb(p->conf, on_log);

    p->topic_name = strdup(options->topic);
    if (!p->topic_name)
        return error_set(err, ERR_NO_MEMORY, 0, "publisher");
    return handle_make(p, err);
}

void kafka_producer_close(struct kafka_producer *p)
{
    handle_end(p);
    if (p->conf)
        rd_kafka_conf_destroy(p->conf);
    free(p->topic_name);
}

/* ---- batches ---- */

struct kafka_batch *kafka_batch_new(struct kafka_producer *p, size_t count)
{
    struct kafka_batch *batch = calloc(1, sizeof *batch + count * sizeof batch->slots[0]);
    if (!batch)
        return NULL;

    for (size_t i = 0; i < count; i++)
        batch->slots[i] = (struct kafka_slot){ batch, PUBLISH_UNKNOWN };
    LIST_INSERT_HEAD(&p->batches, batch, others);
    return batch;
}

void kafka_batch_leave(struct kafka_batch *batch)
{
    if (batch->pending == 0)
        batch_free(batch);
    else
        batch->given_up = true;
}
