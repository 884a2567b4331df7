/* The steps of one request, on the connection's thread. */
#include "http/exchange.h"

#include <assert.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "http/judge.h"
#include "http/raw_answer.h"
#include "http/respond.h"
#include "http/server_parts.h"

enum {
    /* A body whose answer is known already is read off the wire up to this size, so that the
     * connection can be kept; a client that has more to send is cut off. */
    DISCARD_MAX = 64 * KIB,
};

static const char *const short_of_memory = "The server is short of memory. Try again.";

struct exchange *exchange_open(struct http_server *server, struct connection *connection,
                               struct MHD_Connection *mhd, const char *raw)
{
    /* Not all of it needs to be zero: the big arrays inside have counts. */
    struct exchange *exchange = malloc(sizeof *exchange);
    if (!exchange)
        return NULL;

    exchange->request.head.method = (struct slice){ "", 0 };
    exchange->request.head.count = 0;
    exchange->request.framing = (struct body_framing){ 0 };
    exchange->request.caller = (struct caller){ 0 };
    exchange->request.traceparent.text[0] = '\0';
    exchange->request.correlation_id[0] = '\0';
    exchange->request.peer = connection->peer;
    exchange->request.source.text[0] = '\0';
    exchange->request.body = (struct slice){ "", 0 };
    exchange->response.status = 0;
    exchange->response.content_type = NULL;
    exchange->response.body = (struct buffer){ 0 };
    exchange->response.header_count = 0;
    exchange->response.problem = (struct problem){ 0 };
    memset((char *)exchange + offsetof(struct exchange, stage), 0,
           offsetof(struct exchange, response) - offsetof(struct exchange, stage));
    exchange->text = (struct buffer){ 0 };
    exchange->status = 0;
    exchange->server = server;
    exchange->connection = connection;
    exchange->mhd = mhd;
    exchange->fd = connection->fd;
    atomic_init(&exchange->references, 1);
    atomic_init(&exchange->outcome, OUTCOME_NONE);
    exchange->started_us = observe_now_us();
    exchange->raw = raw;
    exchange->raw_end = raw + strlen(raw);
    exchange->target = target_parse(raw, &exchange->request.target);
    return exchange;
}

void exchange_release(struct exchange *exchange)
{
    if (atomic_fetch_sub(&exchange->references, 1) > 1)
        return;
    if (exchange->state && exchange->match.route->release)
        exchange->match.route->release(exchange->state);
    free(exchange->state);
    target_done(&exchange->request.target);
    /* It may hold a password or a token. */
    if (exchange->body.data)
        explicit_bzero(exchange->body.data, exchange->body.length);
    buffer_done(&exchange->body);
    problem_done(&exchange->problem);
    response_done(&exchange->response);
    buffer_done(&exchange->text);
    free(exchange);
}

bool exchange_needs_authorize(const struct exchange *exchange)
{
    const struct route *route = exchange->match.route;
    return route && route->who != ANYONE && exchange->server->options.authorize;
}

/* A header too many is left out; the caller sees that by the count. */
static enum MHD_Result collect_header(void *context, enum MHD_ValueKind kind, const char *key,
                                      size_t key_size, const char *value, size_t value_size)
{
    struct head *head = context;

    (void)kind;
    if (head->count < HEADERS_MAX)
        head->headers[head->count] =
            (struct header){ { key, key_size }, { value ? value : key + key_size, value_size } };
    head->count++;
    return MHD_YES;
}

/* The library leaves blanks at a value's end, so a trimmed value lacks its NUL. The memory is its
 * own, for reading and writing, as long as the request lives. */
static void terminate_values(struct head *head)
{
    for (size_t i = 0; i < head->count; i++) {
        const struct slice value = head->headers[i].value;
        if (value.text[value.length] != '\0')
            *(char *)(uintptr_t)(value.text + value.length) = '\0';
    }
}

