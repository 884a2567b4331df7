/* Checks on the HTTP thread: nothing here blocks or asks a store. */
#include "http/judge.h"

#include "base/log.h"
#include "http/bearer.h"
#include "http/media_type.h"
#include "http/server_parts.h"

static const char *const short_of_memory = "The server is short of memory. Try again.";

static bool not_found(struct problem *problem)
{
    return problem_set(problem, PROBLEM_NOT_FOUND, "There is nothing at this path.");
}

static bool judge_path(struct exchange *exchange)
{
    const struct http_options *options = &exchange->server->options;
    struct request *request = &exchange->request;

    switch (router_match(options->routes, options->route_count, request->head.method,
                         &request->target, &exchange->match)) {
    case MATCH_FOUND:
        request->id_parameter = exchange->match.id;
        return true;
    case MATCH_NO_METHOD:
        return problem_set(&exchange->problem, PROBLEM_METHOD_NOT_ALLOWED,
                           "Use one of the methods that Allow names.");
    case MATCH_NO_PATH:
        break;
    }
    return not_found(&exchange->problem);
}

bool judge_role(const struct exchange *exchange, struct problem *problem)
{
    if (exchange->match.route->who == ADMIN && exchange->request.caller.role != ROLE_ADMIN)
        return problem_set(problem, PROBLEM_FORBIDDEN, "Only an admin may do this.");
    return true;
}

static bool judge_token(struct exchange *exchange, struct slice token)
{
    const struct http_options *options = &exchange->server->options;
    const char *why = "";
    AUTO(key_set) const struct key_set *keys = key_ring_take(options->keys);

    switch (token_verify(keys, &options->token_rules, clock_wall_ms(options->clock) / SECOND_MS,
                         token.text, token.length, &exchange->request.caller, &why)) {
    case TOKEN_VALID:
        return true;
    case TOKEN_INVALID:
        log_debug("token refused", LOG_TEXT("why", why),
                  LOG_TEXT("correlation_id", exchange->request.correlation_id));
        return problem_set(&exchange->problem, PROBLEM_INVALID_TOKEN,
                           "The access token is not valid (any more). Get a new one.");
    case TOKEN_UNDECIDED:
        break;
    }
    return problem_set(&exchange->problem, PROBLEM_NOT_ACCEPTED, short_of_memory);
}

static bool judge_caller(struct exchange *exchange)
{
    size_t count;
    const struct slice header = request_header(&exchange->request, "Authorization", &count);
    struct slice token;

    if (exchange->match.route->who == ANYONE)
        return true;
    switch (bearer_read(header, count, &token)) {
    case BEARER_NONE:
        exchange->asks_token = true;
        return problem_set(&exchange->problem, PROBLEM_INVALID_TOKEN,
                           "Send an access token: Authorization: Bearer ….");
    case BEARER_MALFORMED:
        return problem_set(&exchange->problem, PROBLEM_INVALID_TOKEN,
                           "Send one header Authorization: Bearer …, with one token.");
    case BEARER_GIVEN:
        break;
    }
    return judge_token(exchange, token) &&
           (exchange_needs_authorize(exchange) || judge_role(exchange, &exchange->problem));
}

static bool judge_body(struct exchange *exchange)
{
    const struct body_framing *framing = &exchange->request.framing;
    const size_t max = exchange->match.route->body_max;
    size_t count;

    if (framing->framing == FRAMING_NONE)
        return true;
    if (max == 0)
        return problem_set(&exchange->problem, PROBLEM_BODY_TOO_LARGE,
                           "Send this request without a body.");
    if (framing->framing == FRAMING_LENGTH && framing->length > max)
        return problem_set(&exchange->problem, PROBLEM_BODY_TOO_LARGE, "Send a smaller body.");
    const struct slice type = request_header(&exchange->request, "Content-Type", &count);
    if (!media_type_is_json(type, count))
        return problem_set(&exchange->problem, PROBLEM_UNSUPPORTED_MEDIA_TYPE,
                           "Send the body as application/json, in UTF-8.");
    const struct slice coding = request_header(&exchange->request, "Content-Encoding", &count);
    if (media_type_is_coded(coding, count))
        return problem_set(&exchange->problem, PROBLEM_UNSUPPORTED_CODING,
                           "Send the body as it is, without Content-Encoding.");
    return true;
}

bool judge_head(struct exchange *exchange)
{
    switch (exchange->target) {
    case TARGET_OK:
        break;
    case TARGET_NOWHERE:
        return not_found(&exchange->problem);
    case TARGET_MALFORMED:
        exchange->close = true;
        return problem_set(&exchange->problem, PROBLEM_MALFORMED_REQUEST,
                           "The request target is not well-formed.");
    case TARGET_NO_MEMORY:
        return problem_set(&exchange->problem, PROBLEM_NOT_ACCEPTED, short_of_memory);
    }
    return judge_path(exchange) && judge_caller(exchange) && judge_body(exchange);
}
