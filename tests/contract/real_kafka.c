/* What an administrator changes is told to the broker's parts after the answer, so it is probed:
 * by messages of a producer of our own, which reading leaves out. */
#include "contract/real_kafka.h"

#include "unit/support/tests.h"

#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "contract/kafka_reader.h"
#include "contract/network_cut.h"
#include "tools/kafka_admin.h"

#define PROBE_KEY "probe"

enum {
    LIMIT_OF_NONE = 100, /* no event is as small, nor a probe */
    PROBE_BYTES = 900,   /* too large for either limit, small enough for a reader */
    PROBES_MAX = 2000,   /* far more than a test makes */
    PROBE_TIMEOUT_MS = 1000,
    SETTLE_WAIT_MS = 20000,
    SETTLE_PAUSE_MS = 20,
};

struct real_kafka {
    struct kafka_admin *admin;
    char topic[64];
    int partitions;
    enum broker_fault fault;
};

const char *real_kafka_brokers(void)
{
    const char *brokers = getenv("TEST_KAFKA_BROKERS");
    return brokers ? brokers : "";
}

bool real_kafka_given(void)
{
    if (*real_kafka_brokers())
        return true;
    puts("skipped: TEST_KAFKA_BROKERS is not set");
    return false;
}

/* ---- probes ---- */

static void on_probe_report(rd_kafka_t *producer, const rd_kafka_message_t *message, void *opaque)
{
    rd_kafka_resp_err_t *worst = opaque;
    (void)producer;
    if (message->err)
        *worst = message->err;
}

static rd_kafka_t *probe_open(rd_kafka_resp_err_t *worst)
{
    char why[256] = "";
    const struct {
        const char *name, *value;
    } properties[] = {
        { "bootstrap.servers", real_kafka_brokers() },
        { "topic.metadata.propagation.max.ms", "0" }, /* no topic: at once */
        { "log_level", "2" },
    };
    rd_kafka_conf_t *conf = rd_kafka_conf_new();

    for (size_t i = 0; i < sizeof properties / sizeof *properties; i++)
        rd_kafka_conf_set(conf, properties[i].name, properties[i].value, why, sizeof why);
    rd_kafka_conf_set_dr_msg_cb(conf, on_probe_report);
    rd_kafka_conf_set_opaque(conf, worst);
    rd_kafka_t *producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    if (!producer)
        fail_msg("%s", why);
    return producer;
}