/* 0: the library cannot tell. */
static size_t head_bytes(const struct exchange *exchange)
{
    const union MHD_ConnectionInfo *size =
        MHD_get_connection_info(exchange->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    return size ? size->header_size : 0;
}

/* libmicrohttpd below 0.9.77 reads lines as C strings and forgets how they ended, but leaves them
 * where they came in; newer ones are asked to be strict (server.c) and need no second look. */
static bool hides_nothing(const struct exchange *exchange)
{
#if MHD_VERSION < 0x00097701
    const struct head *head = &exchange->request.head;

    return head->method.text + head->method.length + 1 == exchange->raw &&
           exchange->raw_end + 1 == head->version.text &&
           gate_is_seamless(head, head->method.text, head_bytes(exchange));
#else
    (void)exchange;
    return true;
#endif
}

static const char *read_head(struct exchange *exchange, const char *method, const char *version)
{
    struct head *head = &exchange->request.head;

    head->method = (struct slice){ method, strlen(method) };
    head->version = (struct slice){ version, strlen(version) };
    MHD_get_connection_values_n(exchange->mhd, MHD_HEADER_KIND, collect_header, head);
    if (head->count > HEADERS_MAX) {
        head->count = HEADERS_MAX;
        return "Send fewer headers.";
    }
    if (head_bytes(exchange) > HEAD_BYTES_MAX)
        return "Send at most 32 KiB of request line and headers.";
    if (!hides_nothing(exchange))
        return "A header line holds a NUL, is folded, or does not end in CR LF.";
    const char *fault = gate_check(head, &exchange->request.framing);
    terminate_values(head);
    return fault;
}

static bool answer_now(struct exchange *exchange)
{
    exchange->stage = STAGE_ANSWERED;
    return connection_enter(&exchange->server->connections, exchange->connection, PHASE_ANSWER) &&
           respond(exchange);
}

/* Whoever comes first ends the wait, and resumes the connection; the server does not stop between
 * the two. */
static bool end_wait(struct exchange *exchange, enum outcome outcome)
{
    struct http_server *server = exchange->server;
    enum outcome open = OUTCOME_OPEN;

    atomic_fetch_add(&server->resuming, 1);
    const bool first = atomic_compare_exchange_strong(&exchange->outcome, &open, outcome);
    if (first)
        MHD_resume_connection(exchange->mhd);
    atomic_fetch_sub(&server->resuming, 1);
    return first;
}

static void finish_job(struct job *job, enum job_end end)
{
    struct exchange *exchange = exchange_of(job);

    if (end != JOB_RAN)
        problem_set(&exchange->problem, PROBLEM_NOT_ACCEPTED,
                    "The server is too busy, and nothing was done. Try again.");
    (void)end_wait(exchange, OUTCOME_FINISHED);
    exchange_release(exchange);
}

bool exchange_give_up(struct exchange *exchange)
{
    return end_wait(exchange, OUTCOME_GIVEN_UP);
}

/* Reserve, suspend, push: else a resume could come before its suspend. */
static bool wait_in_lane(struct exchange *exchange)
{
    struct http_server *server = exchange->server;
    struct lane *lane = server->lanes[exchange->match.route->lane];

    if (!lane_reserve(lane)) {
        problem_set(&exchange->problem, PROBLEM_NOT_ACCEPTED,
                    "The server is too busy, and nothing was done. Try again.");
        return answer_now(exchange);
    }
    if (!connection_enter(&server->connections, exchange->connection, PHASE_ANSWER)) {
        lane_release(lane);
        return false;
    }
    exchange->stage = STAGE_WAITING;
    exchange->job.finish = finish_job;
    exchange->queued_ms = clock_monotonic_ms(server->options.clock);
    atomic_fetch_add(&exchange->references, 1);
    MHD_suspend_connection(exchange->mhd);
    atomic_store(&exchange->outcome, OUTCOME_OPEN);
    lane_push(lane, &exchange->job);
    return true;
}

static bool make_state(struct exchange *exchange)
{
    const struct route *route = exchange->match.route;

    if (route->state_bytes == 0)
        return true;
    exchange->state = calloc(1, route->state_bytes);
    return exchange->state ||
           problem_set(&exchange->problem, PROBLEM_NOT_ACCEPTED, short_of_memory);
}

static bool decode(struct exchange *exchange)
{
    const struct route *route = exchange->match.route;

    exchange->request.body =
        (struct slice){ exchange->body.data ? exchange->body.data : "", exchange->body.length };
    if (exchange->body.failed)
        return problem_set(&exchange->problem, PROBLEM_NOT_ACCEPTED, short_of_memory);
    if (exchange->request.target.query_malformed)
        return problem_set(&exchange->problem, PROBLEM_INVALID_REQUEST,
                           "The query is not well-formed: mend its percent-encoding.");
    return make_state(exchange) &&
           (!route->decode ||
            route->decode(&exchange->request, exchange->state, &exchange->problem));
}

static bool run_inline(struct exchange *exchange)
{
    const struct route *route = exchange->match.route;

    if (route->run)
        route->run(exchange->server->options.service, &exchange->state, 1);
    route->encode(exchange->state, &exchange->response);
    return answer_now(exchange);
}

/* The request is whole, or as whole as we want it. A problem of the request itself is held back
 * until authorize let the caller in. */
static bool dispatch(struct exchange *exchange)
{
    const bool good = exchange->problem.type == PROBLEM_NONE && decode(exchange);
    const bool known_caller = exchange->problem.type != PROBLEM_INVALID_TOKEN;

    if (!good && !(known_caller && exchange_needs_authorize(exchange) &&
                   exchange->problem.type != PROBLEM_NOT_ACCEPTED))
        return answer_now(exchange);
    if (exchange->match.route->lane == LANE_INLINE)
        return run_inline(exchange);
    return wait_in_lane(exchange);
}

/* Whether the rest of the request is worth reading, its answer being known: only if it is small,
 * and the client does not wait to be told to go on. */
static bool is_worth_reading(const struct exchange *exchange)
{
    const struct body_framing *framing = &exchange->request.framing;
    size_t expects;

    (void)request_header(&exchange->request, "Expect", &expects);
    return !exchange->close &&
           (framing->framing == FRAMING_NONE ||
            (framing->framing == FRAMING_LENGTH && framing->length <= DISCARD_MAX && expects == 0));
}

bool exchange_head(struct exchange *exchange, const char *method, const char *version)
{
    const char *fault = read_head(exchange, method, version);

    request_identify(&exchange->request, exchange->server->options.random);
    if (fault) {
        exchange->close = true;
        problem_set(&exchange->problem, PROBLEM_MALFORMED_REQUEST, fault);
    } else {
        request_take_trace(&exchange->request);
        request_take_source(&exchange->request, &exchange->server->options.trusted_proxies);
        exchange->discard = !judge_head(exchange);
    }
    exchange->stage = STAGE_BODY;
    if (exchange->problem.type == PROBLEM_NONE || is_worth_reading(exchange))
        return connection_enter(&exchange->server->connections, exchange->connection, PHASE_BODY);

    /* Answered in the first call, a connection is closed and the rest never parsed. */
    exchange->close = true;
    connection_linger(exchange->connection);
    return dispatch(exchange);
}

/* The library takes no answer while a body comes in. */
static bool cut_off(struct exchange *exchange)
{
    if (!connection_enter(&exchange->server->connections, exchange->connection, PHASE_ANSWER))
        return false;
    exchange->status = problem_kind(exchange->problem.type)->status;
    connection_linger(exchange->connection);
    raw_answer_send(exchange->fd, exchange->problem.type, exchange->problem.detail,
                    exchange->request.correlation_id);
    return false;
}

bool exchange_body(struct exchange *exchange, const char *bytes, size_t count)
{
    exchange->body_bytes += count;
    if (!exchange->discard && exchange->body_bytes > exchange->match.route->body_max) {
        exchange->discard = true;
        problem_set(&exchange->problem, PROBLEM_BODY_TOO_LARGE, "Send a smaller body.");
    }
    if (!exchange->discard)
        buffer_append(&exchange->body, bytes, count);
    return exchange->body_bytes <= DISCARD_MAX || cut_off(exchange);
}

bool exchange_whole(struct exchange *exchange)
{
    if (exchange->stage == STAGE_BODY)
        return dispatch(exchange);
    assert(exchange->stage == STAGE_WAITING);
    return answer_now(exchange);
}
