/* order-svc: ties settings, store, broker, scheduler and routes together. */
#include <unistd.h>

#include "config.h"
#include "create_topic.h"
#include "events/publisher.h"
#include "http/routes.h"
#include "http/service.h"
#include "scheduler.h"
#include "scheduler_loop.h"
#include "store/order_store.h"

/* Longest wait in a queue: a client that waited this long is better served by a 503 and a repeat.
 */
enum { QUEUE_DEADLINE_MS = 5 * SECOND_MS };

struct app {
    struct config config;
    struct service service;
    struct order_store *store;
    struct publisher *publisher;
    struct scheduler *scheduler;
    struct scheduler_loop *loop;
    struct order_service orders;
    struct counter *flushes;
    uint64_t flushes_told;
};

static bool reach_store(void *context, struct error *err)
{
    struct app *app = context;
    const char *uri = app->config.service.store_uri;
    const char *path = service_sqlite_path(uri);

    app->store = path ? order_store_sqlite_open(path, &system_clock, err)
                      : order_store_mongo_open(uri, &system_clock, err);
    return app->store != NULL;
}

/* The store counts its flushes itself; a scrape takes over what came since the last. */
static void collect_flushes(void *context)
{
    struct app *app = context;
    uint64_t now = order_store_flushes(app->store);
    counter_add(app->flushes, now - app->flushes_told);
    app->flushes_told = now;
}

static bool count_flushes(struct app *app, struct error *err)
{
    struct metrics *metrics = app->service.metrics;
    app->flushes = metrics_counter(metrics, "store_flushes_total",
                                   "Durable writes of the store: commits or bulks.", "", err);
    return app->flushes && metrics_collect(metrics, collect_flushes, app, err);
}

static bool start_scheduler(struct app *app, struct error *err)
{
    const struct config *config = &app->config;
    const struct scheduler_options options = {
        .lease_ms = config->scheduler_lease_ms,
        .batch_max = config->scheduler_batch_max,
    };
    const struct scheduler_loop_options loop_options = {
        .enabled = config->scheduler_enabled,
        .interval_ms = config->scheduler_interval_ms,
        .clock = &system_clock,
    };

    app->scheduler = scheduler_new(&options, app->store, app->publisher, &system_clock,
                                   &system_random, app->service.metrics, err);
    if (!app->scheduler)
        return false;
    app->loop = scheduler_loop_start(&loop_options, app->scheduler, app->store, app->publisher,
                                     &app->service.health, app->service.metrics, err);
    return app->loop != NULL;
}

static void quiesce(void *context)
{
    struct app *app = context;
    scheduler_loop_quiesce(app->loop);
}

static void finish(void *context)
{
    struct app *app = context;
    scheduler_loop_stop(STEAL(app->loop));
}

/* SQLite has one writer: a second thread would only wait for it. MongoDB's answer is a network and
 * a majority away: while one batch waits for it, another is made. */
static size_t writers(const struct config *config)
{
    return service_sqlite_path(config->service.store_uri) ? 1 : 2;
}

static bool serve(struct app *app, struct error *err)
{
    const struct config *config = &app->config;
    const struct lane_options lanes[ORDER_LANES] = {
        [LANE_ORDERS_WRITE] = { .name = "orders-write",
                                .threads = writers(config),
                                .queue_max = config->orders_queue_max,
                                .batch_max = config->orders_batch_max,
                                .deadline_ms = QUEUE_DEADLINE_MS },
        [LANE_READS] = { .name = "reads",
                         .threads = config->reads_threads,
                         .queue_max = config->reads_queue_max,
                         .batch_max = 1,
                         .deadline_ms = QUEUE_DEADLINE_MS },
    };
    struct http_options http = service_http_options(&app->service);
    http.routes = order_routes;
    http.route_count = order_route_count;
    http.lanes = lanes;
    http.lane_count = ORDER_LANES;
    http.service = &app->orders;

    const struct service_hooks hooks = { .quiesce = quiesce, .finish = finish, .context = app };
    return service_serve(&app->service, &http, &hooks, err);
}

static bool run(struct app *app, struct error *err)
{
    const struct config *config = &app->config;
    const struct kafka_options kafka = {
        .brokers = config->kafka.brokers,
        .topic = config->kafka.topic,
        .message_timeout_ms = (int)config->publish_timeout_ms,
        .environment = (const char *const *)environ,
    };

    if (!service_open(&app->service, "order-svc", &config->service, err))
        return false;
    app->publisher = publisher_kafka_open(&kafka, err);
    if (!app->publisher || !service_reach(&app->service, reach_store, app, err))
        return false;

    app->orders = (struct order_service){
        .store = app->store,
        .place = { .linger_ms = config->scheduler_linger_ms },
        .health = &app->service.health,
    };
    return order_service_count(&app->orders, app->service.metrics, err) &&
           count_flushes(app, err) && start_scheduler(app, err) && serve(app, err);
}

/* In the order that lets each still use what it borrows. */
static void close_app(struct app *app)
{
    scheduler_loop_stop(app->loop);
    scheduler_free(app->scheduler);
    service_close(&app->service);
    publisher_close(app->publisher);
    order_store_close(app->store);
    settings_free(&config_settings, &app->config);
}

/* --create-topic: nothing of the service but its broker is needed. */
static int run_create_topic(void)
{
    struct topic_config config = { 0 };

    if (!settings_load_or_complain(&topic_settings, (const char *const *)environ, &config))
        return SERVICE_BAD_SETTINGS;
    const struct kafka_options kafka = {
        .brokers = config.kafka.brokers,
        .topic = config.kafka.topic,
        .environment = (const char *const *)environ,
    };
    bool there =
        create_topic(&kafka, (struct topic_shape){ config.partitions, config.replication });
    settings_free(&topic_settings, &config);
    return there ? SERVICE_STOPPED : SERVICE_FAILED;
}

int main(int argc, char *argv[])
{
    struct app app = { 0 };
    struct error err = { 0 };

    int code =
        settings_start(&config_settings, argc, argv, (const char *const *)environ, &app.config);
    if (code == SETTINGS_MODE)
        code = run_create_topic();
    else if (code == SETTINGS_GO_ON)
        code = service_exit_code(run(&app, &err), &err);
    close_app(&app);
    return code;
}
