/* The settings of order-svc: each declared once, with its reason. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "events/publisher.h"
#include "scheduler.h"
#include "store/order_store.h"

#define KAFKA_SETTINGS(type, member)                                                               \
    SETTING_TEXT(                                                                                  \
        "KAFKA_BROKERS", type, member.brokers, REQUIRED, 1, 4096,                                  \
        "bootstrap list, host:port,…; KAFKA_SECURITY_PROTOCOL, KAFKA_SASL_* and KAFKA_SSL_* "    \
        "go to librdkafka, a KAFKA_* not listed here is ignored"),                                 \
        SETTING_TEXT("KAFKA_TOPIC", type, member.topic, "order-created", 1, 249,                   \
                     "topic of the events; 249 is Kafka's longest name")

static const struct setting rows[] = {
    SERVICE_SETTINGS(struct config, service, "8082", "9082"),
    KAFKA_SETTINGS(struct config, kafka),
    SETTING_U32("PUBLISH_TIMEOUT_MS", struct config, publish_timeout_ms, "10000", 1000, 120000,
                "longest wait for the broker's acknowledgement; well under SCHEDULER_LEASE_MS"),
    SETTING_SWITCH("SCHEDULER_ENABLED", struct config, scheduler_enabled, "true",
                   "false: this replica takes orders and leaves their events to the others"),
    SETTING_U32("SCHEDULER_INTERVAL_MS", struct config, scheduler_interval_ms, "1000", 10, 60000,
                "pause between sweeps; longer delays events, shorter loads the store"),
    SETTING_U32("SCHEDULER_LINGER_MS", struct config, scheduler_linger_ms, "500", 0, 60000,
                "how long a new record is left to its own intake: a running one keeps its order"),
    SETTING_U32(
        "SCHEDULER_LEASE_MS", struct config, scheduler_lease_ms, "30000", 5000, 600000,
        "how long a replica that died keeps its records from the others; must hold the slowest "
        "publishing, PUBLISH_TIMEOUT_MS and some seconds"),
    SETTING_U32("SCHEDULER_BATCH_MAX", struct config, scheduler_batch_max, "500", 1, ORDER_UNIT_MAX,
                "records in one claim: one flush for all; also what a paused replica may repeat"),
    SETTING_U32("ORDERS_QUEUE_MAX", struct config, orders_queue_max, "4096", 1, 65536,
                "orders that wait for the store; more are answered 503 at once"),
    SETTING_U32("ORDERS_BATCH_MAX", struct config, orders_batch_max, "256", 1, ORDER_UNIT_MAX,
                "orders that share one flush; they are what is queued, nobody waits for more"),
    SETTING_U32("READS_QUEUE_MAX", struct config, reads_queue_max, "1024", 1, 65536,
                "reads that wait for a thread; more are answered 503 at once"),
    SETTING_U32("READS_THREADS", struct config, reads_threads, "8", 1, 64,
                "reads of the store at one time"),
};

/* One "host" or "host:port" of the list. */
static bool is_broker(const char *text, size_t length)
{
    const char *colon = memrchr(text, ':', length);
    size_t host = colon ? (size_t)(colon - text) : length;
    unsigned long port = colon ? strtoul(colon + 1, NULL, 10) : 1;
    size_t digits = colon ? strspn(colon + 1, "0123456789") : 0;

    return host > 0 && port >= 1 && port <= UINT16_MAX &&
           (!colon || (digits > 0 && host + 1 + digits == length));
}

static void check_brokers(const char *brokers, struct buffer *faults)
{
    for (;;) {
        size_t length = strcspn(brokers, ",");
        if (!is_broker(brokers, length)) {
            buffer_text(faults, "KAFKA_BROKERS: must be host:port, several with commas between\n");
            return;
        }
        if (!brokers[length])
            return;
        brokers += length + 1;
    }
}

static void check_topic(const char *topic, struct buffer *faults)
{
    static const char legal[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

    if (topic[strspn(topic, legal)] || strcmp(topic, ".") == 0 || strcmp(topic, "..") == 0)
        buffer_text(faults, "KAFKA_TOPIC: a name is of letters, digits, '.', '_' and '-'\n");
}

/* What goes to librdkafka is for it to judge. */
static void check_kafka(const struct kafka_settings *kafka, struct buffer *faults)
{
    const struct kafka_options options = {
        .brokers = kafka->brokers,
        .topic = kafka->topic,
        .environment = (const char *const *)environ,
    };
    struct error err;

    if (!kafka->brokers || !kafka->topic) /* told already */
        return;
    check_brokers(options.brokers, faults);
    check_topic(options.topic, faults);
    if (!publisher_kafka_check(&options, &err))
        buffer_format(faults, "%s\n", err.detail);
}

static void check(const void *target, struct buffer *faults)
{
    const struct config *config = target;

    service_settings_check(&config->service, false, faults);
    check_kafka(&config->kafka, faults);
    int64_t lease_min_ms =
        scheduler_lease_min_ms(publisher_kafka_max_ms(config->publish_timeout_ms));
    if (config->scheduler_lease_ms && config->scheduler_lease_ms <= lease_min_ms)
        buffer_format(faults,
                      "SCHEDULER_LEASE_MS: must be over %lld with this PUBLISH_TIMEOUT_MS, or "
                      "nothing would ever be published\n",
                      (long long)lease_min_ms);
}

/* ---- --create-topic ---- */

static const struct setting topic_rows[] = {
    KAFKA_SETTINGS(struct topic_config, kafka),
    SETTING_U32("KAFKA_TOPIC_PARTITIONS", struct topic_config, partitions, "12", 1, 10000,
                "how many consumers of a group can share the topic; not easily changed later"),
    SETTING_U32(
        "KAFKA_TOPIC_REPLICATION", struct topic_config, replication, "3", 1, 100,
        "copies of each event, each on another broker; with 3, one broker may be lost while "
        "another is maintained"),
};

static void check_topic_config(const void *target, struct buffer *faults)
{
    const struct topic_config *config = target;
    check_kafka(&config->kafka, faults);
}

const struct settings topic_settings = {
    .program = "order-svc",
    .summary =
        "makes KAFKA_TOPIC, says so in one line, and ends. One that is there is left as it "
        "is,\nalso with another shape: more partitions would send repeats of an event to "
        "another partition\nthan the event, and copies are moved by the cluster's own tools.",
    .rows = topic_rows,
    .count = sizeof topic_rows / sizeof *topic_rows,
    .check = check_topic_config,
};

static const struct settings_mode create_topic = { "--create-topic", &topic_settings };

const struct settings config_settings = {
    .program = "order-svc",
    .summary = "takes orders, each exactly once, and tells Kafka of them",
    .rows = rows,
    .count = sizeof rows / sizeof *rows,
    .check = check,
    .mode = &create_topic,
};
