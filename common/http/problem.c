/* The table of problems, and their JSON. */
#include "http/problem.h"

#include <assert.h>
#include <stddef.h>

static const struct problem_kind kinds[PROBLEM_TYPES] = {
    [PROBLEM_INVALID_REQUEST] = { 400, "invalid-request", "The request is not valid", false },
    [PROBLEM_MALFORMED_JSON] = { 400, "malformed-json", "The body is not valid JSON", false },
    [PROBLEM_REQUEST_ID_REQUIRED] = { 400, "request-id-required", "A request id is required",
                                      false },
    /* To clients one more request that is not valid; here apart, since the connection closes. */
    [PROBLEM_MALFORMED_REQUEST] = { 400, "invalid-request", "This is no well-formed request",
                                    false },
    [PROBLEM_INVALID_TOKEN] = { 401, "invalid-token", "A valid access token is required", false },
    [PROBLEM_INVALID_CREDENTIALS] = { 401, "invalid-credentials", "The credentials are not valid",
                                      false },
    [PROBLEM_FORBIDDEN] = { 403, "forbidden", "Not allowed", false },
    [PROBLEM_WRONG_PASSWORD] = { 403, "wrong-password", "The current password is wrong", false },
    [PROBLEM_NOT_FOUND] = { 404, "not-found", "Not found", false },
    [PROBLEM_METHOD_NOT_ALLOWED] = { 405, "method-not-allowed", "The method is not allowed here",
                                     false },
    [PROBLEM_REQUEST_TIMEOUT] = { 408, "request-timeout", "The request took too long to arrive",
                                  true },
    [PROBLEM_USER_EXISTS] = { 409, "user-exists", "The user exists", false },
    [PROBLEM_LAST_ADMIN] = { 409, "last-admin", "The last admin has to stay", false },
    [PROBLEM_RESET_TOKEN_INVALID] = { 410, "reset-token-invalid", "The reset token is not valid",
                                      false },
    [PROBLEM_PRECONDITION_FAILED] = { 412, "precondition-failed", "It was changed meanwhile",
                                      false },
    [PROBLEM_BODY_TOO_LARGE] = { 413, "body-too-large", "The body is too large", false },
    [PROBLEM_UNSUPPORTED_MEDIA_TYPE] = { 415, "unsupported-media-type",
                                         "The media type is not supported", false },
    [PROBLEM_UNSUPPORTED_CODING] = { 415, "unsupported-media-type",
                                     "The media type is not supported", false },
    [PROBLEM_REQUEST_ID_REUSED] = { 422, "request-id-reused",
                                    "The request id was used for something else", false },
    [PROBLEM_THROTTLED] = { 429, "throttled", "Too many attempts", true },
    [PROBLEM_INTERNAL] = { 500, "internal", "An error of ours", false },
    [PROBLEM_NOT_ACCEPTED] = { 503, "not-accepted", "Not accepted; nothing was written", true },
    [PROBLEM_OUTCOME_UNKNOWN] = { 503, "outcome-unknown", "The outcome is not known yet", true },
};

const struct problem_kind *problem_kind(enum problem_type type)
{
    assert(type > PROBLEM_NONE && type < PROBLEM_TYPES);
    return &kinds[type];
}

bool problem_set(struct problem *problem, enum problem_type type, const char *detail)
{
    problem->type = type;
    problem->detail = detail;
    return false;
}

void problem_done(struct problem *problem)
{
    faults_done(&problem->faults);
    *problem = (struct problem){ 0 };
}
