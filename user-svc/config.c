/* The settings of user-svc: each declared once, with its reason. */
#include "config.h"

#include <string.h>
#include "auth/weak_secret.h"
#include "base/file.h"
#include "base/utf8.h"
#include "http/proxies.h"
#include "mail/message.h"
#include "mail/smtp.h"
#include "mail/spool.h"
#include "memory_limit.h"
#include "password.h"
#include "refresh_token.h"
#include "user.h"
#include "user_names.h"

enum { PUBLIC_URL_MAX = 512 }; /* a link is one line of a mail, and those end at 998 */

static const struct setting rows[] = {
    SERVICE_SETTINGS(struct config, service, "8081", "9081"),
    SETTING_TEXT("TRUSTED_PROXIES", struct config, trusted_proxies, OPTIONAL, 1, 4096,
                 "addresses and networks (CIDR), by commas, whose X-Forwarded-For is believed: the "
                 "ingress's. Without it everybody behind a proxy is one source, so none is held "
                 "to 100 failed logins and 100 reset mails in 15 minutes"),
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
    SETTING_TEXT("PUBLIC_URL", struct config, public_url, REQUIRED, 1, PUBLIC_URL_MAX,
                 "what links in mails begin with, http(s)://HOST: never what a request calls us, "
                 "which anybody can make up"),
    SETTING_TEXT("MAIL_FROM", struct config, mail_from, "arch.homework <no-reply@arch.homework>", 1,
                 EMAIL_MAX, "whom mails are from: an address, or NAME <ADDRESS>"),
    SETTING_SECRET("SMTP_URL", struct config, smtp_url, OPTIONAL, 1, 2048,
                   "the server that takes mails: smtp:// (STARTTLS) or smtps://, "
                   "USER:PASSWORD@HOST:PORT; this or MAIL_SPOOL_DIR, and this one first"),
    SETTING_CHOICE("SMTP_TLS", struct config, smtp_tls, "required", "required|off",
                   "off: smtp:// goes on without TLS, for a network that is trusted; on this very "
                   "host it needs none"),
    SETTING_TEXT("SMTP_CA_FILE", struct config, smtp_ca_file, OPTIONAL, 1, 4096,
                 "certificates (PEM) that may vouch for the server, in place of the system's"),
    SETTING_TEXT("MAIL_SPOOL_DIR", struct config, mail_spool_dir, OPTIONAL, 1, 4096,
                 "where mails are put, a file each, while SMTP_URL is not set; made when missing. "
                 "Whoever reads them can reset passwords, and nobody deletes them"),
    SETTING_U32("AUDIT_RETENTION_DAYS", struct config, audit_retention_days, "365", 1, 36500,
                "days that audit events are kept; a year is what audits ask for"),
    SETTING_TEXT("ADMIN_USERNAME", struct config, admin_username, OPTIONAL, USERNAME_MIN,
                 USERNAME_MAX,
                 "the first admin, made at start where there is none: nobody becomes one by "
                 "signing up"),
    SETTING_TEXT("ADMIN_EMAIL", struct config, admin_email, OPTIONAL, 1, EMAIL_MAX,
                 "the first admin's e-mail"),
    SETTING_SECRET("ADMIN_PASSWORD", struct config, admin_password, OPTIONAL, PASSWORD_MIN,
                   PASSWORD_BYTES,
                   "the first admin's password; changed by POST /me/password, for it is not read "
                   "again once there is an admin"),
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

/* A row that was faulty is given, too. */
static bool is_given(const char *value, const char *name, const struct buffer *faults)
{
    return value || settings_is_told(faults, name);
}

static void check_admin_given(const struct config *config, struct buffer *faults)
{
    const int given = is_given(config->admin_username, "ADMIN_USERNAME", faults) +
                      is_given(config->admin_email, "ADMIN_EMAIL", faults) +
                      is_given(config->admin_password, "ADMIN_PASSWORD", faults);

    if (given != 0 && given != 3)
        buffer_text(faults,
                    "ADMIN_USERNAME, ADMIN_EMAIL, ADMIN_PASSWORD: give all three or none\n");
}

static void check_admin_password(const struct config *config, struct buffer *faults)
{
    static const char *const reasons[] = {
        [PASSWORD_TOO_SHORT] = "must have 8 characters or more",
        [PASSWORD_TOO_LONG] = "must have 128 characters or fewer",
        [PASSWORD_IS_NAME] = "must be another than the username and the e-mail",
        [PASSWORD_COMMON] = "must be one that fewer people use",
    };
    const char *username = config->admin_username, *email = config->admin_email;
    const enum password_fault fault =
        password_judge(config->admin_password, username ? username : "", email ? email : "");

    if (!utf8_is_valid(config->admin_password))
        buffer_text(faults, "ADMIN_PASSWORD: must be UTF-8, or no login could send it\n");
    else if (fault != PASSWORD_FINE)
        buffer_format(faults, "ADMIN_PASSWORD: %s\n", reasons[fault]);
}

static void check_admin(const struct config *config, struct buffer *faults)
{
    check_admin_given(config, faults);
    if (config->admin_username && !username_is_well_formed(config->admin_username))
        buffer_text(faults, "ADMIN_USERNAME: must be letters A-Z, digits and . _ ' - only\n");
    if (config->admin_email && !email_is_well_formed(config->admin_email))
        buffer_text(faults, "ADMIN_EMAIL: must be an address such as name@example.org\n");
    if (config->admin_password)
        check_admin_password(config, faults);
}

/* A scheme and a host, and a path at most: with a query or a fragment in it no link would work. */
static bool is_public_url(const char *url)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "-._~:[]/%";
    const bool tls = strncmp(url, "https://", 8) == 0;
    const char *host = url + (tls ? 8 : 7);

    return (tls || strncmp(url, "http://", 7) == 0) && strspn(host, "/:") == 0 && *host &&
           host[strspn(host, allowed)] == '\0';
}

