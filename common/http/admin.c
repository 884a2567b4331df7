/* Three routes on a small server of their own. */
#include "http/admin.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/random.h"
#include "json/encode.h"

/* A scraper, a kubelet, a person: more would be a mistake. */
enum { ADMIN_CONNECTIONS = 64 };

struct admin {
    struct health *health;
    struct metrics *metrics;
    struct http_server *server;
};

/* Each route's state: whom it asks. */
struct admin_state {
    const struct admin *admin;
};

static void take_admin(void *service, void *const states[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        ((struct admin_state *)states[i])->admin = service;
}

static void encode_alive(const void *state, struct response *response)
{
    (void)state;
    response_json(response, 200, json_pack("{s:s}", "status", "alive"));
}

static void encode_ready(const void *state, struct response *response)
{
    const struct health *health = ((const struct admin_state *)state)->admin->health;
    const bool ready = atomic_load(&health->ready) && !atomic_load(&health->draining);
    json_t *degraded = json_array();

    if (atomic_load(&health->store_degraded))
        json_array_append_new(degraded, json_string("store"));
    if (atomic_load(&health->broker_degraded))
        json_array_append_new(degraded, json_string("broker"));
    response_json(
        response, ready ? 200 : 503,
        json_pack("{s:s, s:o}", "status", ready ? "ready" : "not-ready", "degraded", degraded));
}

static void encode_metrics(const void *state, struct response *response)
{
    response->status = 200;
    response->content_type = "text/plain; version=0.0.4";
    metrics_render(((const struct admin_state *)state)->admin->metrics, &response->body);
}

static const struct route routes[] = {
    { GET, "/healthz", ANYONE, 0, LANE_INLINE, sizeof(struct admin_state), NULL, take_admin,
      encode_alive, NULL },
    { GET, "/readyz", ANYONE, 0, LANE_INLINE, sizeof(struct admin_state), NULL, take_admin,
      encode_ready, NULL },
    { GET, "/metrics", ANYONE, 0, LANE_INLINE, sizeof(struct admin_state), NULL, take_admin,
      encode_metrics, NULL },
};

struct admin *admin_open(const char *bind_address, uint16_t port, struct health *health,
                         struct metrics *metrics, struct error *err)
{
    struct admin *admin = calloc(1, sizeof *admin);
    if (!admin) {
        error_set(err, ERR_NO_MEMORY, 0, "admin listener");
        return NULL;
    }
    struct http_options options = http_defaults;
    options.bind_address = bind_address;
    options.port = port;
    options.threads = 1;
    options.connections_max = ADMIN_CONNECTIONS;
    options.routes = routes;
    options.route_count = sizeof routes / sizeof *routes;
    options.service = admin;
    *admin = (struct admin){ .health = health, .metrics = metrics };
    admin->server = http_server_open(&options, err);
    if (!admin->server) {
        free(admin);
        return NULL;
    }
    return admin;
}

uint16_t admin_port(const struct admin *admin)
{
    return http_server_port(admin->server);
}

void admin_close(struct admin *admin)
{
    if (!admin)
        return;
    http_server_close(admin->server, SECOND_MS);
    free(admin);
}
