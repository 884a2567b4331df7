/* A server with a few routes over a service that does nothing but count, and wait at a gate. */
#ifndef UNIT_COMMON_HTTP_TOY_SERVER_H
#define UNIT_COMMON_HTTP_TOY_SERVER_H

#include "unit/common/http/wire.h"

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>

#include "http/server.h"

enum { TOY_LANE, TOY_GATED, TOY_LANES };

enum { TOY_GATED_QUEUE = 2 };

#define TOY_JSON "Host: toy\r\nContent-Type: application/json\r\n"
#define TOY_GET(path)                                                                              \
    "GET " path " HTTP/1.1\r\nHost: toy\r\n"                                                       \
    "\r\n"

struct toy {
    struct http_server *server;
    struct metrics *metrics;
    struct key_ring *keys;
    struct http_options options;
    struct lane_options lanes[TOY_LANES];

    pthread_mutex_t mutex;
    pthread_cond_t opened;
    bool shut; /* the gate of the gated lane */
    atomic_int at_gate, ran, decoded, released;
    _Atomic size_t largest_batch;

    /* What authorize says, and how often it was asked. */
    atomic_int authorized;
    bool refuses;
    enum role role;
};

struct toy_state {
    size_t body_bytes;
    struct id id;
    bool has_id;
    char *held; /* freed by release */
};

static struct toy *toy_of_release; /* release gets no service */

static inline void toy_release(void *state)
{
    free(((struct toy_state *)state)->held);
    atomic_fetch_add(&toy_of_release->released, 1);
}

static inline bool toy_decode(const struct request *request, void *state, struct problem *problem)
{
    struct toy_state *toy = state;
    const struct slice trimmed = request_header(request, "X-Trimmed", NULL);
    size_t bad;

    (void)request_query(request, "bad", &bad);
    /* Text from a client ends in a NUL, also where blanks stood behind it. */
    bad += trimmed.text && trimmed.text[trimmed.length] != '\0';
    atomic_fetch_add(&toy_of_release->decoded, 1);
    toy->body_bytes = request_body(request).length;
    toy->held = malloc(1);
    return bad == 0 || problem_set(problem, PROBLEM_INVALID_REQUEST, "Be good.");
}

static inline bool toy_decode_id(const struct request *request, void *state,
                                 struct problem *problem)
{
    struct toy_state *toy = state;

    toy->id = request_id_parameter(request);
    toy->has_id = true;
    return toy_decode(request, state, problem);
}

static inline void toy_run(void *service, void *const states[], size_t count)
{
    struct toy *toy = service;

    (void)states;
    atomic_fetch_add(&toy->ran, (int)count);
    if (count > atomic_load(&toy->largest_batch))
        atomic_store(&toy->largest_batch, count);
}

static inline void toy_run_gated(void *service, void *const states[], size_t count)
{
    struct toy *toy = service;

    pthread_mutex_lock(&toy->mutex);
    atomic_fetch_add(&toy->at_gate, 1);
    while (toy->shut)
        pthread_cond_wait(&toy->opened, &toy->mutex);
    pthread_mutex_unlock(&toy->mutex);
    toy_run(service, states, count);
}

static inline void toy_encode(const void *state, struct response *response)
{
    const struct toy_state *toy = state;
    const struct id_text id = id_format(&toy->id);

    response_header(response, "ETag", "\"7\"");
    response_json(
        response, 200,
        json_pack("{s:i, s:s}", "bytes", (int)toy->body_bytes, "id", toy->has_id ? id.hex : ""));
}

static inline void toy_encode_nothing(const void *state, struct response *response)
{
    (void)state;
    response->status = 204;
}

static inline void toy_encode_failed(const void *state, struct response *response)
{
    (void)state;
    response_json(response, 201, NULL); /* as when memory is short */
}

static inline void toy_encode_throttled(const void *state, struct response *response)
{
    (void)state;
    response_problem(response, PROBLEM_THROTTLED, "Wait.");
    response->problem.retry_after = 900;
}

static inline void toy_encode_kept(const void *state, struct response *response)
{
    toy_encode(state, response);
    response_header(response, "Cache-Control", "public, max-age=300");
}

static inline bool toy_authorize(void *service, struct caller *caller, struct problem *problem)
{
    struct toy *toy = service;

    atomic_fetch_add(&toy->authorized, 1);
    caller->role = toy->role;
    return !toy->refuses || problem_set(problem, PROBLEM_INVALID_TOKEN, "Your session has ended.");
}

#define TOY_ROUTE(method, path, who, body, lane, decode, run, encode)                              \
    {                                                                                              \
        method, path, who, body, lane, sizeof(struct toy_state), decode, run, encode, toy_release  \
    }