/* How writing to the topic ends now, by the partition where it ends worst. */
static rd_kafka_resp_err_t probe(const struct real_kafka *kafka)
{
    char value[PROBE_BYTES];
    rd_kafka_resp_err_t worst = RD_KAFKA_RESP_ERR_NO_ERROR;
    rd_kafka_t *producer = probe_open(&worst);

    memset(value, '.', sizeof value);
    for (int32_t i = 0; i < kafka->partitions; i++)
        rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(kafka->topic), RD_KAFKA_V_PARTITION(i),
                          RD_KAFKA_V_KEY(PROBE_KEY, strlen(PROBE_KEY)),
                          RD_KAFKA_V_VALUE(value, sizeof value),
                          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
    rd_kafka_flush(producer, PROBE_TIMEOUT_MS);
    rd_kafka_purge(producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_flush(producer, PROBE_TIMEOUT_MS);
    rd_kafka_destroy(producer);
    return worst;
}

static bool acts_so(enum broker_fault fault, rd_kafka_resp_err_t code)
{
    switch (fault) {
    case BROKER_REFUSES_CONTENT:
        return code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE;
    case BROKER_REFUSES_ACCESS:
        return code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
    case BROKER_LACKS_TOPIC:
        return code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
               code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
               code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
    default:
        return code == RD_KAFKA_RESP_ERR_NO_ERROR;
    }
}

static void settle(const struct real_kafka *kafka, enum broker_fault fault)
{
    const struct timespec pause = { .tv_nsec = SETTLE_PAUSE_MS * 1000000L };
    int64_t until = clock_monotonic_ms(&system_clock) + SETTLE_WAIT_MS;
    rd_kafka_resp_err_t code = probe(kafka);

    while (!acts_so(fault, code)) {
        if (clock_monotonic_ms(&system_clock) > until)
            fail_msg("the broker still answers: %s", rd_kafka_err2str(code));
        nanosleep(&pause, NULL);
        code = probe(kafka);
    }
}

/* ---- the broker ---- */

static void done(int code)
{
    if (code)
        fail_msg("%s", rd_kafka_err2str((rd_kafka_resp_err_t)code));
}

struct real_kafka *real_kafka_start(int partitions)
{
    static unsigned started;
    struct real_kafka *kafka = calloc(1, sizeof *kafka);

    assert_non_null(kafka);
    snprintf(kafka->topic, sizeof kafka->topic, "contract-%ld-%u", (long)getpid(), ++started);
    kafka->partitions = partitions;
    kafka->admin = kafka_admin_open(real_kafka_brokers());
    done(kafka_admin_create(kafka->admin, kafka->topic, partitions));
    settle(kafka, BROKER_FINE);
    return kafka;
}

void real_kafka_stop(struct real_kafka *kafka)
{
    real_kafka_set_fault(kafka, BROKER_FINE);
    done(kafka_admin_delete(kafka->admin, kafka->topic));
    kafka_admin_close(kafka->admin);
    free(kafka);
}

const char *real_kafka_topic(const struct real_kafka *kafka)
{
    return kafka->topic;
}

static void fault_end(struct real_kafka *kafka)
{
    switch (kafka->fault) {
    case BROKER_DOWN:
        network_cut(false);
        break;
    case BROKER_REFUSES_CONTENT:
        done(kafka_admin_limit(kafka->admin, kafka->topic, 0));
        break;
    case BROKER_REFUSES_ACCESS:
        done(kafka_admin_rights(kafka->admin, kafka->topic, RIGHTS_UNSAID));
        break;
    case BROKER_LACKS_TOPIC:
        done(kafka_admin_create(kafka->admin, kafka->topic, kafka->partitions));
        break;
    default:
        break;
    }
}

static void fault_begin(struct real_kafka *kafka)
{
    switch (kafka->fault) {
    case BROKER_DOWN:
        network_cut(true);
        break;
    case BROKER_REFUSES_CONTENT:
        real_kafka_limit(kafka, LIMIT_OF_NONE);
        break;
    case BROKER_REFUSES_ACCESS:
        done(kafka_admin_rights(kafka->admin, kafka->topic, RIGHTS_ALL_BUT_WRITE));
        break;
    case BROKER_LACKS_TOPIC:
        done(kafka_admin_delete(kafka->admin, kafka->topic));
        break;
    default:
        break;
    }
}

void real_kafka_set_fault(struct real_kafka *kafka, enum broker_fault fault)
{
    if (fault == kafka->fault)
        return;
    fault_end(kafka);
    kafka->fault = fault;
    fault_begin(kafka);
    if (fault != BROKER_DOWN)
        settle(kafka, fault);
}

void real_kafka_limit(struct real_kafka *kafka, int bytes)
{
    kafka->fault = BROKER_REFUSES_CONTENT;
    done(kafka_admin_limit(kafka->admin, kafka->topic, bytes));
    settle(kafka, BROKER_REFUSES_CONTENT);
}

struct publisher *real_kafka_publisher(struct real_kafka *kafka)
{
    static const char *const nothing[] = { NULL };
    const struct kafka_options options = {
        .brokers = real_kafka_brokers(),
        .topic = kafka->topic,
        .environment = nothing,
        .message_timeout_ms = REAL_MESSAGE_TIMEOUT_MS,
    };
    struct error err = { .detail = "" };
    struct publisher *publisher = publisher_kafka_open(&options, &err);

    if (!publisher)
        fail_msg("%s", err.detail);
    return publisher;
}

size_t real_kafka_read(struct real_kafka *kafka, struct event_read events[], size_t max)
{
    AUTO(memory) struct event_read *all = calloc(max + PROBES_MAX, sizeof *all);
    size_t count = 0;

    assert_non_null(all);
    size_t got =
        kafka_read(real_kafka_brokers(), kafka->topic, kafka->partitions, all, max + PROBES_MAX);
    assert_true(got < max + PROBES_MAX);
    for (size_t i = 0; i < got && count < max; i++)
        if (strcmp(all[i].key, PROBE_KEY) != 0)
            events[count++] = all[i];
    return count;
}
