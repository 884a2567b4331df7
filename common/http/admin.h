/* The second listener, never behind the ingress: /healthz, /readyz, /metrics. */
#ifndef HTTP_ADMIN_H
#define HTTP_ADMIN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/error.h"
#include "http/server.h"
#include "obs/metrics.h"

/* What the service knows of itself. Written by whoever knows, read by the admin listener. A later
 * outage does not make a service unready (all replicas would leave together): it is `degraded`. */
struct health {
    atomic_bool ready; /* settings and keys loaded, store reached and migrated once */
    atomic_bool draining;
    atomic_bool store_degraded;
    atomic_bool broker_degraded;
};

struct admin; /* owns a small http_server of its own */

/* `health` and `metrics` are borrowed until admin_close(). NULL: as http_server_open(). */
struct admin *admin_open(const char *bind_address, uint16_t port, struct health *health,
                         struct metrics *metrics, struct error *err) MUST_USE;
uint16_t admin_port(const struct admin *admin);
void admin_close(struct admin *admin);
AUTO_DEFINE(admin, struct admin *, admin_close);

#endif
