#include "http/routes.h"

#include <sodium.h>
#include "base/log.h"
#include "http/audit_routes.h"
#include "http/decode.h"
#include "http/encode.h"
#include "http/me_routes.h"
#include "http/recovery_routes.h"
#include "http/settle.h"
#include "http/states.h"
#include "http/token_routes.h"
#include "http/users_routes.h"

bool user_authorize(void *context, struct caller *caller, struct problem *problem)
{
    struct user_service *service = context;
    struct error err = { 0 };
    bool allowed = false;
    const bool ok = session_authorize(&service->users, caller, &allowed, &err);
    const struct failure failure = settle(service, ok, &err);

    if (failure.type != PROBLEM_NONE)
        return problem_set(problem, failure.type, "The session could not be checked. Try again.");
    if (!allowed)
        return problem_set(problem, PROBLEM_INVALID_TOKEN, "The session is over. Log in.");
    return true;
}

/* --- Use cases as steps of a route. --- */

static void signup_one(struct user_service *service, struct signup_state *state)
{
    struct error err = { 0 };
    const bool ok = signup(&service->users, &state->signup, &err);

    state->failure = settle(service, ok, &err);
    if (ok)
        counter_add(service->signups[state->signup.result], 1);
}

static void login_one(struct user_service *service, struct login_state *state)
{
    struct error err = { 0 };
    const bool ok = login(&service->users, &state->login, &err);

    state->failure = settle(service, ok, &err);
    counter_add(ok ? service->logins[state->login.result] : service->logins_failed, 1);
}

static void refresh_one(struct user_service *service, struct refresh_state *state)
{
    struct error err = { 0 };
    const bool ok = refresh(&service->users, &state->refresh, &err);

    state->failure = settle(service, ok, &err);
    if (ok)
        counter_add(service->refreshes[state->refresh.result], 1);
}

static void logout_one(struct user_service *service, struct logout_state *state)
{
    struct error err = { 0 };

    state->failure =
        settle(service, logout(&service->users, &state->token, &state->source, &err), &err);
}

static void me_one(struct user_service *service, struct me_state *state)
{
    struct error err = { 0 };

    state->failure = settle(service, get_user(&service->users, &state->get, &err), &err);
}

static route_run signup_run, login_run, refresh_run, logout_run, me_run;

RUN_EACH(signup_run, signup_state, signup_one)
RUN_EACH(login_run, login_state, login_one)
RUN_EACH(refresh_run, refresh_state, refresh_one)
RUN_EACH(logout_run, logout_state, logout_one)
RUN_EACH(me_run, me_state, me_one)

/* --- Passwords and tokens do not stay in memory that is given back. --- */

static void signup_release(void *state)
{
    struct signup_state *s = state;

    token_pair_done(&s->signup.pair);
    sodium_memzero(s, sizeof *s);
}

static void login_release(void *state)
{
    struct login_state *s = state;

    token_pair_done(&s->login.pair);
    sodium_memzero(s, sizeof *s);
}

static void refresh_release(void *state)
{
    struct refresh_state *s = state;

    token_pair_done(&s->refresh.pair);
    sodium_memzero(s, sizeof *s);
}

static void logout_release(void *state)
{
    sodium_memzero(state, sizeof(struct logout_state));
}

/* --- The table. --- */

/* Every body here is a few short texts; the longest has seven. */
enum { BODY = 16 * KIB };

#define STATE(name) sizeof(struct name##_state), name##_decode, name##_run, name##_encode

/* PATCH /me checks the password that is sent, which an e-mail needs: a lane is a route's, and it is
 * better that a new phone number waits for a login than that a password is hashed outside of the
 * bound. */
