/* The settings of order-svc. */
#ifndef CONFIG_H
#define CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include "base/settings.h"
#include "http/service.h"

struct config {
    struct service_settings service;
    char *kafka_brokers;
    char *kafka_topic;
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

extern const struct settings config_settings;

#endif
