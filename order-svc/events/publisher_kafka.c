/* Kafka by librdkafka.
 *
 * librdkafka's callbacks run in whoever polls, and only the holder of `lock` polls: the thread that
 * publishes, or a caller of healthy() while nobody publishes. So nothing here needs a thread. */
#include <librdkafka/rdkafka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/test_point.h"
#include "events/event.h"
#include "events/publisher.h"
#include "events/publisher_kafka_config.h"
#include "events/publisher_kafka_message.h"
#include "events/publisher_kafka_producer.h"
#include "events/publisher_kafka_verdict.h"

enum {
    /* What reports may take beyond a message's timeout: the library looks for timeouts once a
     * second, in two places one after the other. */
    REPORT_GRACE_MS = 2500,
    /* How long a full queue may take to give way; it does so with the broker's next answer. */
    QUEUE_FULL_WAIT_MS = 1000,
    QUEUE_POLL_MS = 10, /* the queue gives way without telling */
};

struct kafka_publisher {
    struct publisher base;
    int64_t message_timeout_ms;
    pthread_mutex_t lock; /* for the producer, but for what may be read by any thread */
    struct kafka_producer producer;
};

static struct kafka_publisher *kafka_of(const struct publisher *publisher)
{
    return (struct kafka_publisher *)(uintptr_t)publisher; /* its first member */
}

/* ---- publish ---- */

/* A full queue gives way as reports come in. */
static rd_kafka_resp_err_t queue_event(struct kafka_producer *p, const struct order_event *event,
                                       const struct buffer *value, struct kafka_slot *slot,
                                       int64_t give_up_at)
{
    for (;;) {
        rd_kafka_resp_err_t code = kafka_message_queue(p->handle, p->topic, event, value, slot);
        if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL ||
            clock_monotonic_ms(&system_clock) >= give_up_at)
            return code;
        rd_kafka_poll(p->handle, QUEUE_POLL_MS);
    }
}

/* Queues the event, or settles its outcome. `value` is room to be reused. */
static void send_event(struct kafka_producer *p, const struct order_event *event,
                       struct buffer *value, struct kafka_slot *slot, int64_t give_up_at)
{
    buffer_clear(value);
    event_write(event->order, value);
    if (value->failed) {
        slot->outcome = PUBLISH_FAILED;
        return;
    }

    slot->batch->pending++;
    rd_kafka_resp_err_t code = queue_event(p, event, value, slot, give_up_at);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return;
    slot->batch->pending--;
    slot->outcome = kafka_verdict_outcome(code, RD_KAFKA_MSG_STATUS_NOT_PERSISTED);
    kafka_producer_note(p, code);
}

static void wait_for_reports(struct kafka_producer *p, const struct kafka_batch *batch,
                             int64_t until)
{
    int64_t left_ms = until - clock_monotonic_ms(&system_clock);

    while (batch->pending > 0 && left_ms > 0) {
        rd_kafka_poll(p->handle, (int)left_ms);
        left_ms = until - clock_monotonic_ms(&system_clock);
    }
}

static void settle(struct kafka_producer *p, const struct kafka_batch *batch, int64_t deadline)
{
    wait_for_reports(p, batch, deadline);
    if (batch->pending == 0)
        return;
    kafka_producer_purge(p);
    wait_for_reports(p, batch, deadline + KAFKA_PURGE_WAIT_MS);
    p->suspect = true;
}

static void publish(struct kafka_publisher *k, const struct order_event events[], size_t count,
                    enum publish_outcome outcomes[])
{
    struct kafka_producer *p = &k->producer;
    AUTO(buffer) struct buffer value = { 0 };
    int64_t now = clock_monotonic_ms(&system_clock);
    struct kafka_batch *batch = kafka_batch_new(p, count);
    if (!batch)
        return;

    for (size_t i = 0; i < count; i++)
        send_event(p, &events[i], &value, &batch->slots[i], now + QUEUE_FULL_WAIT_MS);
    TEST_POINT("relay.produce.after"); /* queued: some may be on the broker, none is known to be */
    settle(p, batch, now + QUEUE_FULL_WAIT_MS + k->message_timeout_ms + REPORT_GRACE_MS);

