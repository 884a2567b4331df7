/* user-svc: ties settings, store, keys and routes together. */
#include <string.h>
#include <unistd.h>
#include "background.h"
#include "config.h"
#include "first_admin.h"
#include "http/routes.h"
#include "http/service.h"
#include "mail/smtp.h"
#include "mail/spool.h"
#include "reset_mail.h"
#include "store/user_store.h"
#include "store_watch.h"
#include "sweeper.h"

enum {
    /* Whoever waited that long for a hash is better served by a 503 and a repeat. */
    HASHING_DEADLINE_MS = 2 * SECOND_MS,
    ACCOUNTS_DEADLINE_MS = 5 * SECOND_MS,
    /* Bounds what waits while answers are quick, as those of throttled logins: what hashes need is
     * predicted. A place is an open connection. */
    HASHING_QUEUE_MAX = 1024,
    HASH_MS = 50, /* of a hash at the default cost on a slow core; then it is measured */
    /* A login flood takes no core from orders on the same host. */
    HASHING_NICE = 10,
    /* An outage that ended shows no longer than that; a probe is one small write. */
    STORE_WATCH_MS = SECOND_MS,
    /* Who waits for a mail does not notice a second; a look at an empty outbox is one read. */
    MAIL_INTERVAL_MS = SECOND_MS,
    /* What is over counts nowhere; it only takes room, and ten minutes' worth is little. */
    SWEEP_INTERVAL_MS = 10 * MINUTE_MS,
    /* Most mails are through by then; and it is well within the time that a drain has. */
    MAIL_STOP_GRACE_MS = 3 * SECOND_MS,
};

struct app {
    struct config config;
    struct service service;
    struct user_store *store;
    struct store_watch *watch;
    struct sender sender;
    struct smtp_options smtp;
    struct mailer *mailer;
    struct reset_mails mails;
    struct sweeper sweeper;
    struct background *background;
    struct user_service users;
};

static bool reach_store(void *context, struct error *err)
{
    struct app *app = context;
    const char *uri = app->config.service.store_uri;
    const char *path = service_sqlite_path(uri);

    app->store = path ? user_store_sqlite_open(path, &system_clock, err)
                      : user_store_mongo_open(uri, &system_clock, err);
    return app->store != NULL;
}

static struct users users_of(const struct app *app, const struct http_options *http)
{
    const struct config *config = &app->config;
    const struct password_cost cost = { .memory_kib = config->argon2_memory_kib,
                                        .passes = config->argon2_passes };
    const struct refresh_key refresh_key =
        refresh_key_of(config->refresh_secret, strlen(config->refresh_secret));

    return (struct users){
        .store = app->store,
        .clock = &system_clock,
        .random = &system_random,
        .keys = app->service.keys,
        .token_rules = http->token_rules,
        .refresh_key = refresh_key,
        .reset_key = reset_key_of(&refresh_key),
        .refresh_ttl_ms = (int64_t)config->refresh_ttl_s * SECOND_MS,
        .password_cost = cost,
        .dummy = password_dummy(&cost, &system_random),
        .throttle = throttle_of(&refresh_key, http->trusted_proxies.count > 0),
    };
}

static void quiesce(void *context)
{
    struct app *app = context;

    store_watch_quiesce(app->watch);
    background_quiesce(app->background);
}

static void finish(void *context)
{
    struct app *app = context;

    background_stop(STEAL(app->background));
    store_watch_stop(STEAL(app->watch));
}

/* Good: config_settings.check has seen it. */
static struct proxies trusted_proxies(const struct config *config)
{
    struct proxies proxies = { .count = 0 };

    if (!config->trusted_proxies || !proxies_parse(config->trusted_proxies, &proxies))
        log_info("TRUSTED_PROXIES is empty: a proxy in front would be everybody, so no source is "
                 "held to 100 failed logins and 100 reset mails",
                 LOG_END);
    return proxies;
}

/* Whatever a store's failure left behind, the next look finds it. */
static bool first_admin(void *context, struct error *err)
{
    const struct app *app = context;
    const struct config *config = &app->config;
    const struct first_admin wanted = { .username = config->admin_username,
                                        .email = config->admin_email,
                                        .password = config->admin_password };

    if (make_first_admin(&app->users.users, &wanted, err))
        return true;
    if (err->code == ERR_UNKNOWN)
        err->code = ERR_UNAVAILABLE;
    return false;
}

