/* Request -> state: bodies by tables of fields, then what no single field can tell. */
#include "http/decode.h"

#include <sodium.h>
#include <string.h>
#include "http/body.h"
#include "http/readers.h"
#include "http/states.h"

/* --- Sign up. --- */

struct signup_body {
    struct sent_account sent;
};

static const struct field signup_fields[] = {
    SENT_ACCOUNT_FIELDS(struct signup_body, sent),
};

bool signup_decode(const struct request *request, void *state, struct problem *problem)
{
    struct signup *signup = &((struct signup_state *)state)->signup;
    struct signup_body body = { 0 };

    if (body_decode(request, signup_fields, COUNT(signup_fields), &body, problem))
        body_check_account(&body.sent, &problem->faults);
    const bool good = body_judged(problem);
    if (good)
        body_take_account(&body.sent, &signup->wanted);
    signup->source = body_source(request);
    sodium_memzero(&body, sizeof body);
    return good;
}

/* --- Log in. --- */

struct login_body {
    char username[EMAIL_MAX + 1], email[EMAIL_MAX + 1]; /* "": not given, or at fault */
    struct sent_password password;
};

/* A name that no account can have is as unknown as any other: its form is not judged. */
static bool read_login_name(const json_t *value, void *out, size_t size, struct field_fault *fault)
{
    return json_read_text(value, out, size, 1, EMAIL_MAX, fault);
}

static const struct field login_fields[] = {
    { "username", FIELD_OPTIONAL, offsetof(struct login_body, username),
      SIZE_OF(struct login_body, username), 0, read_login_name },
    { "email", FIELD_OPTIONAL, offsetof(struct login_body, email),
      SIZE_OF(struct login_body, email), 0, read_login_name },
    FIELD(struct login_body, "password", password, read_password),
};

static void check_one_name(const struct login_body *body, struct faults *faults)
{
    if (body_is_at_fault(faults, ""))
        return;
    if (*body->username && *body->email)
        faults_add(faults, "/email", "unknown", "give the username or the e-mail, not both");
    /* One that is at fault is there, whatever its fault: null, too. */
    if (!*body->username && !*body->email && !body_is_at_fault(faults, "/username") &&
        !body_is_at_fault(faults, "/email"))
        faults_add(faults, "/username", "required", "give the username, or email in its place");
}

bool login_decode(const struct request *request, void *state, struct problem *problem)
{
    struct login *login = &((struct login_state *)state)->login;
    struct login_body body = { 0 };

    if (body_decode(request, login_fields, COUNT(login_fields), &body, problem))
        check_one_name(&body, &problem->faults);
    const bool good = body_judged(problem);
    if (good) {
        memcpy(login->name, *body.email ? body.email : body.username, sizeof login->name);
        memcpy(login->password, body.password.text, sizeof login->password);
    }
    login->source = body_source(request);
    sodium_memzero(&body, sizeof body);
    return good;
}

/* --- Refresh, log out. --- */

static const struct field refresh_fields[] = {
    FIELD(struct refresh_text, "refreshToken", text, read_token),
};

bool refresh_decode(const struct request *request, void *state, struct problem *problem)
{
    struct refresh_state *refresh = state;

    refresh->refresh.source = body_source(request);
    return request_decode_body(request, refresh_fields, COUNT(refresh_fields),
                               &refresh->refresh.token, problem);
}

bool logout_decode(const struct request *request, void *state, struct problem *problem)
{
    struct logout_state *logout = state;

    logout->source = body_source(request);
    return request_decode_body(request, refresh_fields, COUNT(refresh_fields), &logout->token,
                               problem);
}

/* --- Me. --- */

bool me_decode(const struct request *request, void *state, struct problem *problem)
{
    struct me_state *me = state;

    (void)problem;
    me->get.user_id = request_caller(request)->user_id;
    return true;
}