    for (size_t i = 0; i < count; i++)
        outcomes[i] = batch->slots[i].outcome;
    kafka_batch_leave(batch);
}

static void kafka_publish(struct publisher *publisher, const struct order_event events[],
                          size_t count, enum publish_outcome outcomes[])
{
    struct kafka_publisher *k = kafka_of(publisher);
    struct error err;
    LOCKED(&k->lock);

    for (size_t i = 0; i < count; i++)
        outcomes[i] = PUBLISH_FAILED; /* until something was sent */
    if (!kafka_producer_revive(&k->producer, &err)) {
        log_error("cannot make a new producer", LOG_ERR(&err));
        return;
    }
    publish(k, events, count, outcomes);
    if (rd_kafka_fatal_error(k->producer.handle, NULL, 0))
        kafka_producer_rebuild(&k->producer);
}

/* ---- the other calls ---- */

/* Some properties are only looked at when a producer is made: files of keys, whole logins. It has
 * no time to reach a broker. */
bool publisher_kafka_check(const struct kafka_options *options, struct error *err)
{
    char why[sizeof err->detail / 2]; /* leaves room for what stands before it */
    AUTO(kafka_conf) rd_kafka_conf_t *conf = kafka_config_new(options, err);
    if (!conf)
        return false;

    rd_kafka_conf_set_log_cb(conf, NULL);
    rd_kafka_t *handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    if (!handle)
        return error_set(err, ERR_CONFIG, rd_kafka_last_error(),
                         "KAFKA_SASL_*, KAFKA_SSL_*: do not fit together: %s", why);
    conf = NULL; /* was the handle's */
    rd_kafka_destroy(handle);
    return true;
}

int64_t publisher_kafka_max_ms(int64_t message_timeout_ms)
{
    /* Purged twice: after the deadline, and to end a producer that is to be made anew. */
    return QUEUE_FULL_WAIT_MS + message_timeout_ms + REPORT_GRACE_MS + 2 * KAFKA_PURGE_WAIT_MS;
}

static int64_t kafka_publish_max_ms(const struct publisher *publisher)
{
    return publisher_kafka_max_ms(kafka_of(publisher)->message_timeout_ms);
}

static bool kafka_healthy(struct publisher *publisher)
{
    struct kafka_publisher *k = kafka_of(publisher);

    /* Locked: somebody publishes, and learns more than a probe would. */
    if (pthread_mutex_trylock(&k->lock) == 0) {
        if (k->producer.handle) {
            rd_kafka_poll(k->producer.handle, 0);
            kafka_producer_probe(&k->producer);
        }
        pthread_mutex_unlock(&k->lock);
    }
    return atomic_load(&k->producer.trouble) == TROUBLE_NONE;
}

static uint64_t kafka_rebuilds(const struct publisher *publisher)
{
    const struct kafka_publisher *k = kafka_of(publisher);
    return atomic_load(&k->producer.rebuilds);
}

static void kafka_close(struct publisher *publisher)
{
    struct kafka_publisher *k = kafka_of(publisher);

    kafka_producer_close(&k->producer);
    pthread_mutex_destroy(&k->lock);
    free(k);
}

struct publisher *publisher_kafka_open(const struct kafka_options *options, struct error *err)
{
    static const struct publisher_functions functions = {
        kafka_close, kafka_publish, kafka_publish_max_ms, kafka_healthy, kafka_rebuilds,
    };

    struct kafka_publisher *k = calloc(1, sizeof *k);
    if (!k) {
        error_set(err, ERR_NO_MEMORY, 0, "publisher");
        return NULL;
    }
    k->base.functions = &functions;
    k->message_timeout_ms = kafka_message_timeout_ms(options);
    pthread_mutex_init(&k->lock, NULL);

    AUTO(publisher) struct publisher *publisher = &k->base;
    return kafka_producer_open(&k->producer, options, err) ? STEAL(publisher) : NULL;
}
