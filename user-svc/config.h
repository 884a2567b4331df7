/* The settings of user-svc. */
#ifndef CONFIG_H
#define CONFIG_H

#include <stdint.h>
#include "base/settings.h"
#include "hashing.h"
#include "http/service.h"

/* The choices of SMTP_TLS. */
enum smtp_tls { SMTP_TLS_REQUIRED, SMTP_TLS_OFF };

struct config {
    struct service_settings service;
    char *trusted_proxies; /* as text; NULL: none */
    char *refresh_secret;
    uint32_t refresh_ttl_s;
    uint32_t argon2_memory_kib, argon2_passes;
    uint32_t hashing_threads, hashing_memory_mib;
    char *admin_username, *admin_email, *admin_password;
    uint32_t accounts_threads, accounts_queue_max;
    char *public_url;
    char *mail_from;
    char *smtp_url, *smtp_ca_file;
    int smtp_tls; /* enum smtp_tls */
    char *mail_spool_dir;
    uint32_t audit_retention_days;
};

/* What the settings and the process's limit say. */
struct hashing config_hashing(const struct config *config);

extern const struct settings config_settings;

#endif
