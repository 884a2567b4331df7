/* What an operator sees: alive, ready, metrics. */
#include "unit/common/http/wire.h"

#include <sodium.h>

#include "http/admin.h"

static struct health health;
static struct metrics *metrics;
static struct admin *admin;
static struct answer answer;

static void ask(const char *path)
{
    static struct client client;
    char request[128];

    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path);
    wire_open(&client, admin_port(admin));
    wire_send(&client, request);
    wire_read(&client, &answer);
    wire_close(&client);
}

static void it_is_alive(void **state)
{
    (void)state;
    ask("/healthz");
    assert_int_equal(answer.status, 200);
}

static const struct ready_case {
    const char *name;
    bool ready, draining, store, broker;
    int status;
    const char *body;
} cases[] = {
    { "starting", false, false, false, false, 503, "{\"status\":\"not-ready\",\"degraded\":[]}" },
    { "ready", true, false, false, false, 200, "{\"status\":\"ready\",\"degraded\":[]}" },
    { "draining", true, true, false, false, 503, "{\"status\":\"not-ready\",\"degraded\":[]}" },
    { "an outage does not turn it red", true, false, true, true, 200,
      "{\"status\":\"ready\",\"degraded\":[\"store\",\"broker\"]}" },
    { "the broker alone", true, false, false, true, 200,
      "{\"status\":\"ready\",\"degraded\":[\"broker\"]}" },
    { "waiting for its store", false, false, true, false, 503,
      "{\"status\":\"not-ready\",\"degraded\":[\"store\"]}" },
};

static void it_is_ready(void **state)
{
    const struct ready_case *c = *state;

    atomic_store(&health.ready, c->ready);
    atomic_store(&health.draining, c->draining);
    atomic_store(&health.store_degraded, c->store);
    atomic_store(&health.broker_degraded, c->broker);
    ask("/readyz");
    assert_int_equal(answer.status, c->status);
    assert_string_equal(answer.body, c->body);
    assert_string_equal(wire_header(&answer, "Content-Type"), "application/json");
    assert_int_equal(wire_header(&answer, "Retry-After") != NULL, c->status == 503);
}

static void metrics_are_shown(void **state)
{
    (void)state;
    struct error err = { 0 };

    counter_add(metrics_counter(metrics, "apples_total", "Apples.", "", &err), 3);
    ask("/metrics");
    assert_int_equal(answer.status, 200);
    assert_string_equal(wire_header(&answer, "Content-Type"), "text/plain; version=0.0.4");
    assert_non_null(strstr(answer.body, "apples_total 3\n"));
}

static void there_is_nothing_else(void **state)
{
    (void)state;
    ask("/");
    assert_int_equal(answer.status, 404);
}

static void a_port_that_is_taken_is_an_error(void **state)
{
    (void)state;
    struct error err = { 0 };

    assert_null(admin_open("127.0.0.1", admin_port(admin), &health, metrics, &err));
    assert_int_equal(err.code, ERR_SYSTEM);
    admin_close(NULL);
}

int main(void)
{
    struct tests tests = { 0 };
    struct error err = { 0 };

    ADD_TEST(&tests, it_is_alive);
    ADD_ROWS(&tests, it_is_ready, cases);
    ADD_TEST(&tests, metrics_are_shown);
    ADD_TEST(&tests, there_is_nothing_else);
    ADD_TEST(&tests, a_port_that_is_taken_is_an_error);

    assert_true(sodium_init() >= 0);
    metrics = metrics_new(&err);
    admin = admin_open("127.0.0.1", 0, &health, metrics, &err);
    assert_non_null(admin);
    const int result = tests_run("admin", &tests);
    admin_close(admin);
    metrics_free(metrics);
    return result;
}
