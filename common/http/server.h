/* The HTTP server: sockets, gate, router, token check, lanes, answers, deadlines, stopping.
 *
 * The way of a request: gate (one well-formed request?) -> router -> token and role -> body size
 * and type -> decode -> lane (the connection is suspended) -> authorize -> run -> encode -> resume
 * -> access log and metrics. libmicrohttpd (epoll, thread pool) lives here only. */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include <stdint.h>
#include "auth/keys.h"
#include "auth/token.h"
#include "base/clock.h"
#include "base/random.h"
#include "http/proxies.h"
#include "http/route.h"
#include "lane/lane.h"
#include "obs/metrics.h"

struct http_options {
    const char *bind_address; /* IPv4 or IPv6 literal */
    uint16_t port;            /* 0: a free one, see http_server_port() */
    unsigned threads;
    unsigned connections_max; /* more get 503 and are closed */
    int64_t header_ms;  /* absolute, from the first byte a request may send to its blank line */
    int64_t body_ms;    /* absolute, from there to the body's end */
    int64_t request_ms; /* absolute, from the first byte to the answer's last */
    bool no_store;      /* Cache-Control: no-store on every answer that says nothing of its own:
                         * tokens and accounts */
    bool access_log;
    struct proxies trusted_proxies; /* see request_source() */

    const struct route *routes;
    size_t route_count;
    const struct lane_options *lanes; /* routes name them by index */
    size_t lane_count;
    void *service; /* given to run and authorize; borrowed */

    struct key_ring *keys; /* NULL: no route asks for a token */
    struct token_rules token_rules;
    /* A second look at the caller on the lane's thread, where the store may be asked: sets
     * response.problem's type through `problem` on false, may change the caller's role. NULL: the
     * token alone decides. With it, a request's own faults are told only to whom it lets in. */
    bool (*authorize)(void *service, struct caller *caller, struct problem *problem);

    const struct clock *clock;
    const struct random *random;
    struct metrics *metrics; /* NULL: nothing is counted */
};

/* Reasons stand in http/server.c. */
extern const struct http_options http_defaults;

struct http_server;

/* Listens and serves. `options` is copied, what it points to is borrowed until the server is
 * closed. NULL: ERR_SYSTEM (address in use, …), ERR_CONFIG (a bad address), ERR_NO_MEMORY. */
struct http_server *http_server_open(const struct http_options *options, struct error *err)
    MUST_USE;

uint16_t http_server_port(const struct http_server *server);

/* Stopping, step by step (architecture.md); each returns once it is done.
 * 1. From now on each answer carries Connection: close; requests are still served. */
void http_server_drain(struct http_server *server);
/* 2. Closes the listening socket; connections go on. */
void http_server_quiesce(struct http_server *server);
/* 3.-6. Waits up to `deadline_ms` until every open request has its answer and it is sent; then
 * queued jobs get 503 not-accepted, running ones 503 outcome-unknown (their own answer is dropped);
 * stops the daemon, closes the lanes, frees. NULL is fine. */
void http_server_close(struct http_server *server, int64_t deadline_ms);

#endif
