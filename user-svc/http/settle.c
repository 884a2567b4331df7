#include "http/settle.h"

#include "base/log.h"

static enum problem_type problem_of(enum err code)
{
    switch (code) {
    case ERR_NO_MEMORY:
    case ERR_BUSY:
    case ERR_UNAVAILABLE:
        return PROBLEM_NOT_ACCEPTED;
    case ERR_UNKNOWN:
        return PROBLEM_OUTCOME_UNKNOWN;
    default:
        return PROBLEM_INTERNAL;
    }
}

/* A store that failed once is degraded until store_watch sees a write work: a request that goes
 * well may have read only, or not asked the store at all. */
struct failure settle(struct user_service *service, bool ok, const struct error *err)
{
    if (ok)
        return (struct failure){ PROBLEM_NONE };
    if (err->code == ERR_UNAVAILABLE || err->code == ERR_UNKNOWN)
        atomic_store(&service->health->store_degraded, true);
    log_error("request failed", LOG_ERR(err));
    return (struct failure){ problem_of(err->code) };
}

bool failure_encode(const struct failure *failure, struct response *response)
{
    static const char *const details[PROBLEM_TYPES] = {
        [PROBLEM_NOT_ACCEPTED] = "Nothing was changed. Try again.",
        [PROBLEM_OUTCOME_UNKNOWN] = "It may have been done. Try again, or log in.",
        [PROBLEM_INTERNAL] =
            "The fault is ours and was logged. Quote `instance` when you report it.",
    };

    if (failure->type != PROBLEM_NONE)
        response_problem(response, failure->type, details[failure->type]);
    return failure->type != PROBLEM_NONE;
}