static const struct route toy_routes[] = {
    TOY_ROUTE(GET, "/now", ANYONE, 0, LANE_INLINE, toy_decode, toy_run, toy_encode),
    TOY_ROUTE(GET, "/things", ANYONE, 0, TOY_LANE, toy_decode, toy_run, toy_encode),
    TOY_ROUTE(POST, "/things", ANYONE, 16 * KIB, TOY_LANE, toy_decode, toy_run, toy_encode),
    TOY_ROUTE(GET, "/things/{id}", ANYONE, 0, TOY_LANE, toy_decode_id, toy_run, toy_encode),
    TOY_ROUTE(DELETE, "/things/{id}", ANYONE, 0, TOY_LANE, toy_decode_id, toy_run,
              toy_encode_nothing),
    TOY_ROUTE(GET, "/gated", ANYONE, 0, TOY_GATED, toy_decode, toy_run_gated, toy_encode),
    TOY_ROUTE(POST, "/gated", ANYONE, 16 * KIB, TOY_GATED, toy_decode, toy_run_gated, toy_encode),
    TOY_ROUTE(GET, "/mine", BEARER, 0, TOY_LANE, toy_decode, toy_run, toy_encode),
    TOY_ROUTE(POST, "/mine", BEARER, 16 * KIB, TOY_LANE, toy_decode, toy_run, toy_encode),
    TOY_ROUTE(GET, "/admin", ADMIN, 0, TOY_LANE, toy_decode, toy_run, toy_encode),
    TOY_ROUTE(GET, "/lost", ANYONE, 0, TOY_LANE, toy_decode, toy_run, toy_encode_failed),
    TOY_ROUTE(POST, "/lost", ANYONE, 16 * KIB, TOY_LANE, toy_decode, toy_run, toy_encode_failed),
    TOY_ROUTE(GET, "/throttled", ANYONE, 0, LANE_INLINE, toy_decode, toy_run, toy_encode_throttled),
    TOY_ROUTE(GET, "/kept", ANYONE, 0, LANE_INLINE, toy_decode, toy_run, toy_encode_kept),
};

/* Ready to be opened; a test changes options in between. */
static inline void toy_init(struct toy *toy)
{
    static const struct key_source source = { .secret = "toy-secret-of-more-than-32-bytes!" };
    struct error err = { 0 };

    assert_true(sodium_init() >= 0);
    memset(toy, 0, sizeof *toy);
    toy_of_release = toy;
    pthread_mutex_init(&toy->mutex, NULL);
    pthread_cond_init(&toy->opened, NULL);
    toy->lanes[TOY_LANE] = (struct lane_options){
        .name = "lane", .threads = 2, .queue_max = 4096, .batch_max = 64, .deadline_ms = 10000
    };
    toy->lanes[TOY_GATED] = (struct lane_options){ .name = "gated",
                                                   .threads = 1,
                                                   .queue_max = TOY_GATED_QUEUE,
                                                   .batch_max = 1,
                                                   .deadline_ms = 10000 };
    toy->metrics = metrics_new(&err);
    toy->keys = key_ring_open(&source, &err);
    assert_non_null(toy->metrics);
    assert_non_null(toy->keys);
    toy->options = http_defaults;
    toy->options.routes = toy_routes;
    toy->options.route_count = sizeof toy_routes / sizeof *toy_routes;
    toy->options.lanes = toy->lanes;
    toy->options.lane_count = TOY_LANES;
    toy->options.service = toy;
    toy->options.keys = toy->keys;
    toy->options.token_rules = (struct token_rules){ "toy", "toys", 3600 };
    toy->options.metrics = toy->metrics;
}

static inline void toy_open(struct toy *toy)
{
    struct error err = { 0 };

    toy->server = http_server_open(&toy->options, &err);
    if (!toy->server)
        print_error("%s\n", err.detail);
    assert_non_null(toy->server);
}

static inline void toy_shut_gate(struct toy *toy, bool shut)
{
    pthread_mutex_lock(&toy->mutex);
    toy->shut = shut;
    pthread_cond_broadcast(&toy->opened);
    pthread_mutex_unlock(&toy->mutex);
}

static inline void toy_done(struct toy *toy)
{
    key_ring_close(toy->keys);
    metrics_free(toy->metrics);
    pthread_cond_destroy(&toy->opened);
    pthread_mutex_destroy(&toy->mutex);
}

static inline void toy_close(struct toy *toy)
{
    http_server_close(toy->server, WIRE_PATIENCE_MS);
    toy_done(toy);
}

static inline void toy_connect(const struct toy *toy, struct client *client)
{
    wire_open(client, http_server_port(toy->server));
}

/* "Authorization: Bearer …\r\n" of a caller with that role. */
static inline const char *toy_bearer(const struct toy *toy, enum role role)
{
    static char header[1024];
    struct error err = { 0 };
    AUTO(buffer) struct buffer token = { 0 };
    AUTO(key_set) const struct key_set *keys = key_ring_take(toy->keys);
    const struct caller caller = { .user_id = { { 1 } }, .session_id = { { 2 } }, .role = role };

    assert_true(token_issue(keys, &toy->options.token_rules,
                            clock_wall_ms(&system_clock) / SECOND_MS, &caller, &token, &err));
    snprintf(header, sizeof header, "Authorization: Bearer %s\r\n", token.data);
    return header;
}

/* Sends one request on a connection of its own, reads the answer, and sees whether the connection
 * was kept. */
static inline bool toy_ask(const struct toy *toy, const char *request, size_t length,
                           struct answer *answer)
{
    static struct client client;

    toy_connect(toy, &client);
    (void)wire_send_bytes(&client, request, length);
    wire_read_any(&client, answer, strncmp(request, "HEAD", 4) == 0);
    const char *connection = wire_header(answer, "Connection");
    const bool kept = answer->status != 0 && !(connection && strcasecmp(connection, "close") == 0);
    if (kept) {
        wire_send(&client, TOY_GET("/now"));
        wire_expect(&client, 200);
    } else if (answer->status != 0) {
        while (wire_fill(&client)) /* the library may say it twice */
            client.length = 0;
    }
    wire_close(&client);
    return kept;
}

#endif
