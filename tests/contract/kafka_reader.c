/* A consumer without a group: all partitions from their beginnings to their ends. */
#include "contract/kafka_reader.h"

#include "unit/support/tests.h"

#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

enum { READ_WAIT_MS = 20000, POLL_MS = 100 };

static void set(rd_kafka_conf_t *conf, const char *name, const char *value)
{
    char why[256] = "";
    if (rd_kafka_conf_set(conf, name, value, why, sizeof why) != RD_KAFKA_CONF_OK)
        fail_msg("%s", why);
}

static rd_kafka_t *consumer_open(const char *brokers, const char *topic, int partitions)
{
    char why[256] = "";
    rd_kafka_conf_t *conf = rd_kafka_conf_new();

    set(conf, "bootstrap.servers", brokers);
    set(conf, "group.id", "reader"); /* asked for, though no group is joined */
    set(conf, "enable.auto.commit", "false");
    set(conf, "auto.offset.reset", "earliest");
    set(conf, "enable.partition.eof", "true");
    set(conf, "isolation.level", "read_uncommitted");
    set(conf, "fetch.wait.max.ms", "10"); /* an end is told at once */
    set(conf, "log_level", "2");
    rd_kafka_t *consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
    if (!consumer)
        fail_msg("%s", why);

    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(partitions);
    for (int32_t i = 0; i < partitions; i++)
        rd_kafka_topic_partition_list_add(list, topic, i)->offset = RD_KAFKA_OFFSET_BEGINNING;
    assert_int_equal(rd_kafka_assign(consumer, list), RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_topic_partition_list_destroy(list);
    return consumer;
}

static void headers_read(const rd_kafka_message_t *message, char *out, size_t size)
{
    rd_kafka_headers_t *headers = NULL;
    const char *name;
    const void *text;
    size_t length, used = 0;

    *out = '\0';
    if (rd_kafka_message_headers(message, &headers))
        return;
    for (size_t i = 0; !rd_kafka_header_get_all(headers, i, &name, &text, &length); i++) {
        used += (size_t)snprintf(out + used, size - used, "%s: %.*s\n", name, (int)length,
                                 (const char *)text);
        assert_true(used < size);
    }
}

static void event_read_from(const rd_kafka_message_t *message, struct event_read *out)
{
    assert_true(message->key_len < sizeof out->key && message->len < sizeof out->value);
    memset(out, 0, sizeof *out);
    memcpy(out->key, message->key, message->key_len);
    memcpy(out->value, message->payload, message->len);
    headers_read(message, out->headers, sizeof out->headers);
}

size_t kafka_read(const char *brokers, const char *topic, int partitions,
                  struct event_read events[], size_t max)
{
    rd_kafka_t *consumer = consumer_open(brokers, topic, partitions);
    int64_t until = clock_monotonic_ms(&system_clock) + READ_WAIT_MS;
    size_t count = 0;
    int ends = 0;

    while (ends < partitions) {
        assert_true(clock_monotonic_ms(&system_clock) < until);
        rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, POLL_MS);
        if (!message)
            continue;
        if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
            ends++;
        else if (!message->err && count < max)
            event_read_from(message, &events[count++]);
        rd_kafka_message_destroy(message);
    }
    rd_kafka_consumer_close(consumer);
    rd_kafka_destroy(consumer);
    return count;
}
