/* The producer's properties. */
#include "events/publisher_kafka_config.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/settings.h"

enum {
    PROPERTY_BYTES = 128, /* the longest one of librdkafka has 41 */
};

static const struct property {
    const char *name, *value;
    bool optional; /* a version that does not know it does not need it */
} properties[] = {
    { .name = "client.id", .value = "order-svc" },

    /* Delivered means: on all in-sync replicas, once, in order. */
    { .name = "enable.idempotence", .value = "true" },
    { .name = "acks", .value = "all" },

    /* A batch is handed over at once, so it need not be waited for; 1 ms lets its events share
     * requests. */
    { .name = "linger.ms", .value = "1" },
    { .name = "socket.nagle.disable", .value = "true" },
    /* As the Java clients choose: other producers of the topic put a key into the same partition.
     */
    { .name = "partitioner", .value = "murmur2_random" },

    /* Our answer for a missing topic comes within the message's timeout (its default is 30 s), and
     * a topic that was made meanwhile is seen soon (default 5 min). */
    { .name = "topic.metadata.propagation.max.ms", .value = "5000" },
    { .name = "topic.metadata.refresh.interval.ms", .value = "10000" },
    /* A broker that is back is used within a second (default 10 s). */
    { .name = "reconnect.backoff.max.ms", .value = "1000" },
    /* Between orders a connection may be idle for long, and firewalls forget those. */
    { .name = "socket.keepalive.enable", .value = "true" },

    /* Nothing is told to the broker's operator that we do not tell ours. Since 2.5. */
    { .name = "enable.metrics.push", .value = "false", .optional = true },
};

/* What is passed through; every other KAFKA_* is ignored. */
static const struct passed {
    const char *prefix, *property;
    bool whole; /* the prefix is the setting's whole name */
} passed[] = {
    { "KAFKA_SECURITY_PROTOCOL", "security.protocol", true },
    { "KAFKA_SASL_", "sasl.", false },
    { "KAFKA_SSL_", "ssl.", false },
};

static bool property_set(rd_kafka_conf_t *conf, const char *name, const char *value,
                         struct error *err)
{
    char why[1]; /* librdkafka's words hold the value, which may be a secret */
    rd_kafka_conf_res_t result = rd_kafka_conf_set(conf, name, value, why, sizeof why);

    if (result == RD_KAFKA_CONF_OK)
        return true;
    return error_set(
        err, ERR_CONFIG, result, "librdkafka %s %s",
        result == RD_KAFKA_CONF_UNKNOWN ? "has no property" : "does not take this value of", name);
}

static bool properties_set(rd_kafka_conf_t *conf, struct error *err)
{
    for (const struct property *p = properties;
         p < properties + sizeof properties / sizeof *properties; p++)
        if (!property_set(conf, p->name, p->value, p->optional ? NULL : err) && !p->optional)
            return false;
    return true;
}

static bool number_set(rd_kafka_conf_t *conf, const char *name, int64_t number, struct error *err)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, number);
    return property_set(conf, name, text, err);
}

/* ---- from the environment ---- */

struct passing {
    const struct passed *row;
    rd_kafka_conf_t *conf;
    struct error *err;
    bool good;
};

/* Whether Kubernetes made it up for a Service named kafka-ssl or the like: KAFKA_SSL_SERVICE_HOST,
 * KAFKA_SSL_PORT_9093_TCP_ADDR, … No property of librdkafka has such words. */
static bool is_injected(const char *name)
{
    return strncmp(name, "PORT", 4) == 0 || strstr(name, "_PORT") || strstr(name, "SERVICE_HOST");
}

/* SASL_USERNAME's "USERNAME" after "sasl." is "sasl.username". False: too long for any property. */
static bool property_name(const struct passed *row, const char *name, char out[PROPERTY_BYTES])
{
    int length = snprintf(out, PROPERTY_BYTES, "%s%s", row->property, name);
    if (length >= PROPERTY_BYTES)
        return false;
    for (char *c = out; *c; c++)
        *c = *c == '_' ? '.' : (char)tolower((unsigned char)*c);
    return true;
}

static void pass(void *context, const char *name, const char *value)
{
    struct passing *passing = context;
    const struct passed *row = passing->row;
    char property[PROPERTY_BYTES];

    if (!passing->good || (row->whole ? *name != '\0' : is_injected(name)))
        return;
    if (property_name(row, name, property) && property_set(passing->conf, property, value, NULL))
        return;
    passing->good = error_set(passing->err, ERR_CONFIG, 0,
                              "%s%s: librdkafka does not take this property or this value of it",
                              row->prefix, name);
}

static bool environment_pass(rd_kafka_conf_t *conf, const char *const *environment,
                             struct error *err)
{
    for (size_t i = 0; i < sizeof passed / sizeof *passed; i++) {
        struct passing passing = { &passed[i], conf, err, true };
        AUTO(buffer) struct buffer faults = { 0 };

        if (!settings_each_prefixed(environment, passed[i].prefix, pass, &passing, &faults))
            return faults.failed ? error_set(err, ERR_NO_MEMORY, 0, "settings of the broker")
                                 : error_set(err, ERR_CONFIG, 0, "%.*s", /* its first line */
                                             (int)strcspn(faults.data, "\n"), faults.data);
        if (!passing.good)
            return false;
    }
    return true;
}

int64_t kafka_message_timeout_ms(const struct kafka_options *options)
{
    return options->message_timeout_ms ? options->message_timeout_ms : KAFKA_MESSAGE_TIMEOUT_MS;
}

rd_kafka_conf_t *kafka_config_new(const struct kafka_options *options, struct error *err)
{
    AUTO(kafka_conf) rd_kafka_conf_t *conf = rd_kafka_conf_new();

    if (!properties_set(conf, err) ||
        !number_set(conf, "message.timeout.ms", kafka_message_timeout_ms(options), err) ||
        !number_set(conf, "queue.buffering.max.messages", KAFKA_QUEUE_MESSAGES, err) ||
        !property_set(conf, "bootstrap.servers", options->brokers, err) ||
        !environment_pass(conf, options->environment, err))
        return NULL;
    return STEAL(conf);
}
