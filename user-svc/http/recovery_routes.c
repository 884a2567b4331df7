#include "http/recovery_routes.h"

#include <sodium.h>
#include <string.h>
#include "http/body.h"
#include "http/change_answer.h"
#include "http/settle.h"

/* --- POST /forgot-password. --- */

static const struct field forgot_password_fields[] = {
    FIELD(struct forgot_password_state, "email", email, read_email),
};

bool forgot_password_decode(const struct request *request, void *state, struct problem *problem)
{
    ((struct forgot_password_state *)state)->source = body_source(request);
    return request_decode_body(request, forgot_password_fields, COUNT(forgot_password_fields),
                               state, problem);
}

static void forgot_password_one(struct user_service *service, struct forgot_password_state *state)
{
    struct error err = { 0 };

    state->failure =
        settle(service, ask_for_reset(&service->users, state->email, &state->source, &err), &err);
}

RUN_EACH(forgot_password_run, forgot_password_state, forgot_password_one)

void forgot_password_encode(const void *state, struct response *response)
{
    const struct forgot_password_state *s = state;

    if (!failure_encode(&s->failure, response))
        response_json(response, 202, json_pack("{s:s}", "status", "success"));
}

/* --- POST /reset-password. --- */

struct reset_password_body {
    struct refresh_text token;
    struct sent_password password;
    struct sent_confirmation confirmation;
};

static const struct field reset_password_fields[] = {
    FIELD(struct reset_password_body, "token", token.text, read_token),
    FIELD(struct reset_password_body, "password", password, read_password),
    FIELD(struct reset_password_body, "passwordConfirm", confirmation, read_confirmation),
};

bool reset_password_decode(const struct request *request, void *state, struct problem *problem)
{
    struct reset_password *reset = &((struct reset_password_state *)state)->reset;
    struct reset_password_body body = { 0 };

    if (body_decode(request, reset_password_fields, COUNT(reset_password_fields), &body, problem))
        body_check_password(&body.password, &body.confirmation, "", "", &problem->faults);
    const bool good = body_judged(problem);
    if (good) {
        reset->token = body.token;
        reset->source = body_source(request);
        memcpy(reset->password, body.password.text, sizeof reset->password);
    }
    sodium_memzero(&body, sizeof body);
    return good;
}

static void reset_password_one(struct user_service *service, struct reset_password_state *state)
{
    struct error err = { 0 };

    state->failure = settle(service, reset_password(&service->users, &state->reset, &err), &err);
}

RUN_EACH(reset_password_run, reset_password_state, reset_password_one)

void reset_password_encode(const void *state, struct response *response)
{
    const struct reset_password_state *s = state;

    if (!change_refused(&s->failure, s->reset.result, response))
        response->status = 204;
    else if (response->problem.type == PROBLEM_NOT_FOUND)
        response_problem(response, PROBLEM_RESET_TOKEN_INVALID,
                         "The link was used, is older than 10 minutes or was replaced by a newer "
                         "one. Ask for another.");
}

void reset_password_release(void *state)
{
    sodium_memzero(state, sizeof(struct reset_password_state));
}
