/* authorize -> run -> encode, on a lane's thread. */
#include "http/work.h"

#include <errno.h>
#include <sys/socket.h>

#include "http/exchange.h"
#include "http/judge.h"
#include "http/server_parts.h"

/* A client rarely hangs up within this time; after it the look is cheaper than the work. Where the
 * work is dear, it always is. */
enum { PATIENCE_MS = 50 };

static bool is_worth_a_look(const struct exchange *exchange)
{
    const struct http_options *options = &exchange->server->options;

    return options->lanes[exchange->match.route->lane].costly ||
           clock_monotonic_ms(options->clock) - exchange->queued_ms >= PATIENCE_MS;
}

/* Nothing is done for a client that has left: the library does not notice while the connection is
 * suspended. One that only closed its sending side is told that nothing was done. */
static bool has_left(const struct exchange *exchange)
{
    char byte;

    if (!is_worth_a_look(exchange))
        return false;
    const ssize_t got = recv(exchange->fd, &byte, sizeof byte, MSG_PEEK | MSG_DONTWAIT);
    return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

static bool authorize(struct exchange *exchange, struct problem *problem)
{
    const struct http_options *options = &exchange->server->options;

    return !exchange_needs_authorize(exchange) ||
           (options->authorize(options->service, &exchange->request.caller, problem) &&
            judge_role(exchange, problem));
}

/* False: the exchange's problem is its answer. */
static bool is_to_run(struct exchange *exchange)
{
    struct problem problem = { 0 };

    if (atomic_load(&exchange->outcome) != OUTCOME_OPEN)
        return false;
    if (has_left(exchange)) {
        problem_done(&exchange->problem);
        return problem_set(&exchange->problem, PROBLEM_NOT_ACCEPTED,
                           "You closed the connection; nothing was done.");
    }
    if (!authorize(exchange, &problem)) {
        problem_done(&exchange->problem);
        exchange->problem = problem;
        return false;
    }
    return exchange->problem.type == PROBLEM_NONE;
}

/* One call of run for neighbours of one route. */
static void run_stretch(struct http_server *server, struct exchange *const exchanges[],
                        size_t count)
{
    const struct route *route = exchanges[0]->match.route;
    void *states[WORK_BATCH_MAX];

    for (size_t i = 0; i < count; i++)
        states[i] = exchanges[i]->state;
    if (route->run)
        route->run(server->options.service, states, count);
    for (size_t i = 0; i < count; i++)
        route->encode(exchanges[i]->state, &exchanges[i]->response);
}

void work_on_batch(void *context, struct job *const jobs[], size_t count)
{
    struct http_server *server = context;
    struct exchange *ready[WORK_BATCH_MAX];
    size_t ready_count = 0;

    for (size_t i = 0; i < count; i++) {
        struct exchange *exchange = exchange_of(jobs[i]);
        if (is_to_run(exchange))
            ready[ready_count++] = exchange;
    }
    for (size_t begin = 0, end; begin < ready_count; begin = end) {
        end = begin + 1;
        while (end < ready_count && ready[end]->match.route == ready[begin]->match.route)
            end++;
        run_stretch(server, ready + begin, end - begin);
    }
}
