/* An answer is the route's response or a problem; which one is decided here, last. */
#include "http/respond.h"

#include <microhttpd.h>
#include <stdio.h>
#include <string.h>

#include "http/server_parts.h"
#include "json/encode.h"

enum { RETRY_AFTER_S = 1 }; /* a queue of ours is dry within a second, or the store is away */

void problem_write(const struct problem *problem, const char *correlation_id, struct buffer *out)
{
    const struct problem_kind *kind = problem_kind(problem->type);
    char type[64];

    snprintf(type, sizeof type, "/problems/%s", kind->slug);
    json_write(out, json_pack("{s:s, s:s, s:i, s:s*, s:s, s:b, s:O*}", "type", type, "title",
                              kind->title, "status", kind->status, "detail", problem->detail,
                              "instance", correlation_id, "retryable", (int)kind->retryable,
                              "errors", problem->faults.list));
}

/* Whether the route could have written something that we cannot tell of any more. */
static enum problem_type lost_answer(const struct exchange *exchange)
{
    return exchange->match.route->method == GET ? PROBLEM_NOT_ACCEPTED : PROBLEM_OUTCOME_UNKNOWN;
}

static const char *const lost_details[] = {
    "The server could not answer in time. Send the same again for the answer.",
    "The server ran short of memory for its answer. Send the same again.",
};

/* The problem that is the answer, or PROBLEM_NONE. Faults stay the exchange's. */
static struct problem problem_of(struct exchange *exchange)
{
    if (atomic_load(&exchange->outcome) == OUTCOME_GIVEN_UP)
        return (struct problem){ .type = lost_answer(exchange), .detail = lost_details[0] };
    const struct problem *problem =
        exchange->problem.type != PROBLEM_NONE ? &exchange->problem : &exchange->response.problem;
    if (problem->type != PROBLEM_NONE) {
        if (problem->faults.no_memory)
            return (struct problem){ .type = PROBLEM_NOT_ACCEPTED, .detail = lost_details[1] };
        return *problem;
    }
    if (exchange->response.body.failed)
        return (struct problem){ .type = lost_answer(exchange), .detail = lost_details[1] };
    return (struct problem){ 0 };
}

static bool add(struct MHD_Response *out, const char *name, const char *value)
{
    return MHD_add_response_header(out, name, value) == MHD_YES;
}

static bool add_retry_after(struct MHD_Response *out, unsigned seconds)
{
    char text[16];

    snprintf(text, sizeof text, "%u", seconds);
    return add(out, MHD_HTTP_HEADER_RETRY_AFTER, text);
}

static bool add_problem_headers(struct exchange *exchange, const struct problem *problem,
                                struct MHD_Response *out)
{
    switch (problem_kind(problem->type)->status) {
    case 401:
        return add(out, MHD_HTTP_HEADER_WWW_AUTHENTICATE,
                   problem->type == PROBLEM_INVALID_TOKEN && !exchange->asks_token
                       ? "Bearer realm=\"arch.homework\", error=\"invalid_token\""
                       : "Bearer realm=\"arch.homework\"");
    case 405:
        return add(out, MHD_HTTP_HEADER_ALLOW, exchange->match.allow);
    case 415: /* RFC 9110 section 12.5.3 */
        return problem->type != PROBLEM_UNSUPPORTED_CODING ||
               add(out, MHD_HTTP_HEADER_ACCEPT_ENCODING, "identity");
    case 429:
    case 503:
        return add_retry_after(out, problem->retry_after ? problem->retry_after : RETRY_AFTER_S);
    default:
        return true;
    }
}

static bool add_response_headers(const struct response *response, struct MHD_Response *out)
{
    bool good = true;

    for (size_t i = 0; i < response->header_count; i++)
        good &= add(out, response->headers[i].name, response->headers[i].value);
    if (response->body.length > 0)
        good &= add(out, MHD_HTTP_HEADER_CONTENT_TYPE,
                    response->content_type ? response->content_type : "application/json");
    if (response->status == 503) /* as /readyz answers it */
        good &= add_retry_after(out, RETRY_AFTER_S);
    return good;
}

static bool add_common_headers(struct exchange *exchange, struct MHD_Response *out)
{
    struct http_server *server = exchange->server;
    bool good = add(out, "X-Request-Id", exchange->request.correlation_id);

    if (server->options.no_store && !MHD_get_response_header(out, MHD_HTTP_HEADER_CACHE_CONTROL))
        good &= add(out, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    if (exchange->close || atomic_load_explicit(&server->draining, memory_order_relaxed))
        good &= add(out, MHD_HTTP_HEADER_CONNECTION, "close");
    return good;
}

/* The bytes stay the exchange's, which outlives the library's use of them. */
static struct MHD_Response *wrap(const struct buffer *body)
{
    static char nothing[1];
    const bool any = body->length > 0 && !body->failed;

    return MHD_create_response_from_buffer(any ? body->length : 0, any ? body->data : nothing,
                                           MHD_RESPMEM_PERSISTENT);
}

static bool queue(struct exchange *exchange, struct MHD_Response *out)
{
    const bool good = add_common_headers(exchange, out) &&
                      MHD_queue_response(exchange->mhd, (unsigned)exchange->status, out) == MHD_YES;
    MHD_destroy_response(out);
    return good;
}

static bool respond_problem(struct exchange *exchange, const struct problem *problem)
{
    exchange->status = problem_kind(problem->type)->status;
    problem_write(problem, exchange->request.correlation_id, &exchange->text);
    struct MHD_Response *out = wrap(&exchange->text);
    if (!out)
        return false;
    if (!add_problem_headers(exchange, problem, out) ||
        !add(out, MHD_HTTP_HEADER_CONTENT_TYPE, "application/problem+json")) {
        MHD_destroy_response(out);
        return false;
    }
    return queue(exchange, out);
}

bool respond(struct exchange *exchange)
{
    const struct problem problem = problem_of(exchange);
    if (problem.type != PROBLEM_NONE)
        return respond_problem(exchange, &problem);

    exchange->status = exchange->response.status;
    struct MHD_Response *out = wrap(&exchange->response.body);
    if (!out)
        return false;
    if (!add_response_headers(&exchange->response, out)) {
        MHD_destroy_response(out);
        return false;
    }
    return queue(exchange, out);
}
