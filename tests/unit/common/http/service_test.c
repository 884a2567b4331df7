/* A service's life: settings that belong together, start, signals, the order of stopping. */
#include "unit/support/tests.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "http/service.h"

static char good_secret[] = "cd1f05b7a94e6d2083e1f7b6a5c4d3e2";
static char loopback[] = "127.0.0.1";
static char issuer[] = "arch.homework";
static char nowhere[] = "/nowhere";
static char kid[] = "one";

/* --- Settings. --- */

static const struct check_case {
    const char *name;
    struct service_settings settings;
    bool signs;
    const char *told;  /* a line of `faults` before the check */
    const char *fault; /* how the one line that it adds begins; NULL: none */
} check_cases[] = {
    { "check: a secret", { .jwt_secret = good_secret }, true, "", NULL },
    { "check: an IPv6 address",
      { .jwt_secret = good_secret, .bind_address = (char[]){ "::1" } },
      true,
      "",
      NULL },
    { "check: a host's name",
      { .jwt_secret = good_secret, .bind_address = (char[]){ "localhost" } },
      true,
      "",
      "BIND_ADDRESS: " },
    { "check: no key", { .port = 0 }, true, "", "JWT_SECRET or JWT_KEYS_DIR: " },
    { "check: no key, and another fault",
      { .port = 0 },
      true,
      "PORT: bad\n",
      "JWT_SECRET or JWT_KEYS_DIR: " },
    { "check: a secret that was refused",
      { .port = 0 },
      true,
      "PORT: bad\nJWT_SECRET: short\n",
      NULL },
    { "check: a file that was refused", { .port = 0 }, true, "JWT_KEYS_DIR_FILE: no\n", NULL },
    { "check: both",
      { .jwt_secret = good_secret, .jwt_keys_dir = nowhere },
      true,
      "",
      "JWT_SECRET and JWT_KEYS_DIR: " },
    { "check: a kid for a secret",
      { .jwt_secret = good_secret, .jwt_active_kid = kid },
      true,
      "",
      "JWT_ACTIVE_KID: " },
    { "check: a signer without a kid",
      { .jwt_keys_dir = nowhere },
      true,
      "",
      "JWT_ACTIVE_KID: required" },
    { "check: a directory that is not there",
      { .jwt_keys_dir = nowhere },
      false,
      "",
      "JWT_KEYS_DIR: " },
    { "check: an issuer that no JSON can hold",
      { .jwt_secret = good_secret, .jwt_issuer = (char[]){ "arch.h\xF6mework" } },
      true,
      "",
      "JWT_ISSUER: must be UTF-8" },
    { "check: an issuer with a line break",
      { .jwt_secret = good_secret, .jwt_issuer = (char[]){ "arch.homework\n" } },
      true,
      "",
      "JWT_ISSUER: must be UTF-8 without control" },
    { "check: an issuer in whatever script",
      { .jwt_secret = good_secret, .jwt_issuer = (char[]){ "arch.h\xC3\xB6mework" } },
      true,
      "",
      NULL },
    { "check: a secret that is none",
      { .jwt_secret = (char[]){ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" } },
      true,
      "",
      "JWT_SECRET: the secret" },
};

static void settings_are_checked_together(void **state)
{
    const struct check_case *c = *state;
    AUTO(buffer) struct buffer faults = { 0 };

    buffer_text(&faults, c->told);
    service_settings_check(&c->settings, c->signs, &faults);
    const char *added = faults.data + strlen(c->told);
    if (!c->fault) {
        assert_string_equal(added, "");
        return;
    }
    assert_memory_equal(added, c->fault, strlen(c->fault));
    assert_ptr_equal(strchr(added, '\n'), faults.data + faults.length - 1);
}

static const struct uri_case {
    const char *name, *uri, *path;
} uri_cases[] = {
    { "uri: a path", "sqlite:data/x.db", "data/x.db" },
    { "uri: an absolute path", "sqlite:/x.db", "/x.db" },
    { "uri: no path", "sqlite:", NULL },
    { "uri: another scheme", "mongodb://host", NULL },
    { "uri: in capitals", "SQLITE:x", NULL },
    { "uri: nothing", "", NULL },
};

static void a_store_uri_has_a_path(void **state)
{
    const struct uri_case *c = *state;
    const char *path = service_sqlite_path(c->uri);

    if (c->path)
        assert_string_equal(path, c->path);
    else
        assert_null(path);
}

static const struct exit_case {
    const char *name;
    bool served;
    enum err code;
    int exit_code;
} exit_cases[] = {
    { "exit: served", true, ERR_NONE, SERVICE_STOPPED },
    { "exit: told to stop before the store was there", false, ERR_BUSY, SERVICE_STOPPED },
    { "exit: a bad setting", false, ERR_CONFIG, SERVICE_BAD_SETTINGS },
    { "exit: no port", false, ERR_SYSTEM, SERVICE_FAILED },
    { "exit: no memory", false, ERR_NO_MEMORY, SERVICE_FAILED },
};

static void an_end_has_its_exit_code(void **state)
{
    const struct exit_case *c = *state;
    const struct error err = { .code = c->code };

    assert_int_equal(service_exit_code(c->served, &err), c->exit_code);
}

/* --- Life. --- */

static const struct service_settings settings = {
    .bind_address = loopback,
    .jwt_secret = good_secret,
    .jwt_issuer = issuer,
    .jwt_ttl_s = 60,
    .http_threads = 1,
    .connections_max = 16,
    .drain_timeout_ms = 1000,
    .log_level = LOG_ERROR,
};

static void open_service(struct service *service)
{
    struct error err = { 0 };

    if (!service_open(service, "unit", &settings, &err))
        fail_msg("open: %s", err.detail);
}

/* A signal that waits: it is blocked since service_open(), and taken at the next look. */
static void send_signal(int number)
{
    assert_int_equal(kill(getpid(), number), 0);
}

static void settings_become_http_options(void **state)
{
    (void)state;
    AUTO(service) struct service service = { 0 };
    open_service(&service);
    const struct http_options http = service_http_options(&service);

    assert_string_equal(http.bind_address, loopback);
    assert_int_equal(http.threads, 1);
    assert_int_equal(http.connections_max, 16);
    assert_int_equal(http.token_rules.ttl_s, 60);
    assert_string_equal(http.token_rules.issuer, issuer);
    assert_string_equal(http.token_rules.audience, "arch.homework");
    assert_ptr_equal(http.keys, service.keys);
    assert_ptr_equal(http.metrics, service.metrics);
    assert_int_equal(http.header_ms, http_defaults.header_ms);
}

struct trace {
    struct service *service;
    unsigned calls;
    unsigned quiesced_at, finished_at;
    bool ready, draining;
};

static void note_quiesce(void *context)
{
    struct trace *trace = context;

    trace->quiesced_at = ++trace->calls;
    trace->ready = atomic_load(&trace->service->health.ready);
    trace->draining = atomic_load(&trace->service->health.draining);
}

static void note_finish(void *context)
{
    struct trace *trace = context;

    trace->finished_at = ++trace->calls;
}

static void ping_encode(const void *state, struct response *response)
{
    (void)state;
    response->status = 204;
}

static const struct route routes[] = {
    { GET, "/ping", ANYONE, 0, LANE_INLINE, 1, NULL, NULL, ping_encode, NULL },
};

static const struct stop_case {
    const char *name;
    int number;
} stop_cases[] = {
    { "stop: SIGTERM", SIGTERM },
    { "stop: SIGINT", SIGINT },
};

static void a_signal_stops_in_order(void **state)
{
    const struct stop_case *c = *state;
    AUTO(service) struct service service = { 0 };
    struct trace trace = { .service = &service };
    const struct service_hooks hooks = { note_quiesce, note_finish, &trace };
    struct error err = { 0 };

    open_service(&service);
    struct http_options http = service_http_options(&service);
    http.routes = routes;
    http.route_count = 1;
    assert_false(atomic_load(&service.health.ready));
    send_signal(SIGHUP); /* keys are read again, nothing stops */
    send_signal(c->number);
    assert_true(service_serve(&service, &http, &hooks, &err));
    assert_int_equal(trace.quiesced_at, 1);
    assert_int_equal(trace.finished_at, 2);
    assert_true(trace.ready);
    assert_true(trace.draining);
}

static void a_port_that_is_taken_is_told(void **state)
{
    (void)state;
    AUTO(service) struct service service = { 0 };
    const struct service_hooks hooks = { NULL, NULL, NULL };
    struct error err = { 0 };

    open_service(&service);
    struct http_options http = service_http_options(&service);
    http.routes = routes;
    http.route_count = 1;
    http.port = admin_port(service.admin);
    assert_false(service_serve(&service, &http, &hooks, &err));
    assert_int_equal(err.code, ERR_SYSTEM);
    assert_false(atomic_load(&service.health.ready));
}

/* --- A store that comes up later. --- */

struct late_store {
    struct service *service;
    unsigned tries, failures;
    enum err code;
    bool degraded; /* at the last try */
};

static bool reach_late(void *context, struct error *err)
{
    struct late_store *store = context;

    store->degraded = atomic_load(&store->service->health.store_degraded);
    if (store->tries++ < store->failures)
        return error_set(err, store->code, 0, "not yet");
    return true;
}

static void an_unavailable_store_is_tried_again(void **state)
{
    (void)state;
    AUTO(service) struct service service = { 0 };
    struct late_store store = { .service = &service, .failures = 1, .code = ERR_UNAVAILABLE };
    struct error err = { 0 };

    open_service(&service);
    assert_true(service_reach(&service, reach_late, &store, &err));
    assert_int_equal(store.tries, 2);
    assert_true(store.degraded);
}

static void a_store_that_is_wrong_is_not_tried_again(void **state)
{
    (void)state;
    AUTO(service) struct service service = { 0 };
    struct late_store store = { .service = &service, .failures = 9, .code = ERR_CONFIG };
    struct error err = { 0 };

    open_service(&service);
    assert_false(service_reach(&service, reach_late, &store, &err));
    assert_int_equal(err.code, ERR_CONFIG);
    assert_int_equal(store.tries, 1);
}

static void an_outage_of_the_store_shows(void **state)
{
    (void)state;
    AUTO(service) struct service service = { 0 };

    open_service(&service);
    for (int degraded = 0; degraded <= 1; degraded++) {
        AUTO(buffer) struct buffer page = { 0 };
        const char *line = degraded ? "\nstore_degraded 1\n" : "\nstore_degraded 0\n";
        atomic_store(&service.health.store_degraded, degraded);
        metrics_render(service.metrics, &page);
        assert_false(page.failed);
        assert_non_null(strstr(page.data, line));
    }
}

static void waiting_for_the_store_ends_with_a_signal(void **state)
{
    (void)state;
    AUTO(service) struct service service = { 0 };
    struct late_store store = { .service = &service, .failures = 9, .code = ERR_UNAVAILABLE };
    struct error err = { 0 };

    open_service(&service);
    send_signal(SIGTERM);
    assert_false(service_reach(&service, reach_late, &store, &err));
    assert_int_equal(err.code, ERR_BUSY);
    assert_int_equal(store.tries, 1);
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_ROWS(&tests, settings_are_checked_together, check_cases);
    ADD_ROWS(&tests, a_store_uri_has_a_path, uri_cases);
    ADD_ROWS(&tests, an_end_has_its_exit_code, exit_cases);
    ADD_TEST(&tests, settings_become_http_options);
    ADD_ROWS(&tests, a_signal_stops_in_order, stop_cases);
    ADD_TEST(&tests, a_port_that_is_taken_is_told);
    ADD_TEST(&tests, an_unavailable_store_is_tried_again);
    ADD_TEST(&tests, a_store_that_is_wrong_is_not_tried_again);
    ADD_TEST(&tests, an_outage_of_the_store_shows);
    ADD_TEST(&tests, waiting_for_the_store_ends_with_a_signal);
    return tests_run("service", &tests);
}
