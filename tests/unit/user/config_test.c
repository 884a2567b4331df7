/* user-svc's settings: defaults, and what is wrong, all of it at once. */
#include "unit/support/tests.h"

#include <string.h>

#include "config.h"

#define JWT     "JWT_SECRET=cd1f05b7a94e6d2083e1f7b6a5c4d3e2"
#define REFRESH "REFRESH_SECRET=7b3e9a61c04d8f25e6b7a8c9d0e1f203"
#define STORE   "STORE_URI=sqlite:users.db"

#define GOOD JWT, REFRESH, STORE
#define ADMIN(username, email, password)                                                           \
    "ADMIN_USERNAME=" username, "ADMIN_EMAIL=" email, "ADMIN_PASSWORD=" password

static const struct config_case {
    const char *name;
    const char *environment[7];
    const char *faults[4]; /* how lines begin; none: it is good */
} config_cases[] = {
    { "config: the least", { JWT, REFRESH, STORE, NULL }, { NULL } },
    { "config: nothing",
      { NULL },
      { "STORE_URI: ", "REFRESH_SECRET: ", "JWT_SECRET or JWT_KEYS_DIR: ", NULL } },
    { "config: MongoDB", { JWT, REFRESH, "STORE_URI=mongodb://host/db", NULL }, { NULL } },
    { "config: MongoDB, less durable than promised",
      { JWT, REFRESH, "STORE_URI=mongodb://host/db?w=1", NULL },
      { "STORE_URI: w must be majority", NULL } },
    { "config: another store",
      { JWT, REFRESH, "STORE_URI=postgres://host/db", NULL },
      { "STORE_URI: must be sqlite:PATH", NULL } },
    { "config: a store without a path",
      { JWT, REFRESH, "STORE_URI=sqlite:", NULL },
      { "STORE_URI: must be sqlite:PATH", NULL } },
    { "config: a short refresh secret",
      { JWT, "REFRESH_SECRET=7b3e9a61c04d8f25e6b7a8c9d0e1f20", STORE, NULL },
      { "REFRESH_SECRET: ", NULL } },
    { "config: a refresh secret that is none",
      { JWT, "REFRESH_SECRET=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", STORE, NULL },
      { "REFRESH_SECRET: the secret ", NULL } },
    { "config: one secret for both",
      { JWT, "REFRESH_SECRET=cd1f05b7a94e6d2083e1f7b6a5c4d3e2", STORE, NULL },
      { "REFRESH_SECRET: must be another than JWT_SECRET", NULL } },
    { "config: keys that cannot sign",
      { "JWT_KEYS_DIR=/nowhere", REFRESH, STORE, NULL },
      { "JWT_ACTIVE_KID: required", NULL } },
    { "config: a session longer than any may be",
      { JWT, REFRESH, STORE, "REFRESH_TTL=7776001", NULL },
      { "REFRESH_TTL: ", NULL } },
    { "config: a hash cheaper than OWASP allows",
      { JWT, REFRESH, STORE, "ARGON2_MEMORY_KIB=7167", NULL },
      { "ARGON2_MEMORY_KIB: ", NULL } },
    { "config: memory for one hash",
      { JWT, REFRESH, STORE, "HASHING_MEMORY_MIB=19", NULL },
      { NULL } },
    { "config: no memory for one hash",
      { JWT, REFRESH, STORE, "HASHING_MEMORY_MIB=18", NULL },
      { "ARGON2_MEMORY_KIB: one hash of 19456 KiB does not fit ", NULL } },
    { "config: an admin", { GOOD, ADMIN("root", "a@b", "nine-brown-ladders"), NULL }, { NULL } },
    { "config: an admin without password",
      { GOOD, "ADMIN_USERNAME=root", "ADMIN_EMAIL=a@b", NULL },
      { "ADMIN_USERNAME, ADMIN_EMAIL, ADMIN_PASSWORD: give all three or none", NULL } },
    { "config: an admin's password alone",
      { GOOD, "ADMIN_PASSWORD=nine-brown-ladders", NULL },
      { "ADMIN_USERNAME, ADMIN_EMAIL, ADMIN_PASSWORD: give all three or none", NULL } },
    { "config: a faulty row is given",
      { GOOD, ADMIN("ab", "a@b", "nine-brown-ladders"), NULL },
      { "ADMIN_USERNAME: ", NULL } },
    { "config: an admin that could not sign up",
      { GOOD, ADMIN("the root", "a@", "password"), NULL },
      { "ADMIN_USERNAME: must be letters", "ADMIN_EMAIL: must be an address",
        "ADMIN_PASSWORD: must be one that fewer people use", NULL } },
    { "config: an admin's password that is the name",
      { GOOD, ADMIN("the-first", "a@b", "The-First"), NULL },
      { "ADMIN_PASSWORD: must be another than the username", NULL } },
    { "config: an admin's short password",
      { GOOD, ADMIN("root", "a@b", "\xC3\xA4\xC3\xB6\xC3\xBC\xC3\x9F"), NULL },
      { "ADMIN_PASSWORD: must have 8 characters or more", NULL } },
    { "config: an admin's long password",
      { GOOD,
        ADMIN("root", "a@b",
              "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
              "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef!"),
        NULL },
      { "ADMIN_PASSWORD: must have 128 characters or fewer", NULL } },
    { "config: trusted proxies",
      { JWT, REFRESH, STORE, "TRUSTED_PROXIES=10.0.0.0/8, ::1", NULL },
      { NULL } },
    { "config: trusted proxies that are none",
      { JWT, REFRESH, STORE, "TRUSTED_PROXIES=ingress", NULL },
      { "TRUSTED_PROXIES: must be ", NULL } },
};

static size_t lines_of(const struct buffer *text)
{
    size_t lines = 0;

    for (const char *c = text->data; c && *c; c++)
        lines += *c == '\n';
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
    static const char *const environment[] = { JWT, REFRESH, STORE, NULL };
    struct config config = { 0 };
    AUTO(buffer) struct buffer faults = { 0 };

    assert_true(settings_load(&config_settings, environment, &config, &faults));
    assert_int_equal(config.service.port, 8081);
    assert_int_equal(config.service.admin_port, 9081);
    assert_string_equal(config.service.bind_address, "127.0.0.1");
    assert_string_equal(config.service.jwt_issuer, "arch.homework");
    assert_int_equal(config.service.jwt_ttl_s, 3600);
    assert_int_equal(config.refresh_ttl_s, 14 * 24 * 3600);
    assert_int_equal(config.argon2_memory_kib, 19456);
    assert_int_equal(config.argon2_passes, 2);
    settings_free(&config_settings, &config);
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_ROWS(&tests, settings_are_judged, config_cases);
    ADD_TEST(&tests, defaults_are_the_documented_ones);
    return tests_run("config", &tests);
}
