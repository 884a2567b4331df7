/* The second listener, never behind the ingress: /healthz, /readyz, /metrics. */
#ifndef HTTP_ADMIN_H
#define HTTP_ADMIN_H

#include <stdint.h>
#include "base/error.h"
#include "http/server.h"
#include "obs/health.h"
#include "obs/metrics.h"

struct admin; /* owns a small http_server of its own */

/* `health` and `metrics` are borrowed until admin_close(). NULL: as http_server_open(). */
struct admin *admin_open(const char *bind_address, uint16_t port, struct health *health,
                         struct metrics *metrics, struct error *err) MUST_USE;
uint16_t admin_port(const struct admin *admin);
void admin_close(struct admin *admin);
AUTO_DEFINE(admin, struct admin *, admin_close);

#endif
