/* Series are made when first used and found by three indices from then on, without a lock. */
#include "http/observe.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "http/exchange.h"

/* What we and the library answer with; any other is counted too, only slower. */
static const int statuses[] = { 200, 201, 202, 204, 400, 401, 403, 404, 405, 408, 409,
                                410, 412, 413, 415, 422, 429, 431, 500, 503, 0 };

static const char *const methods[] = { "GET",    "HEAD",    "POST",  "PUT",     "PATCH",
                                       "DELETE", "OPTIONS", "TRACE", "CONNECT", "other" };

enum {
    STATUSES = sizeof statuses / sizeof *statuses,
    METHOD_LABELS = sizeof methods / sizeof *methods,
};

/* Seconds; orders take 1 to 10 ms, a password 20 to 100, a store that is away 5 s. */
static const double duration_bounds[] = { 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                          0.1,    0.25,  0.5,    1,     2.5,  5,     10 };

static const char *const requests_name = "http_requests_total";
static const char *const requests_help = "Requests answered; status 0: the client left before.";

/* Of one route; the last one is for what matches none. */
struct route_series {
    const char *label;
    struct histogram *duration;
    _Atomic(struct counter *) requests[METHOD_LABELS][STATUSES];
};

struct observer {
    const struct http_options *options;
    struct route_series *routes;
};

int64_t observe_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static bool make_durations(struct observer *observer, struct error *err)
{
    const struct http_options *options = observer->options;
    char label[128];

    for (size_t i = 0; options->metrics && i <= options->route_count; i++) {
        struct route_series *series = &observer->routes[i];
        snprintf(label, sizeof label, "route=\"%s\"", series->label);
        series->duration = metrics_histogram(options->metrics, "http_request_duration_seconds",
                                             "From the request line to the answer's last byte.",
                                             label, duration_bounds,
                                             sizeof duration_bounds / sizeof *duration_bounds, err);
        if (!series->duration)
            return false;
    }
    return true;
}

struct observer *observer_open(const struct http_options *options, struct error *err)
{
    struct observer *observer = calloc(1, sizeof *observer);
    struct route_series *routes = calloc(options->route_count + 1, sizeof *routes);
    if (!observer || !routes) {
        free(observer);
        free(routes);
        error_set(err, ERR_NO_MEMORY, 0, "request metrics");
        return NULL;
    }
    *observer = (struct observer){ options, routes };
    for (size_t i = 0; i < options->route_count; i++)
        routes[i].label = options->routes[i].path;
    routes[options->route_count].label = "unmatched";
    if (!make_durations(observer, err)) {
        observer_close(observer);
        return NULL;
    }
    return observer;
}

void observer_close(struct observer *observer)
{
    if (!observer)
        return;
    free(observer->routes);
    free(observer);
}

static size_t method_index(struct slice method)
{
    size_t i = 0;
    while (i < METHOD_LABELS - 1 && !(method.length == strlen(methods[i]) &&
                                      memcmp(method.text, methods[i], method.length) == 0))
        i++;
    return i;
}

static struct counter *make_counter(const struct observer *observer,
                                    const struct route_series *series, size_t method, int status)
{
    char labels[192];

    snprintf(labels, sizeof labels, "route=\"%s\",method=\"%s\",status=\"%d\"", series->label,
             methods[method], status);
    return metrics_counter(observer->options->metrics, requests_name, requests_help, labels, NULL);
}

static struct counter *find_counter(const struct observer *observer, struct route_series *series,
                                    size_t method, int status)
{
    size_t slot = 0;
    while (slot < STATUSES && statuses[slot] != status)
        slot++;
    if (slot == STATUSES)
        return make_counter(observer, series, method, status);

    struct counter *counter = atomic_load(&series->requests[method][slot]);
    if (!counter) {
        counter = make_counter(observer, series, method, status);
        atomic_store(&series->requests[method][slot], counter);
    }
    return counter;
}

static void write_line(const struct exchange *exchange, const struct route_series *series,
                       const char *method, int status, int64_t duration_us)
{
    const struct request *request = &exchange->request;
    const bool known = request->caller.expires_at != 0;
    const struct id_text user = id_format(&request->caller.user_id);

    log_info("request", LOG_TEXT("method", method), LOG_TEXT("route", series->label),
             LOG_TEXT("path", request->target.path.text), LOG_INT("status", status),
             LOG_INT("duration_us", duration_us),
             LOG_TEXT("correlation_id", request->correlation_id),
             LOG_TEXT("traceparent", request->traceparent.text),
             LOG_TEXT("user_id", known ? user.hex : ""), LOG_TEXT("peer", request->peer));
}

void observe(struct observer *observer, const struct exchange *exchange, int status)
{
    const struct http_options *options = observer->options;
    const struct route *route = exchange->match.route;
    struct route_series *series =
        &observer->routes[route ? (size_t)(route - options->routes) : options->route_count];
    const size_t method = method_index(exchange->request.head.method);
    const int64_t duration_us = observe_now_us() - exchange->started_us;

    if (options->metrics) {
        counter_add(find_counter(observer, series, method, status), 1);
        histogram_observe(series->duration, (double)duration_us / 1e6);
    }
    if (options->access_log && log_wants(LOG_INFO))
        write_line(exchange, series, methods[method], status, duration_us);
}