static bool work_in_background(struct app *app, struct error *err)
{
    static const struct background_options options = { .mail_interval_ms = MAIL_INTERVAL_MS,
                                                       .sweep_interval_ms = SWEEP_INTERVAL_MS,
                                                       .stop_grace_ms = MAIL_STOP_GRACE_MS };

    app->background = background_start(&options, &app->mails, &app->sweeper, &system_random,
                                       &app->service.health, err);
    return app->background != NULL;
}

static bool serve(struct app *app, struct error *err)
{
    const struct config *config = &app->config;
    const struct hashing hashing = config_hashing(config);
    const struct lane_options lanes[USER_LANES] = {
        [LANE_HASHING] = { .name = "hashing",
                           .threads = hashing_threads(&hashing), /* > 0: checked */
                           .queue_max = HASHING_QUEUE_MAX,
                           .batch_max = 1,
                           .deadline_ms = HASHING_DEADLINE_MS,
                           .nice = HASHING_NICE,
                           .wait_max_ms = HASHING_DEADLINE_MS,
                           .job_ms = HASH_MS,
                           .costly = true },
        [LANE_ACCOUNTS] = { .name = "accounts",
                            .threads = config->accounts_threads,
                            .queue_max = config->accounts_queue_max,
                            .batch_max = 1,
                            .deadline_ms = ACCOUNTS_DEADLINE_MS },
    };
    const struct service_hooks hooks = { .quiesce = quiesce, .finish = finish, .context = app };
    struct http_options http = service_http_options(&app->service);

    http.routes = user_routes;
    http.route_count = user_route_count;
    http.lanes = lanes;
    http.lane_count = USER_LANES;
    http.service = &app->users;
    http.authorize = user_authorize;
    http.no_store = true;
    http.trusted_proxies = trusted_proxies(config);
    app->users.users = users_of(app, &http);
    return service_reach(&app->service, first_admin, app, err) && work_in_background(app, err) &&
           service_serve(&app->service, &http, &hooks, err);
}

static bool watch_store(struct app *app, struct error *err)
{
    app->watch = store_watch_start(app->store, &app->service.health, STORE_WATCH_MS, err);
    return app->watch != NULL;
}

/* Good: config_settings.check has seen them. */
static bool open_mailer(struct app *app, struct error *err)
{
    const struct config *config = &app->config;

    if (!sender_parse(config->mail_from, &app->sender))
        return error_set(err, ERR_BUG, 0, "MAIL_FROM");
    app->smtp = (struct smtp_options){ .url = config->smtp_url,
                                       .plain = config->smtp_tls == SMTP_TLS_OFF,
                                       .ca_file = config->smtp_ca_file };
    app->mailer = config->smtp_url
                      ? smtp_open(&app->smtp, &app->sender, err)
                      : spool_open(config->mail_spool_dir, &app->sender, &system_random, err);
    return app->mailer != NULL;
}

static bool prepare_background(struct app *app, struct error *err)
{
    const struct config *config = &app->config;

    if (!open_mailer(app, err))
        return false;
    app->mails = (struct reset_mails){ .users = &app->users.users,
                                       .mailer = app->mailer,
                                       .public_url = config->public_url };
    app->sweeper =
        (struct sweeper){ .store = app->store,
                          .audit_retention_ms = (int64_t)config->audit_retention_days * DAY_MS };
    return reset_mails_count(&app->mails, app->service.metrics, err) &&
           sweeper_count(&app->sweeper, app->service.metrics, err);
}

static bool run(struct app *app, struct error *err)
{
    if (!service_open(&app->service, "user-svc", &app->config.service, err) ||
        !service_reach(&app->service, reach_store, app, err))
        return false;
    app->users.health = &app->service.health;
    return user_service_count(&app->users, app->service.metrics, err) &&
           prepare_background(app, err) && watch_store(app, err) && serve(app, err);
}

/* In the order that lets each still use what it borrows. */
static void close_app(struct app *app)
{
    background_stop(app->background);
    store_watch_stop(app->watch);
    mailer_close(app->mailer);
    service_close(&app->service);
    user_store_close(app->store);
    settings_free(&config_settings, &app->config);
}

int main(int argc, char *argv[])
{
    struct app app = { 0 };
    struct error err = { 0 };

    int code =
        settings_start(&config_settings, argc, argv, (const char *const *)environ, &app.config);
    if (code == SETTINGS_GO_ON)
        code = service_exit_code(run(&app, &err), &err);
    close_app(&app);
    return code;
}
