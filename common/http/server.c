/* A server's life: open in the order in which parts need each other, stop in the order of
 * architecture.md. */
#include "http/server.h"

#include <assert.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "http/daemon.h"
#include "http/exchange.h"
#include "http/listener.h"
#include "http/server_parts.h"
#include "http/work.h"

enum {
    /* Descriptors besides those of clients: stores, broker, log, and what libraries open. */
    OTHER_FILES = 128,
    CONNECTIONS_MIN = 16,
    POLL_MS = 5, /* how often closing looks whether requests are over */
    /* A request on its way to an open connection is not seen yet: as long as a busy host may take
     * to read it. */
    QUIET_MS = 50,
    FAREWELL_MS = 500, /* for the last answers to leave */
};

const struct http_options http_defaults = {
    .bind_address = "127.0.0.1", /* nothing is open to the network unless asked for */
    .port = 0,
    .threads = 2,                 /* two carry 33,000 requests/s */
    .connections_max = 10000,     /* each takes a descriptor and up to 16 KiB */
    .header_ms = 5 * SECOND_MS,   /* a slow mobile link sends a header in one */
    .body_ms = 10 * SECOND_MS,    /* 16 KiB at 2 KiB/s */
    .request_ms = 30 * SECOND_MS, /* longer than any store's timeouts together */
    .clock = &system_clock,
    .random = &system_random,
};

/* What the process may not hold is not promised to clients. */
static void fit_files(struct http_options *options)
{
    const uint64_t files = listener_raise_files();
    const uint64_t room =
        files > OTHER_FILES + CONNECTIONS_MIN ? files - OTHER_FILES : CONNECTIONS_MIN;
    if (options->connections_max <= room)
        return;
    log_warn("too few open files are allowed (ulimit -n); fewer connections",
             LOG_INT("files", files), LOG_INT("connections_asked", options->connections_max),
             LOG_INT("connections_max", room));
    options->connections_max = (unsigned)room;
}

/* What the program itself guarantees: a route's lane exists, a token can be checked, a store is
 * never asked on an HTTP thread. */
static void check_routes(const struct http_options *options)
{
    for (size_t i = 0; i < options->route_count; i++) {
        const struct route *route = &options->routes[i];
        assert(route->lane == LANE_INLINE ||
               (route->lane >= 0 && (size_t)route->lane < options->lane_count));
        assert(route->who == ANYONE || options->keys);
        assert(route->who == ANYONE || !options->authorize || route->lane != LANE_INLINE);
        assert(route->encode);
    }
    for (size_t i = 0; i < options->lane_count; i++)
        assert(options->lanes[i].batch_max <= WORK_BATCH_MAX);
}

static bool open_lanes(struct http_server *server, struct error *err)
{
    const struct http_options *options = &server->options;

    server->lanes = calloc(options->lane_count + 1, sizeof(struct lane *));
    if (!server->lanes)
        return error_set(err, ERR_NO_MEMORY, 0, "lanes");
    for (size_t i = 0; i < options->lane_count; i++) {
        server->lanes[i] = lane_open(&options->lanes[i], options->clock, options->metrics,
                                     work_on_batch, server, err);
        if (!server->lanes[i])
            return false;
        server->lanes_open++;
    }
    return true;
}

static void close_lanes(struct http_server *server)
{
    for (size_t i = 0; i < server->lanes_open; i++)
        lane_close(server->lanes[i]);
    free(server->lanes);
}

/* Whatever of it was opened. */
static void free_server(struct http_server *server)
{
    if (server->daemon)
        MHD_stop_daemon(server->daemon);
    keeper_close(server->keeper);
    close_lanes(server);
    observer_close(server->observer);
    pthread_mutex_destroy(&server->connections.mutex);
    free(server);
}

/* The listener last: nobody is accepted whom we cannot serve. */
static bool open_parts(struct http_server *server, struct error *err)
{
    struct http_options *options = &server->options;

    server->observer = observer_open(options, err);
    if (!server->observer || !open_lanes(server, err))
        return false;
    const int listener = listener_open(options->bind_address, &options->port, err);
    if (listener < 0)
        return false;
    server->daemon = daemon_start(server, err);
    if (!server->daemon) {
        close(listener);
        return false;
    }
    return keeper_open(server, listener, err);
}

struct http_server *http_server_open(const struct http_options *options, struct error *err)
{
    struct http_server *server = calloc(1, sizeof *server);
    if (!server) {
        error_set(err, ERR_NO_MEMORY, 0, "the HTTP server");
        return NULL;
    }
    check_routes(options);
    server->options = *options;
    fit_files(&server->options);
    server->connections = (struct connection_list){
        .mutex = PTHREAD_MUTEX_INITIALIZER,
        .deadlines = { options->header_ms, options->body_ms, options->request_ms },
        .clock = options->clock,
    };
    if (!open_parts(server, err)) {
        free_server(server);
        return NULL;
    }
    return server;
}

uint16_t http_server_port(const struct http_server *server)
{
    return server->options.port;
}

void http_server_drain(struct http_server *server)
{
    atomic_store(&server->draining, true);
}

void http_server_quiesce(struct http_server *server)
{
    keeper_quiesce(server->keeper);
}

/* Until no request has been open for a while, by the host's clock: a test's may stand still. */
static void await_requests(struct http_server *server, int64_t ms)
{
    const struct timespec pause = { .tv_nsec = POLL_MS * 1000000L };
    int64_t now_ms = clock_monotonic_ms(&system_clock), quiet_since_ms = now_ms;
    const int64_t until_ms = now_ms + ms;

    while (now_ms < until_ms && now_ms - quiet_since_ms < QUIET_MS) {
        nanosleep(&pause, NULL);
        now_ms = clock_monotonic_ms(&system_clock);
        if (connection_open_requests(&server->connections) > 0)
            quiet_since_ms = now_ms;
    }
}

/* A thread that has ended a wait and not resumed the connection yet, on a host too busy to let it
 * run: the daemon does not survive being stopped before. */
static void await_resumes(struct http_server *server)
{
    const struct timespec pause = { .tv_nsec = POLL_MS * 1000000L };

    while (atomic_load(&server->resuming) > 0)
        nanosleep(&pause, NULL);
}

void http_server_close(struct http_server *server, int64_t deadline_ms)
{
    if (!server)
        return;
    http_server_drain(server);
    http_server_quiesce(server);
    await_requests(server, deadline_ms);

    /* From here on nothing waits any more: queued jobs are refused, new ones too, and whose job
     * still runs is told that its outcome is unknown. So no connection is suspended when the daemon
     * stops, which it would not survive. */
    for (size_t i = 0; i < server->lanes_open; i++)
        lane_refuse(server->lanes[i]);
    connection_give_up_all(&server->connections, exchange_give_up);
    await_resumes(server);
    await_requests(server, FAREWELL_MS);
    free_server(server);
}
