#include "http/me_routes.h"

#include <sodium.h>
#include <string.h>
#include "http/body.h"
#include "http/change_answer.h"
#include "http/encode.h"
#include "http/settle.h"

/* --- PATCH /me. --- */

struct change_me_body {
    struct user_change change;
    struct sent_password current;
};

static const struct field change_me_fields[] = {
    PROFILE_FIELDS(struct change_me_body, change),
    { "currentPassword", FIELD_OPTIONAL, offsetof(struct change_me_body, current),
      SIZE_OF(struct change_me_body, current), 0, read_password },
};

/* A member that is at fault is there all the same. */
static void check_current_password(const struct change_me_body *body, struct faults *faults)
{
    const bool moves = body->change.given.email || body_is_at_fault(faults, "/email");

    if (moves && !body->current.sent && !body_is_at_fault(faults, "/currentPassword"))
        faults_add(faults, "/currentPassword", "required", "another e-mail needs the password");
}

bool change_me_decode(const struct request *request, void *state, struct problem *problem)
{
    struct change_me *change = &((struct change_me_state *)state)->change;
    struct change_me_body body = { 0 };

    if (body_decode(request, change_me_fields, COUNT(change_me_fields), &body, problem))
        check_current_password(&body, &problem->faults);
    const bool good = body_judged(problem);
    if (good) {
        change->actor = body_actor(request);
        change->change = body.change;
        change->password_given = body.current.sent;
        memcpy(change->current_password, body.current.text, sizeof change->current_password);
    }
    sodium_memzero(&body, sizeof body);
    return good;
}

static void change_me_one(struct user_service *service, struct change_me_state *state)
{
    struct error err = { 0 };

    state->failure = settle(service, change_me(&service->users, &state->change, &err), &err);
}

RUN_EACH(change_me_run, change_me_state, change_me_one)

void change_me_encode(const void *state, struct response *response)
{
    const struct change_me_state *s = state;

    if (!own_change_refused(&s->failure, s->change.result, s->change.wait_s, response))
        user_encode(200, &s->change.user, response);
}

void change_me_release(void *state)
{
    sodium_memzero(state, sizeof(struct change_me_state));
}

/* --- DELETE /me. --- */

bool deactivate_me_decode(const struct request *request, void *state, struct problem *problem)
{
    (void)problem;
    ((struct deactivate_me_state *)state)->deactivate.actor = body_actor(request);
    return true;
}

static void deactivate_me_one(struct user_service *service, struct deactivate_me_state *state)
{
    struct error err = { 0 };

    state->failure =
        settle(service, deactivate_me(&service->users, &state->deactivate, &err), &err);
}

RUN_EACH(deactivate_me_run, deactivate_me_state, deactivate_me_one)

void deactivate_me_encode(const void *state, struct response *response)
{
    const struct deactivate_me_state *s = state;

    if (!own_change_refused(&s->failure, s->deactivate.result, 0, response))
        response->status = 204;
}

/* --- POST /me/password. --- */

struct change_password_body {
    struct sent_password current, password;
    struct sent_confirmation confirmation;
};

static const struct field change_password_fields[] = {
    FIELD(struct change_password_body, "currentPassword", current, read_password),
    FIELD(struct change_password_body, "password", password, read_password),
    FIELD(struct change_password_body, "passwordConfirm", confirmation, read_confirmation),
};

bool change_password_decode(const struct request *request, void *state, struct problem *problem)
{
    struct change_password *change = &((struct change_password_state *)state)->change;
    struct change_password_body body = { 0 };

    if (body_decode(request, change_password_fields, COUNT(change_password_fields), &body, problem))
        body_check_password(&body.password, &body.confirmation, "", "", &problem->faults);
    const bool good = body_judged(problem);
    if (good) {
        change->actor = body_actor(request);
        memcpy(change->current_password, body.current.text, sizeof change->current_password);
        memcpy(change->password, body.password.text, sizeof change->password);
    }
    sodium_memzero(&body, sizeof body);
    return good;
}

static void change_password_one(struct user_service *service, struct change_password_state *state)
{
    struct error err = { 0 };

    state->failure = settle(service, change_password(&service->users, &state->change, &err), &err);
}

RUN_EACH(change_password_run, change_password_state, change_password_one)

void change_password_encode(const void *state, struct response *response)
{
    const struct change_password_state *s = state;

    if (!own_change_refused(&s->failure, s->change.result, s->change.wait_s, response))
        session_encode(200, &s->change.pair, &s->change.user, response);
}

void change_password_release(void *state)
{
    struct change_password_state *s = state;

    token_pair_done(&s->change.pair);
    sodium_memzero(s, sizeof *s);
}
