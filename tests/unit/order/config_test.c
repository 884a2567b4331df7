/* order-svc's settings: what is wrong, all of it at once. */
#include "unit/support/tests.h"

#include <stdlib.h>
#include <string.h>

#include "config.h"

#define JWT     "JWT_SECRET=cd1f05b7a94e6d2083e1f7b6a5c4d3e2"
#define STORE   "STORE_URI=sqlite:orders.db"
#define BROKERS "KAFKA_BROKERS=kafka-0:9092,kafka-1"

static const struct config_case {
    const char *name;
    const char *environment[6];
    const char *faults[4]; /* how lines begin; none: it is good */
} config_cases[] = {
    { "config: the least", { JWT, BROKERS, STORE, NULL }, { NULL } },
    { "config: nothing",
      { NULL },
      { "STORE_URI: ", "KAFKA_BROKERS: ", "JWT_SECRET or JWT_KEYS_DIR: ", NULL } },
    { "config: another store",
      { JWT, BROKERS, "STORE_URI=postgres://host/db", NULL },
      { "STORE_URI: must be ", NULL } },
    { "config: a store in a folder that is not there",
      { JWT, BROKERS, "STORE_URI=sqlite:/nowhere/orders.db", NULL },
      { "STORE_URI: the folder ", NULL } },
    { "config: one port for both",
      { JWT, BROKERS, STORE, "PORT=8082", "ADMIN_PORT=8082", NULL },
      { "ADMIN_PORT: ", NULL } },
    { "config: free ports for both",
      { JWT, BROKERS, STORE, "PORT=0", "ADMIN_PORT=0", NULL },
      { NULL } },
    { "config: brokers without a name",
      { JWT, "KAFKA_BROKERS=,,", STORE, NULL },
      { "KAFKA_BROKERS: " } },
    { "config: a broker's port beyond all ports",
      { JWT, "KAFKA_BROKERS=localhost:65536", STORE, NULL },
      { "KAFKA_BROKERS: ", NULL } },
    { "config: a broker's port that is none",
      { JWT, "KAFKA_BROKERS=localhost:9092x", STORE, NULL },
      { "KAFKA_BROKERS: ", NULL } },
    { "config: a topic with a blank",
      { JWT, BROKERS, STORE, "KAFKA_TOPIC=order created", NULL },
      { "KAFKA_TOPIC: ", NULL } },
    { "config: a topic that would be a folder",
      { JWT, BROKERS, STORE, "KAFKA_TOPIC=..", NULL },
      { "KAFKA_TOPIC: ", NULL } },
    { "config: a lease shorter than publishing",
      { JWT, BROKERS, STORE, "SCHEDULER_LEASE_MS=10000", NULL },
      { "SCHEDULER_LEASE_MS: ", NULL } },
    { "config: three faults at once",
      { JWT, "KAFKA_BROKERS=:1", "STORE_URI=sqlite:", "ORDERS_BATCH_MAX=1001", NULL },
      { "ORDERS_BATCH_MAX: ", "STORE_URI: ", "KAFKA_BROKERS: ", NULL } },
};

static size_t lines_of(const struct buffer *text)
{
    size_t lines = 0;

    for (size_t i = 0; i < text->length; i++)
        lines += text->data[i] == '\n';
    return lines;
}

static void settings_are_judged(void **state)
{
    const struct config_case *c = *state;
    struct config config = { 0 };
    AUTO(buffer) struct buffer faults = { 0 };
    const bool good = settings_load(&config_settings, c->environment, &config, &faults);
    size_t count = 0;

    for (; c->faults[count]; count++)
        if (!faults.data || !strstr(faults.data, c->faults[count]))
            fail_msg("%s is not in: %s", c->faults[count], faults.data);
    assert_int_equal(lines_of(&faults), count);
    assert_int_equal(good, count == 0);
    settings_free(&config_settings, &config);
}

static void defaults_are_the_documented_ones(void **state)
{
    (void)state;
    static const char *const environment[] = { JWT, BROKERS, STORE, NULL };
    struct config config = { 0 };
    AUTO(buffer) struct buffer faults = { 0 };

    assert_true(settings_load(&config_settings, environment, &config, &faults));
    assert_int_equal(config.service.port, 8082);
    assert_int_equal(config.service.admin_port, 9082);
    assert_string_equal(config.kafka.topic, "order-created");
    assert_true(config.scheduler_enabled);
    assert_int_equal(config.scheduler_interval_ms, 1000);
    assert_int_equal(config.scheduler_linger_ms, 500);
    assert_int_equal(config.scheduler_lease_ms, 30000);
    assert_int_equal(config.scheduler_batch_max, 500);
    assert_int_equal(config.orders_batch_max, 256);
    settings_free(&config_settings, &config);
}

/* librdkafka judges what goes to it; our own environment is asked, as main() does. */
static const struct property_case {
    const char *name;
    const char *set[3][2]; /* name and value; NULL after the last */
    const char *told;
} property_cases[] = {
    { "a value that is none",
      { { "KAFKA_SECURITY_PROTOCOL", "pigeon" } },
      "KAFKA_SECURITY_PROTOCOL" },
    { "a file that is not there",
      { { "KAFKA_SECURITY_PROTOCOL", "ssl" }, { "KAFKA_SSL_CA_LOCATION", "/not/there/pigeon" } },
      "KAFKA_SSL_*: do not fit together" },
    { "half a login",
      { { "KAFKA_SECURITY_PROTOCOL", "sasl_plaintext" }, { "KAFKA_SASL_MECHANISM", "PLAIN" } },
      "KAFKA_SASL_*" },
    { "a mechanism that is none",
      { { "KAFKA_SECURITY_PROTOCOL", "sasl_plaintext" }, { "KAFKA_SASL_MECHANISM", "PIGEON" } },
      "KAFKA_SASL_*" },
};

static void a_property_that_the_library_refuses_is_a_fault(void **state)
{
    const struct property_case *c = *state;
    static const char *const environment[] = { JWT, BROKERS, STORE, NULL };
    struct config config = { 0 };
    AUTO(buffer) struct buffer faults = { 0 };

    for (size_t i = 0; i < 3 && c->set[i][0]; i++)
        setenv(c->set[i][0], c->set[i][1], 1);
    bool good = settings_load(&config_settings, environment, &config, &faults);
    for (size_t i = 0; i < 3 && c->set[i][0]; i++)
        unsetenv(c->set[i][0]);
    settings_free(&config_settings, &config);

    assert_false(good);
    assert_non_null(strstr(faults.data, c->told));
    assert_null(strstr(faults.data, "pigeon"));
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_ROWS(&tests, settings_are_judged, config_cases);
    ADD_TEST(&tests, defaults_are_the_documented_ones);
    ADD_ROWS(&tests, a_property_that_the_library_refuses_is_a_fault, property_cases);
    return tests_run("config", &tests);
}
