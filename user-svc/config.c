/* The settings of user-svc: each declared once, with its reason. */
#include "config.h"

#include <string.h>
#include "auth/weak_secret.h"
#include "http/proxies.h"
#include "memory_limit.h"
#include "password.h"
#include "refresh_token.h"

static const struct setting rows[] = {
    SERVICE_SETTINGS(struct config, service, "8081", "9081"),
    SETTING_TEXT("TRUSTED_PROXIES", struct config, trusted_proxies, OPTIONAL, 1, 4096,
                 "addresses and networks (CIDR), by commas, whose X-Forwarded-For is believed: the "
                 "ingress's. Without it everybody behind a proxy is one source, so the limit of "
                 "100 failed logins a source is off"),
    SETTING_SECRET("REFRESH_SECRET", struct config, refresh_secret, REQUIRED, REFRESH_SECRET_MIN,
                   REFRESH_SECRET_MAX,
                   "makes refresh tokens; the same on all replicas, another than JWT_SECRET; "
                   "changing it logs everybody out"),
    SETTING_U32("REFRESH_TTL", struct config, refresh_ttl_s, "1209600", 1, 90 * 24 * 3600,
                "seconds that a session lives without a refresh (14 days); 90 days are the most "
                "that any session lives"),
    SETTING_U32("ARGON2_MEMORY_KIB", struct config, argon2_memory_kib, "19456", 7168,
                PASSWORD_MEMORY_KIB_MAX,
                "memory of one password hash: OWASP's choice for 2 passes; 7168 is the least "
                "that it allows, with 5"),
    SETTING_U32("ARGON2_PASSES", struct config, argon2_passes, "2", 1, PASSWORD_PASSES_MAX,
                "passes over that memory; a changed cost takes effect at each user's next login"),
    SETTING_U32("HASHING_THREADS", struct config, hashing_threads, "0", 0, 64,
                "passwords hashed at one time; 0: as many as cores, for more only take memory"),
    SETTING_U32("HASHING_MEMORY_MIB", struct config, hashing_memory_mib, "0", 0, 1 << 20,
                "memory for all hashes at one time: it may allow fewer threads. 0: what the "
                "container's limit (cgroup) leaves beside 64 MiB for the service itself"),
    SETTING_U32("ACCOUNTS_THREADS", struct config, accounts_threads, "8", 1, 64,
                "all other requests served at one time; they wait for the store, not for a core"),
    SETTING_U32("ACCOUNTS_QUEUE_MAX", struct config, accounts_queue_max, "1024", 1, 65536,
                "requests that wait for such a thread; more are answered 503"),
};

struct hashing config_hashing(const struct config *config)
{
    return (struct hashing){ .memory_kib = config->argon2_memory_kib,
                             .threads = config->hashing_threads,
                             .memory_mib = config->hashing_memory_mib,
                             .limit_bytes = memory_limit("") };
}

static void check_hashing(const struct config *config, struct buffer *faults)
{
    const struct hashing hashing = config_hashing(config);

    if (config->argon2_memory_kib > 0 && hashing_threads(&hashing) == 0)
        buffer_format(faults,
                      "ARGON2_MEMORY_KIB: one hash of %u KiB does not fit into HASHING_MEMORY_MIB, "
                      "or into the memory limit beside %d MiB for the service itself\n",
                      config->argon2_memory_kib, HASHING_SERVICE_MIB);
}

static void check_refresh_secret(const struct config *config, struct buffer *faults)
{
    const char *secret = config->refresh_secret;

    if (!secret)
        return;
    const char *reason = weak_secret_reason((const unsigned char *)secret, strlen(secret));
    if (reason)
        buffer_format(faults, "REFRESH_SECRET: the secret %s\n", reason);
    if (config->service.jwt_secret && strcmp(secret, config->service.jwt_secret) == 0)
        buffer_text(faults, "REFRESH_SECRET: must be another than JWT_SECRET\n");
}

static void check(const void *target, struct buffer *faults)
{
    const struct config *config = target;

    service_settings_check(&config->service, true, faults);
    check_refresh_secret(config, faults);
    check_hashing(config, faults);
    if (config->trusted_proxies && !proxies_parse(config->trusted_proxies, &(struct proxies){ 0 }))
        buffer_text(faults, "TRUSTED_PROXIES: must be up to 64 addresses or networks like "
                            "10.0.0.0/8, by commas\n");
}

const struct settings config_settings = {
    .program = "user-svc",
    .summary = "accounts, sessions and access tokens",
    .rows = rows,
    .count = sizeof rows / sizeof *rows,
    .check = check,
};
