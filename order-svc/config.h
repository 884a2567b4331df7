/* The settings of order-svc. */
#ifndef CONFIG_H
#define CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include "base/settings.h"
#include "http/service.h"

struct kafka_settings {
    char *brokers;
    char *topic;
};

struct config {
    struct service_settings service;
    struct kafka_settings kafka;
    uint32_t publish_timeout_ms;
    bool scheduler_enabled;
    uint32_t scheduler_interval_ms;
    uint32_t scheduler_linger_ms;
    uint32_t scheduler_lease_ms;
    uint32_t scheduler_batch_max;
    uint32_t orders_queue_max;
    uint32_t orders_batch_max;
    uint32_t reads_queue_max;
    uint32_t reads_threads;
};

/* Its mode is --create-topic. */
extern const struct settings config_settings;

/* What --create-topic needs, and nothing else. */
struct topic_config {
    struct kafka_settings kafka;
    uint32_t partitions, replication;
};

extern const struct settings topic_settings;

#endif