/* clang-format off */
const struct route user_routes[] = {
    { POST,   "/signup",          ANYONE, BODY, LANE_HASHING,  STATE(signup),          signup_release },
    { POST,   "/login",           ANYONE, BODY, LANE_HASHING,  STATE(login),           login_release },
    { POST,   "/refresh",         ANYONE, BODY, LANE_ACCOUNTS, STATE(refresh),         refresh_release },
    { POST,   "/logout",          ANYONE, BODY, LANE_ACCOUNTS, STATE(logout),          logout_release },
    { POST,   "/forgot-password", ANYONE, BODY, LANE_ACCOUNTS, STATE(forgot_password), NULL },
    { POST,   "/reset-password",  ANYONE, BODY, LANE_HASHING,  STATE(reset_password),  reset_password_release },
    { GET,    "/me",              BEARER, 0,    LANE_ACCOUNTS, STATE(me),              NULL },
    { PATCH,  "/me",              BEARER, BODY, LANE_HASHING,  STATE(change_me),       change_me_release },
    { DELETE, "/me",              BEARER, 0,    LANE_ACCOUNTS, STATE(deactivate_me),   NULL },
    { POST,   "/me/password",     BEARER, BODY, LANE_HASHING,  STATE(change_password), change_password_release },
    { GET,    "/users",           ADMIN,  0,    LANE_ACCOUNTS, STATE(list_users),      list_users_release },
    { POST,   "/users",           ADMIN,  BODY, LANE_HASHING,  STATE(create_user),     create_user_release },
    { GET,    "/users/{id}",      ADMIN,  0,    LANE_ACCOUNTS, STATE(get_user),        NULL },
    { PATCH,  "/users/{id}",      ADMIN,  BODY, LANE_ACCOUNTS, STATE(change_user),     NULL },
    { DELETE, "/users/{id}",      ADMIN,  0,    LANE_ACCOUNTS, STATE(delete_user),     NULL },
    { GET,    "/audit",           ADMIN,  0,    LANE_ACCOUNTS, STATE(list_audit),      list_audit_release },
    { GET,    "/auth",            BEARER, 0,    LANE_ACCOUNTS, sizeof(struct auth_state), auth_decode, NULL, auth_encode, NULL },
    { GET,    "/.well-known/jwks.json", ANYONE, 0, LANE_INLINE, sizeof(struct jwks_state), NULL, jwks_run, jwks_encode, jwks_release },
};
/* clang-format on */

const size_t user_route_count = sizeof user_routes / sizeof *user_routes;

/* --- Counters. --- */

struct labelled {
    struct counter **counter;
    const char *name, *help, *labels;
};

static const char logins_help[] = "Logins by outcome; error: no answer could be given.";
static const char signups_help[] = "Sign-ups by outcome.";
static const char refreshes_help[] = "Refreshes by outcome; reused: an old token came again.";

bool user_service_count(struct user_service *service, struct metrics *metrics, struct error *err)
{
    const struct labelled all[] = {
        { &service->logins[LOGIN_DONE], "logins_total", logins_help, "outcome=\"done\"" },
        { &service->logins[LOGIN_UNKNOWN], "logins_total", logins_help, "outcome=\"unknown\"" },
        { &service->logins[LOGIN_WRONG], "logins_total", logins_help, "outcome=\"wrong\"" },
        { &service->logins[LOGIN_INACTIVE], "logins_total", logins_help, "outcome=\"inactive\"" },
        { &service->logins[LOGIN_THROTTLED], "logins_total", logins_help, "outcome=\"throttled\"" },
        { &service->logins_failed, "logins_total", logins_help, "outcome=\"error\"" },
        { &service->signups[SIGNUP_DONE], "signups_total", signups_help, "outcome=\"done\"" },
        { &service->signups[SIGNUP_NAME_TAKEN], "signups_total", signups_help,
          "outcome=\"taken\"" },
        { &service->refreshes[REFRESH_ROTATED], "refreshes_total", refreshes_help,
          "outcome=\"rotated\"" },
        { &service->refreshes[REFRESH_REPLAYED], "refreshes_total", refreshes_help,
          "outcome=\"replayed\"" },
        { &service->refreshes[REFRESH_REFUSED], "refreshes_total", refreshes_help,
          "outcome=\"refused\"" },
        { &service->refreshes[REFRESH_REUSED], "refreshes_total", refreshes_help,
          "outcome=\"reused\"" },
    };

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        *all[i].counter = metrics_counter(metrics, all[i].name, all[i].help, all[i].labels, err);
        if (!*all[i].counter)
            return false;
    }
    return true;
}
