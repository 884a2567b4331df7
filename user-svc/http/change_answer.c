#include "http/change_answer.h"

#include "http/body.h"
#include "http/settle.h"

const char account_is_gone[] = "The account is gone. Sign up anew.";

static const struct refusal {
    enum problem_type type;
    const char *detail;
} refusals[CHANGE_RESULTS] = {
    [CHANGE_GONE] = { PROBLEM_NOT_FOUND, "There is no such user." },
    [CHANGE_NOT_EXPECTED] = { PROBLEM_PRECONDITION_FAILED,
                              "The user is at another version than If-Match says. Read it again." },
    [CHANGE_NAME_TAKEN] = { PROBLEM_USER_EXISTS,
                            "The username or the e-mail is taken. Choose another." },
    [CHANGE_LAST_ADMIN] = { PROBLEM_LAST_ADMIN, "Make another active user an admin first." },
    [CHANGE_WRONG_PASSWORD] = { PROBLEM_WRONG_PASSWORD,
                                "Give the password of this account as currentPassword." },
    [CHANGE_THROTTLED] = { PROBLEM_THROTTLED,
                           "Too many passwords were wrong. Wait as Retry-After says." },
    [CHANGE_PASSWORD_IS_NAME] = { PROBLEM_INVALID_REQUEST, "Mend what `errors` names." },
};

bool change_refused(const struct failure *failure, enum change_result result,
                    struct response *response)
{
    const struct refusal *refusal = &refusals[result];

    if (failure_encode(failure, response))
        return true;
    if (refusal->type == PROBLEM_NONE)
        return false;
    response_problem(response, refusal->type, refusal->detail);
    if (result == CHANGE_PASSWORD_IS_NAME)
        body_add_password_fault(&response->problem.faults, PASSWORD_IS_NAME);
    return true;
}

bool own_change_refused(const struct failure *failure, enum change_result result, unsigned wait_s,
                        struct response *response)
{
    if (!change_refused(failure, result, response))
        return false;
    if (response->problem.type == PROBLEM_NOT_FOUND)
        response_problem(response, PROBLEM_INVALID_TOKEN, account_is_gone);
    response->problem.retry_after = wait_s;
    return true;
}
