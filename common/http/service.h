/* A service's life, the same for both: settings they share, start, signals, stopping in order.
 *
 *     AUTO(service) struct service service = { 0 };
 *     if (!service_open(&service, "order-svc", &config.service, &err)) …   admin listener answers
 *     if (!service_reach(&service, open_store, &app, &err)) …              not ready yet
 *     struct http_options http = service_http_options(&service);           + routes, lanes, …
 *     if (!service_serve(&service, &http, &hooks, &err)) …                 until SIGTERM or SIGINT
 *
 * One thread, main's, calls all of this. */
#ifndef HTTP_SERVICE_H
#define HTTP_SERVICE_H

#include <stdbool.h>
#include <stdint.h>
#include "auth/keys.h"
#include "base/auto.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/log.h"
#include "base/settings.h"
#include "http/admin.h"
#include "http/server.h"
#include "obs/metrics.h"

/* main() returns one of these; SERVICE_BAD_SETTINGS is what settings_start() gives too. */
enum { SERVICE_STOPPED = 0, SERVICE_FAILED = 1, SERVICE_BAD_SETTINGS = 2 };

/* Token audience of both services. */
#define SERVICE_AUDIENCE "arch.homework"

struct service_settings {
    uint32_t port, admin_port;
    char *bind_address;
    char *store_uri;
    char *jwt_secret, *jwt_keys_dir, *jwt_active_kid;
    char *jwt_issuer;
    uint32_t jwt_ttl_s;
    uint32_t http_threads, connections_max;
    uint32_t drain_delay_ms, drain_timeout_ms;
    int log_level;
};

/* Rows for a settings table, where `type` has a struct service_settings as `member`; the two ports'
 * defaults are text. */
#define SERVICE_SETTINGS(type, member, default_port, default_admin_port)                           \
    SETTING_U32("PORT", type, member.port, default_port, 0, 65535,                                 \
                "where clients (the ingress) are served; 0: a free port, told in the log"),        \
        SETTING_U32("ADMIN_PORT", type, member.admin_port, default_admin_port, 0, 65535,           \
                    "/healthz, /readyz and /metrics; never route the ingress here; 0: a free "     \
                    "port, told in the log"),                                                      \
        SETTING_TEXT("BIND_ADDRESS", type, member.bind_address, "127.0.0.1", 1, 45,                \
                     "address of both ports, an IPv4 or IPv6 literal; loopback, so that nothing "  \
                     "is open to the network unless asked for"),                                   \
        SETTING_SECRET(                                                                            \
            "STORE_URI", type, member.store_uri, REQUIRED, 1, 4096,                                \
            "where data lives: sqlite:PATH, or mongodb://… (a replica set or one server)"),        \
        SETTING_SECRET("JWT_SECRET", type, member.jwt_secret, OPTIONAL, KEY_SECRET_MIN_BYTES,      \
                       4096,                                                                       \
                       "the one key that signs and checks access tokens (HS256, kid "              \
                       "default); this or JWT_KEYS_DIR; the same for both services"),              \
        SETTING_TEXT("JWT_KEYS_DIR", type, member.jwt_keys_dir, OPTIONAL, 1, 4096,                 \
                     "directory with a file for each key, KID.secret or KID.pem; every one "       \
                     "verifies; read again when a file changes, and on SIGHUP"),                   \
        SETTING_TEXT("JWT_ACTIVE_KID", type, member.jwt_active_kid, OPTIONAL, 1, 64,               \
                     "the key in JWT_KEYS_DIR that signs"),                                        \
        SETTING_TEXT("JWT_ISSUER", type, member.jwt_issuer, "arch.homework", 1, 256,               \
                     "iss of access tokens; the same for both services"),                          \
        SETTING_U32("JWT_TTL", type, member.jwt_ttl_s, "3600", 1, 366 * 24 * 3600,                 \
                    "seconds that an access token lives: how long a token outlives its session "   \
                    "where it is checked without the store; order-svc's must not be below "        \
                    "user-svc's"),                                                                 \
        SETTING_U32("HTTP_THREADS", type, member.http_threads, "2", 1, 64,                         \
                    "threads that read requests and write answers; two carry 33,000 requests/s"),  \
        SETTING_U32("CONNECTIONS_MAX", type, member.connections_max, "10000", 16, 60000,           \
                    "open connections; more are answered 503. Each takes a descriptor and up to "  \
                    "16 KiB"),                                                                     \
        SETTING_U32("DRAIN_DELAY_MS", type, member.drain_delay_ms, "0", 0, 120000,                 \
                    "on SIGTERM: go on serving that long while the load balancer notices; in "     \
                    "Kubernetes 5000"),                                                            \
        SETTING_U32("DRAIN_TIMEOUT_MS", type, member.drain_timeout_ms, "10000", 100, 120000,       \
                    "then: longest wait for open requests; keep the sum below "                    \
                    "terminationGracePeriodSeconds"),                                              \
        SETTING_CHOICE("LOG_LEVEL", type, member.log_level, "info", LOG_LEVELS,                    \
                       "least level that is written; debug tells why a token was refused")

/* What no single row can tell, for settings.check: appends a line for each fault. `signs`: this
 * service issues tokens, so one of the keys must sign. Loads the keys once, so that --check-config
 * finds a bad key file. */
void service_settings_check(const struct service_settings *settings, bool signs,
                            struct buffer *faults);

/* The path in STORE_URI=sqlite:PATH; NULL: it is no such URI, so it is a MongoDB's. */
const char *service_sqlite_path(const char *store_uri);

/* The caller's storage; start it zeroed. main.c hands metrics, keys and health on. */
struct service {
    const struct service_settings *settings;
    struct metrics *metrics;
    struct key_ring *keys;
    struct health health;
    struct gauge *store_degraded;
    struct admin *admin;
};

/* Opens the log, makes whatever file is made from now on this user's alone (umask), takes SIGTERM,
 * SIGINT and SIGHUP for this thread alone (so before any other thread is started), loads the keys,
 * opens the admin listener (not ready yet). `name` and `settings` are borrowed. False: ERR_CONFIG,
 * ERR_SYSTEM, ERR_NO_MEMORY. */
bool service_open(struct service *service, const char *name,
                  const struct service_settings *settings, struct error *err) MUST_USE;

/* Calls `reach` until it succeeds or fails by other than ERR_UNAVAILABLE: a store may come up after
 * us. False with ERR_BUSY: told to stop meanwhile. */
bool service_reach(struct service *service, bool (*reach)(void *context, struct error *err),
                   void *context, struct error *err) MUST_USE;

/* http_defaults with all that follows from the settings; routes, lanes, service, authorize and
 * no_store are left to the caller. */
struct http_options service_http_options(const struct service *service);

/* What a service stops besides its requests; each may be NULL. */
struct service_hooks {
    void (*quiesce)(void *context); /* begin nothing new; returns at once */
    void (*finish)(void *context);  /* requests are over: wait for what was begun */
    void *context;
};

/* Serves until SIGTERM or SIGINT, then stops in the order of architecture.md. SIGHUP, or a changed
 * file of theirs, has the keys read again. False: the listener could not be opened. */
bool service_serve(struct service *service, const struct http_options *http,
                   const struct service_hooks *hooks, struct error *err) MUST_USE;

/* What main() returns, once it is over: `served` is what service_serve() or a step before it said.
 * Logs a failure; told to stop before the store was reached is none. */
int service_exit_code(bool served, const struct error *err);

/* Closes what service_open() opened. */
void service_close(struct service *service);

/* AUTO(service) struct service service = { 0 }; */
static inline void auto_service(struct service *service)
{
    service_close(service);
}

#endif
