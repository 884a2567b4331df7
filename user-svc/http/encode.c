#include "http/encode.h"

#include "http/change_answer.h"
#include "http/settle.h"
#include "http/states.h"

json_t *user_json(const struct user *user)
{
    const struct id_text id = id_format(&user->id);

    return json_pack("{s:s, s:s, s:b, s:s, s:s, s:s, s:s, s:s, s:s, s:I}", "photo", user->photo,
                     "role", role_name(user->role), "active", user->active, "_id", id.hex,
                     "username", user->username, "firstName", user->first_name, "lastName",
                     user->last_name, "email", user->email, "phone", user->phone, "__v",
                     (json_int_t)user->version);
}

void user_encode(int status, const struct user *user, struct response *response)
{
    response_json(
        response, status,
        json_pack("{s:s, s:{s:o}}", "status", "success", "data", "user", user_json(user)));
}

void session_encode(int status, const struct token_pair *pair, const struct user *user,
                    struct response *response)
{
    response_json(response, status,
                  json_pack("{s:s, s:s, s:s, s:I, s:{s:o}}", "status", "success", "token",
                            pair->access.data, "refreshToken", pair->refresh.text, "expiresIn",
                            (json_int_t)pair->expires_in_s, "data", "user", user_json(user)));
}

/* Two formats, since an optional value ("s*") is also left out when there is no memory for it: the
 * client would take the page for the last one. */
void page_encode(const char *member, json_t *rows, size_t count, const char *next,
                 struct response *response)
{
    const json_int_t results = (json_int_t)count;

    response_json(response, 200,
                  next ? json_pack("{s:s, s:I, s:s, s:{s:o}}", "status", "success", "results",
                                   results, "next", next, "data", member, rows)
                       : json_pack("{s:s, s:I, s:{s:o}}", "status", "success", "results", results,
                                   "data", member, rows));
}

void signup_encode(const void *state, struct response *response)
{
    const struct signup_state *s = state;

    if (failure_encode(&s->failure, response))
        return;
    if (s->signup.result == SIGNUP_DONE)
        session_encode(201, &s->signup.pair, &s->signup.user, response);
    else
        response_problem(response, PROBLEM_USER_EXISTS,
                         "The username or the e-mail is taken. Choose another, or log in.");
}

static void throttled_encode(unsigned wait_s, struct response *response)
{
    response_problem(response, PROBLEM_THROTTLED,
                     "Too many failed logins. Wait as long as Retry-After says.");
    response->problem.retry_after = wait_s;
}

void login_encode(const void *state, struct response *response)
{
    const struct login_state *s = state;

    if (failure_encode(&s->failure, response))
        return;
    if (s->login.result == LOGIN_DONE)
        session_encode(200, &s->login.pair, &s->login.user, response);
    else if (s->login.result == LOGIN_THROTTLED)
        throttled_encode(s->login.wait_s, response);
    else
        response_problem(response, PROBLEM_INVALID_CREDENTIALS,
                         "No active account has this name and this password.");
}

void refresh_encode(const void *state, struct response *response)
{
    const struct refresh_state *s = state;
    const struct token_pair *pair = &s->refresh.pair;

    if (failure_encode(&s->failure, response))
        return;
    if (s->refresh.result == REFRESH_ROTATED || s->refresh.result == REFRESH_REPLAYED)
        response_json(response, 200,
                      json_pack("{s:s, s:s, s:s, s:I}", "status", "success", "token",
                                pair->access.data, "refreshToken", pair->refresh.text, "expiresIn",
                                (json_int_t)pair->expires_in_s));
    else
        response_problem(response, PROBLEM_INVALID_TOKEN,
                         "The refresh token is not valid. Log in.");
}

void logout_encode(const void *state, struct response *response)
{
    const struct logout_state *s = state;

    if (!failure_encode(&s->failure, response))
        response->status = 204;
}

void me_encode(const void *state, struct response *response)
{
    const struct me_state *s = state;

    if (failure_encode(&s->failure, response))
        return;
    if (s->get.found)
        user_encode(200, &s->get.user, response);
    else
        response_problem(response, PROBLEM_INVALID_TOKEN, account_is_gone);
}
