/* The settings of user-svc. */
#ifndef CONFIG_H
#define CONFIG_H

#include <stdint.h>
#include "base/settings.h"
#include "http/service.h"

struct config {
    struct service_settings service;
    char *trusted_proxies; /* as text; NULL: none */
    char *refresh_secret;
    uint32_t refresh_ttl_s;
    uint32_t argon2_memory_kib, argon2_passes;
    uint32_t hashing_threads, hashing_queue_max;
    uint32_t accounts_threads, accounts_queue_max;
};

extern const struct settings config_settings;

#endif
