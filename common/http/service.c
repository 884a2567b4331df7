/* A service's life. Signals are taken by sigtimedwait() on main's thread, so nothing ever runs in a
 * signal handler and each step of stopping is plain code, in order. */
#include "http/service.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/random.h"
#include "base/utf8.h"
#include "store/mongo_uri.h"
#include "store/sqlite_path.h"

enum {
    /* Pause between two tries to reach the store: short for a person, long for a store that starts.
     */
    REACH_PAUSE_MS = 500,
    /* How often the directory of keys is looked at: a look takes microseconds. */
    KEYS_LOOK_MS = SECOND_MS,
};

static void check_bind_address(const char *address, struct buffer *faults)
{
    unsigned char parsed[sizeof(struct in6_addr)];

    if (address && inet_pton(AF_INET, address, parsed) != 1 &&
        inet_pton(AF_INET6, address, parsed) != 1)
        buffer_text(faults, "BIND_ADDRESS: must be an IPv4 or IPv6 address, no name\n");
}

static bool is_issuer(const char *text)
{
    for (const char *c = text; *c; c++)
        if (iscntrl((unsigned char)*c))
            return false;
    return utf8_is_valid(text);
}

static struct key_source key_source_of(const struct service_settings *settings)
{
    return (struct key_source){ .secret = settings->jwt_secret,
                                .directory = settings->jwt_keys_dir,
                                .active_kid = settings->jwt_active_kid };
}

static void check_keys(const struct service_settings *settings, struct buffer *faults)
{
    const struct key_source source = key_source_of(settings);
    struct error err = { 0 };
    AUTO(key_ring) struct key_ring *keys = key_ring_open(&source, &err);

    if (!keys)
        buffer_format(faults, "%s\n", err.detail); /* it names the setting or the file */
}

/* A row that was faulty reads as not given, and has its line already. */
static void check_missing_keys(struct buffer *faults)
{
    if (!settings_is_told(faults, "JWT_SECRET") && !settings_is_told(faults, "JWT_KEYS_DIR"))
        buffer_text(faults, "JWT_SECRET or JWT_KEYS_DIR: one of the two is required\n");
}

static void check_store(const char *store_uri, struct buffer *faults)
{
    const char *path = service_sqlite_path(store_uri);
    const char *fault = path ? sqlite_path_fault(path) : NULL;
    struct error err = { 0 };

    if (fault)
        buffer_format(faults, "STORE_URI: %s\n", fault);
    else if (!path && !mongo_uri_is(store_uri))
        buffer_text(faults, "STORE_URI: must be sqlite:PATH or mongodb://…\n");
    else if (!path && !mongo_uri_check(store_uri, &err))
        buffer_format(faults, "STORE_URI: %s\n", err.detail);
}

void service_settings_check(const struct service_settings *settings, bool signs,
                            struct buffer *faults)
{
    check_bind_address(settings->bind_address, faults);
    if (settings->port && settings->port == settings->admin_port)
        buffer_text(faults, "ADMIN_PORT: must not be PORT\n");
    if (settings->jwt_issuer && !is_issuer(settings->jwt_issuer))
        buffer_text(faults, "JWT_ISSUER: must be UTF-8 without control characters\n");
    if (settings->store_uri)
        check_store(settings->store_uri, faults);

    if (settings->jwt_secret && settings->jwt_keys_dir)
        buffer_text(faults, "JWT_SECRET and JWT_KEYS_DIR: give one of the two, not both\n");
    else if (!settings->jwt_secret && !settings->jwt_keys_dir)
        check_missing_keys(faults);
    else if (settings->jwt_active_kid && !settings->jwt_keys_dir)
        buffer_text(faults, "JWT_ACTIVE_KID: goes with JWT_KEYS_DIR only\n");
    else if (signs && settings->jwt_keys_dir && !settings->jwt_active_kid)
        buffer_text(faults, "JWT_ACTIVE_KID: required, it names the key in JWT_KEYS_DIR that "
                            "signs\n");
    else
        check_keys(settings, faults);
}

const char *service_sqlite_path(const char *store_uri)
{
    static const char scheme[] = "sqlite:";
    const size_t length = sizeof scheme - 1;

    if (strncmp(store_uri, scheme, length) != 0 || store_uri[length] == '\0')
        return NULL;
    return store_uri + length;
}

/* Blocked in this thread and so in every one that it starts: they reach sigtimedwait() alone. */
static sigset_t taken_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    return set;
}

static bool take_signals(struct error *err)
{
    const sigset_t set = taken_signals();
    const int failed = pthread_sigmask(SIG_BLOCK, &set, NULL);

    if (failed)
        return error_set(err, ERR_SYSTEM, failed, "cannot block signals");
    /* A client that leaves, a file that may not grow: errors of the write, not the end of us. */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    return true;
}

static void reload_keys(struct service *service)
{
    struct error err = { 0 };

    if (key_ring_reload(service->keys, &err))
        log_info("keys read again", LOG_END);
    else
        log_error("keys not read again; the old ones stay", LOG_ERR(&err));
}

/* True: told to stop. False: `ms` passed. */
static bool told_to_stop_within(struct service *service, int64_t ms)
{
    const sigset_t set = taken_signals();
    const int64_t until = clock_monotonic_ms(&system_clock) + ms;

    for (;;) {
        const int64_t left = until - clock_monotonic_ms(&system_clock);
        if (left <= 0)
            return false;
        const struct timespec wait = { .tv_sec = left / SECOND_MS,
                                       .tv_nsec = left % SECOND_MS * 1000000 };
        const int got = sigtimedwait(&set, NULL, &wait);
        if (got == SIGTERM || got == SIGINT)
            return true;
        if (got == SIGHUP)
            reload_keys(service);
    }
}

