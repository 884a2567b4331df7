/* user-svc's settings: defaults, and what is wrong, all of it at once. */
#include "unit/support/tests.h"

#include <string.h>

#include "config.h"

#define JWT     "JWT_SECRET=cd1f05b7a94e6d2083e1f7b6a5c4d3e2"
#define REFRESH "REFRESH_SECRET=7b3e9a61c04d8f25e6b7a8c9d0e1f203"
#define STORE   "STORE_URI=sqlite:users.db"

#define MAIL "PUBLIC_URL=http://arch.homework", "MAIL_SPOOL_DIR=/tmp/mail"

#define GOOD JWT, REFRESH, STORE, MAIL
#define ADMIN(username, email, password)                                                           \
    "ADMIN_USERNAME=" username, "ADMIN_EMAIL=" email, "ADMIN_PASSWORD=" password

static const struct config_case {
    const char *name;
    const char *environment[9];
    const char *faults[6]; /* how lines begin; none: it is good */
} config_cases[] = {
    { "config: the least", { GOOD, NULL }, { NULL } },
    { "config: nothing",
      { NULL },
      { "STORE_URI: ", "REFRESH_SECRET: ", "PUBLIC_URL: ", "JWT_SECRET or JWT_KEYS_DIR: ",
        "SMTP_URL or MAIL_SPOOL_DIR: give one", NULL } },
    { "config: MongoDB", { JWT, REFRESH, "STORE_URI=mongodb://host/db", MAIL, NULL }, { NULL } },
    { "config: MongoDB, less durable than promised",
      { JWT, REFRESH, "STORE_URI=mongodb://host/db?w=1", MAIL, NULL },
      { "STORE_URI: w must be majority", NULL } },
    { "config: another store",
      { JWT, REFRESH, "STORE_URI=postgres://host/db", MAIL, NULL },
      { "STORE_URI: must be sqlite:PATH", NULL } },
    { "config: a store without a path",
      { JWT, REFRESH, "STORE_URI=sqlite:", MAIL, NULL },
      { "STORE_URI: must be sqlite:PATH", NULL } },
    { "config: a short refresh secret",
      { JWT, "REFRESH_SECRET=7b3e9a61c04d8f25e6b7a8c9d0e1f20", STORE, MAIL, NULL },
      { "REFRESH_SECRET: ", NULL } },
    { "config: a refresh secret that is none",
      { JWT, "REFRESH_SECRET=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", STORE, MAIL, NULL },
      { "REFRESH_SECRET: the secret ", NULL } },
    { "config: one secret for both",
      { JWT, "REFRESH_SECRET=cd1f05b7a94e6d2083e1f7b6a5c4d3e2", STORE, MAIL, NULL },
      { "REFRESH_SECRET: must be another than JWT_SECRET", NULL } },
    { "config: keys that cannot sign",
      { "JWT_KEYS_DIR=/nowhere", REFRESH, STORE, MAIL, NULL },
      { "JWT_ACTIVE_KID: required", NULL } },
    { "config: a session longer than any may be",
      { GOOD, "REFRESH_TTL=7776001", NULL },
      { "REFRESH_TTL: ", NULL } },
    { "config: a hash cheaper than OWASP allows",
      { GOOD, "ARGON2_MEMORY_KIB=7167", NULL },
      { "ARGON2_MEMORY_KIB: ", NULL } },
    { "config: memory for one hash", { GOOD, "HASHING_MEMORY_MIB=19", NULL }, { NULL } },
    { "config: no memory for one hash",
      { GOOD, "HASHING_MEMORY_MIB=18", NULL },
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
    { "config: an admin's password that no JSON can hold",
      { GOOD, ADMIN("root", "a@b", "nine-br\xE4wn-ladders"), NULL },
      { "ADMIN_PASSWORD: must be UTF-8, or no login could send it\n", NULL } },
    { "config: an admin's password in whatever script",
      { GOOD, ADMIN("root", "a@b", "nine-br\xC3\xA4wn-ladders"), NULL },
      { NULL } },
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
    { "config: trusted proxies", { GOOD, "TRUSTED_PROXIES=10.0.0.0/8, ::1", NULL }, { NULL } },
    { "config: trusted proxies that are none",
      { GOOD, "TRUSTED_PROXIES=ingress", NULL },
      { "TRUSTED_PROXIES: must be ", NULL } },
    { "config: a mail server in place of a spool",
      { JWT, REFRESH, STORE, "PUBLIC_URL=https://shop.example:8443/accounts",
        "SMTP_URL=smtps://user:p%40ss@mail.example:465", "MAIL_FROM=no-reply@shop.example", NULL },
      { NULL } },
    { "config: no way for mails",
      { JWT, REFRESH, STORE, "PUBLIC_URL=http://arch.homework", NULL },
      { "SMTP_URL or MAIL_SPOOL_DIR: give one", NULL } },
    { "config: a faulty way for mails",
      { JWT, REFRESH, STORE, "PUBLIC_URL=http://arch.homework", "SMTP_URL_FILE=/nowhere", NULL },
      { "SMTP_URL_FILE", NULL } },
    { "config: a server of another kind",
      { GOOD, "SMTP_URL=http://secret@mail.example", NULL },
      { "SMTP_URL: must begin with smtp:// or smtps://\n", NULL } },
    { "config: a server that is none",
      { GOOD, "SMTP_URL=smtp://", NULL },
      { "SMTP_URL: must be smtp://HOST:PORT or smtps://HOST:PORT\n", NULL } },
    { "config: a spool that is a file",
      { JWT, REFRESH, STORE, "PUBLIC_URL=http://arch.homework", "MAIL_SPOOL_DIR=/dev/null", NULL },
      { "MAIL_SPOOL_DIR: must be a folder", NULL } },
    { "config: a spool that is not used",
      { JWT, REFRESH, STORE, "PUBLIC_URL=http://arch.homework", "MAIL_SPOOL_DIR=/dev/null",
        "SMTP_URL=smtp://mail.example", NULL },
      { NULL } },
    { "config: a store that is a folder",
      { JWT, REFRESH, "STORE_URI=sqlite:/tmp", MAIL, NULL },
      { "STORE_URI: this is a folder", NULL } },
    { "config: authorities that are not there",
      { GOOD, "SMTP_CA_FILE=/nowhere/ca.pem", NULL },
      { "SMTP_CA_FILE: cannot be read", NULL } },
    { "config: authorities that are a folder",
      { GOOD, "SMTP_CA_FILE=/tmp", NULL },
      { "SMTP_CA_FILE: cannot be read", NULL } },
    { "config: authorities in an empty file",
      { GOOD, "SMTP_CA_FILE=/dev/null", NULL },
      { "SMTP_CA_FILE: cannot be read, or is empty", NULL } },
    { "config: authorities that can be read",
      { GOOD, "SMTP_CA_FILE=/etc/passwd", NULL },
      { NULL } },
    { "config: a sender with a line break",
      { GOOD, "MAIL_FROM=a\r\nBcc: x <a@b.example>", NULL },
      { "MAIL_FROM: must be an address, or NAME <ADDRESS>", NULL } },
    { "config: events kept for no day",
      { GOOD, "AUDIT_RETENTION_DAYS=0", NULL },
      { "AUDIT_RETENTION_DAYS: ", NULL } },
};

static const struct url_case {
    const char *name, *setting;
    bool good;
} url_cases[] = {
    { "URL: plain", "PUBLIC_URL=http://arch.homework", true },
    { "URL: TLS, a port, a path", "PUBLIC_URL=https://a.example:8443/shop/", true },
    { "URL: IPv6", "PUBLIC_URL=http://[::1]:8080", true },
    { "URL: no scheme", "PUBLIC_URL=arch.homework", false },
    { "URL: another scheme", "PUBLIC_URL=ftp://arch.homework", false },
    { "URL: no host", "PUBLIC_URL=http://", false },
    { "URL: a path alone", "PUBLIC_URL=http:///shop", false },
    { "URL: a port alone", "PUBLIC_URL=http://:80", false },
    { "URL: a query", "PUBLIC_URL=http://a.example/?next=b", false },
    { "URL: a fragment", "PUBLIC_URL=http://a.example/#top", false },
    { "URL: a user", "PUBLIC_URL=http://me@a.example", false },
    { "URL: a blank", "PUBLIC_URL=http://a.example/ b", false },
    { "URL: a line break", "PUBLIC_URL=http://a.example\nb", false },
};

static void links_begin_with_an_url(void **state)
{
    const struct url_case *c = *state;
    const char *environment[] = {
        JWT, REFRESH, STORE, "MAIL_SPOOL_DIR=/tmp/mail", c->setting, NULL
    };
    struct config config = { 0 };
    AUTO(buffer) struct buffer faults = { 0 };

    assert_int_equal(settings_load(&config_settings, environment, &config, &faults), c->good);
    if (!c->good)
        assert_string_equal(faults.data, "PUBLIC_URL: must be http(s)://HOST, without a query\n");
    settings_free(&config_settings, &config);
}

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
    static const char *const environment[] = { GOOD, NULL };
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
    assert_string_equal(config.mail_from, "arch.homework <no-reply@arch.homework>");
    assert_int_equal(config.smtp_tls, SMTP_TLS_REQUIRED);
    assert_int_equal(config.audit_retention_days, 365);
    settings_free(&config_settings, &config);
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_ROWS(&tests, settings_are_judged, config_cases);
    ADD_ROWS(&tests, links_begin_with_an_url, url_cases);
    ADD_TEST(&tests, defaults_are_the_documented_ones);
    return tests_run("config", &tests);
}