/* It is read for each mail: without it none would go out, and nobody would know before. */
static void check_ca_file(const char *path, struct buffer *faults)
{
    char first;

    if (file_read(path, &first, 1) != 1)
        buffer_text(faults, "SMTP_CA_FILE: cannot be read, or is empty; give a file of PEM "
                            "certificates that this user may read\n");
}

/* Where a mail server is given, the spool is none that is used. */
static void check_spool(const struct config *config, struct buffer *faults)
{
    const bool is_used = config->mail_spool_dir && !config->smtp_url;
    const char *fault = is_used ? spool_fault(config->mail_spool_dir) : NULL;

    if (fault)
        buffer_format(faults, "MAIL_SPOOL_DIR: %s\n", fault);
}

static void check_mail(const struct config *config, struct buffer *faults)
{
    const char *fault = config->smtp_url ? smtp_url_fault(config->smtp_url) : NULL;

    if (config->public_url && !is_public_url(config->public_url))
        buffer_text(faults, "PUBLIC_URL: must be http(s)://HOST, without a query\n");
    if (config->mail_from && !sender_parse(config->mail_from, &(struct sender){ "", "" }))
        buffer_text(faults, "MAIL_FROM: must be an address, or NAME <ADDRESS> in plain ASCII\n");
    if (fault)
        buffer_format(faults, "SMTP_URL: %s\n", fault);
    if (config->smtp_ca_file)
        check_ca_file(config->smtp_ca_file, faults);
    check_spool(config, faults);
    if (!is_given(config->smtp_url, "SMTP_URL", faults) &&
        !is_given(config->mail_spool_dir, "MAIL_SPOOL_DIR", faults))
        buffer_text(faults, "SMTP_URL or MAIL_SPOOL_DIR: give one, so that mails go somewhere\n");
}

static void check(const void *target, struct buffer *faults)
{
    const struct config *config = target;

    service_settings_check(&config->service, true, faults);
    check_refresh_secret(config, faults);
    check_hashing(config, faults);
    check_admin(config, faults);
    check_mail(config, faults);
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