static void wait_until_told_to_stop(struct service *service)
{
    while (!told_to_stop_within(service, KEYS_LOOK_MS))
        if (key_ring_is_stale(service->keys))
            reload_keys(service);
}

static bool tell_version(struct metrics *metrics, struct error *err)
{
    struct gauge *info = metrics_gauge(metrics, "build_info", "what is running; always 1",
                                       "version=\"" PRODUCT_VERSION "\"", err);

    if (!info)
        return false;
    gauge_set(info, 1);
    return true;
}

static void show_health(void *context)
{
    struct service *service = context;

    gauge_set(service->store_degraded, atomic_load(&service->health.store_degraded));
}

/* Whoever finds the store failing or working tells `health` alone: the page asks it. */
static bool tell_health(struct service *service, struct error *err)
{
    service->store_degraded =
        metrics_gauge(service->metrics, "store_degraded",
                      "1: a call to the store failed, and none has worked since.", "", err);
    return service->store_degraded && metrics_collect(service->metrics, show_health, service, err);
}

static bool open_parts(struct service *service, struct error *err)
{
    const struct service_settings *settings = service->settings;
    const struct key_source source = key_source_of(settings);

    service->metrics = metrics_new(err);
    if (!service->metrics || !tell_version(service->metrics, err) || !tell_health(service, err))
        return false;
    service->keys = key_ring_open(&source, err);
    if (!service->keys)
        return false;
    service->admin = admin_open(settings->bind_address, (uint16_t)settings->admin_port,
                                &service->health, service->metrics, err);
    return service->admin != NULL;
}

bool service_open(struct service *service, const char *name,
                  const struct service_settings *settings, struct error *err)
{
    service->settings = settings;
    log_open(name, (enum log_level)settings->log_level);
    umask(S_IRWXG | S_IRWXO); /* databases and mails are nobody else's */
    if (sodium_init() < 0)
        return error_set(err, ERR_SYSTEM, errno, "libsodium cannot start");
    return take_signals(err) && open_parts(service, err);
}

bool service_reach(struct service *service, bool (*reach)(void *context, struct error *err),
                   void *context, struct error *err)
{
    for (;;) {
        struct error failure = { 0 };
        if (reach(context, &failure))
            return true;
        if (failure.code != ERR_UNAVAILABLE) {
            *err = failure;
            return false;
        }
        atomic_store(&service->health.store_degraded, true);
        log_warn("store not reached yet; trying again", LOG_ERR(&failure));
        if (told_to_stop_within(service, REACH_PAUSE_MS))
            return error_set(err, ERR_BUSY, 0, "told to stop before the store was reached");
    }
}

struct http_options service_http_options(const struct service *service)
{
    const struct service_settings *settings = service->settings;
    struct http_options http = http_defaults;

    http.bind_address = settings->bind_address;
    http.port = (uint16_t)settings->port;
    http.threads = settings->http_threads;
    http.connections_max = settings->connections_max;
    http.access_log = true;
    http.keys = service->keys;
    http.token_rules = (struct token_rules){ .issuer = settings->jwt_issuer,
                                             .audience = SERVICE_AUDIENCE,
                                             .ttl_s = settings->jwt_ttl_s };
    http.clock = &system_clock;
    http.random = &system_random;
    http.metrics = service->metrics;
    return http;
}

static void call(void (*hook)(void *context), void *context)
{
    if (hook)
        hook(context);
}

/* The numbers are those of architecture.md, "Stopping". */
static void stop(struct service *service, struct http_server *server,
                 const struct service_hooks *hooks)
{
    atomic_store(&service->health.draining, true); /* 1 */
    http_server_drain(server);
    log_info("draining", LOG_INT("delay_ms", service->settings->drain_delay_ms));
    /* Whoever signals twice is in a hurry: the delay ends, the rest is as orderly as ever. */
    (void)told_to_stop_within(service, service->settings->drain_delay_ms);
    http_server_quiesce(server); /* 2 */
    call(hooks->quiesce, hooks->context);
    http_server_close(server, service->settings->drain_timeout_ms); /* 3 to 6 */
    call(hooks->finish, hooks->context);                            /* 7 */
    log_info("stopped", LOG_END);
}

bool service_serve(struct service *service, const struct http_options *http,
                   const struct service_hooks *hooks, struct error *err)
{
    struct http_server *server = http_server_open(http, err);

    if (!server)
        return false;
    atomic_store(&service->health.store_degraded, false);
    atomic_store(&service->health.ready, true);
    log_info("serving", LOG_TEXT("version", PRODUCT_VERSION),
             LOG_TEXT("address", http->bind_address), LOG_INT("port", http_server_port(server)),
             LOG_INT("admin_port", admin_port(service->admin)));
    wait_until_told_to_stop(service);
    stop(service, server, hooks);
    return true;
}

int service_exit_code(bool served, const struct error *err)
{
    if (served || err->code == ERR_BUSY)
        return SERVICE_STOPPED;
    log_error("cannot serve", LOG_ERR(err));
    return err->code == ERR_CONFIG ? SERVICE_BAD_SETTINGS : SERVICE_FAILED;
}

void service_close(struct service *service)
{
    admin_close(service->admin);
    key_ring_close(service->keys);
    metrics_free(service->metrics);
    service->admin = NULL;
    service->keys = NULL;
    service->metrics = NULL;
    service->store_degraded = NULL;
}
