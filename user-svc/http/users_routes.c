#include "http/users_routes.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include "http/body.h"
#include "http/change_answer.h"
#include "http/encode.h"
#include "http/etag.h"
#include "http/page.h"
#include "http/settle.h"
#include "json/decode.h"
#include "user_names.h"

/* --- GET /users. --- */

static bool read_role_filter(const struct request *request, struct user_query *query,
                             struct problem *problem)
{
    size_t times;
    const struct slice text = request_query(request, "role", &times);

    query->by_role = times > 0;
    return times == 0 || (times == 1 && role_parse(text.text, text.length, &query->role)) ||
           request_query_fault(problem, "format", "role: give player or admin, once.");
}

static bool is_text(struct slice slice, const char *text)
{
    return slice.length == strlen(text) && memcmp(slice.text, text, slice.length) == 0;
}

static bool read_active_filter(const struct request *request, struct user_query *query,
                               struct problem *problem)
{
    size_t times;
    const struct slice text = request_query(request, "active", &times);

    query->by_active = times > 0;
    query->active = times > 0 && is_text(text, "true");
    return times == 0 || (times == 1 && (query->active || is_text(text, "false"))) ||
           request_query_fault(problem, "format", "active: give true or false, once.");
}

static bool is_username(struct slice text)
{
    return text.length >= USERNAME_MIN && text.length <= USERNAME_MAX &&
           strlen(text.text) == text.length && username_is_well_formed(text.text);
}

static bool read_username_filter(const struct request *request, struct user_query *query,
                                 struct problem *problem)
{
    size_t times;
    const struct slice text = request_query(request, "username", &times);

    if (times > 1 || (times == 1 && !is_username(text)))
        return request_query_fault(problem, "format", "username: give a user's name, once.");
    query->by_username = times == 1;
    if (query->by_username)
        query->username = user_key_of(text.text);
    return true;
}

bool list_users_decode(const struct request *request, void *state, struct problem *problem)
{
    struct user_query *query = &((struct list_users_state *)state)->list.query;
    bool good = page_limit_read(request, &query->limit, problem);

    good &= user_cursor_read(request, query, problem);
    good &= read_role_filter(request, query, problem);
    good &= read_active_filter(request, query, problem);
    good &= read_username_filter(request, query, problem);
    return good;
}

static void list_users_one(struct user_service *service, struct list_users_state *state)
{
    struct error err = { 0 };

    state->failure = settle(service, list_users(&service->users, &state->list, &err), &err);
}

RUN_EACH(list_users_run, list_users_state, list_users_one)

static json_t *users_json(const struct list_users *list)
{
    AUTO(json) json_t *rows = json_array();

    for (size_t i = 0; i < list->count; i++)
        if (json_array_append_new(rows, user_json(&list->users[i])) != 0)
            return NULL;
    return STEAL(rows);
}

void list_users_encode(const void *state, struct response *response)
{
    const struct list_users_state *s = state;
    const struct list_users *list = &s->list;
    struct cursor_text next;

    if (failure_encode(&s->failure, response))
        return;
    if (list->more)
        next = user_cursor_format(&list->users[list->count - 1].id);
    page_encode("users", users_json(list), list->count, list->more ? next.text : NULL, response);
}

void list_users_release(void *state)
{
    list_users_done(&((struct list_users_state *)state)->list);
}

/* --- POST /users. --- */

struct create_user_body {
    struct sent_account sent;
    enum role role;
    bool active;
};

static const struct field create_user_fields[] = {
    SENT_ACCOUNT_FIELDS(struct create_user_body, sent),
    { "role", FIELD_OPTIONAL, offsetof(struct create_user_body, role),
      SIZE_OF(struct create_user_body, role), 0, read_role },
    { "active", FIELD_OPTIONAL, offsetof(struct create_user_body, active),
      SIZE_OF(struct create_user_body, active), 0, read_active },
};

bool create_user_decode(const struct request *request, void *state, struct problem *problem)
{
    struct create_user *create = &((struct create_user_state *)state)->create;
    struct create_user_body body = { .role = ROLE_PLAYER, .active = true };

    if (body_decode(request, create_user_fields, COUNT(create_user_fields), &body, problem))
        body_check_account(&body.sent, &problem->faults);
    const bool good = body_judged(problem);
    if (good) {
        create->actor = body_actor(request);
        body_take_account(&body.sent, &create->wanted);
        create->role = body.role;
        create->active = body.active;
    }
    sodium_memzero(&body, sizeof body);
    return good;
}

static void create_user_one(struct user_service *service, struct create_user_state *state)
{
    struct error err = { 0 };

    state->failure = settle(service, create_user(&service->users, &state->create, &err), &err);
}

RUN_EACH(create_user_run, create_user_state, create_user_one)

static void add_location(struct response *response, const struct user *user)
{
    static const char path[] = "/users/";
    const struct id_text id = id_format(&user->id);
    char location[sizeof path + ID_HEX];

    snprintf(location, sizeof location, "%s%s", path, id.hex);
    response_header(response, "Location", location);
}

/* A user with its tag. */
static void tagged_user_encode(int status, const struct user *user, struct response *response)
{
    etag_add(response, user->version);
    user_encode(status, user, response);
}

void create_user_encode(const void *state, struct response *response)
{
    const struct create_user_state *s = state;

    if (change_refused(&s->failure, s->create.result, response))
        return;
    add_location(response, &s->create.user);
    tagged_user_encode(201, &s->create.user, response);
}

void create_user_release(void *state)
{
    sodium_memzero(state, sizeof(struct create_user_state));
}

/* --- GET /users/{id}. --- */

bool get_user_decode(const struct request *request, void *state, struct problem *problem)
{
    (void)problem;
    ((struct get_user_state *)state)->get.user_id = request_id_parameter(request);
    return true;
}

static void get_user_one(struct user_service *service, struct get_user_state *state)
{
    struct error err = { 0 };

    state->failure = settle(service, get_user(&service->users, &state->get, &err), &err);
}

RUN_EACH(get_user_run, get_user_state, get_user_one)

void get_user_encode(const void *state, struct response *response)
{
    const struct get_user_state *s = state;

    if (!change_refused(&s->failure, s->get.found ? CHANGE_NONE : CHANGE_GONE, response))
        tagged_user_encode(200, &s->get.user, response);
}

/* --- PATCH /users/{id}. --- */

static const struct field change_user_fields[] = {
    ADMIN_FIELDS(struct change_user, change),
    PROFILE_FIELDS(struct change_user, change),
};

bool change_user_decode(const struct request *request, void *state, struct problem *problem)
{
    struct change_user *change = &((struct change_user_state *)state)->change;

    change->actor = body_actor(request);
    change->user_id = request_id_parameter(request);
    return if_match_read(request, &change->expected, problem) &&
           request_decode_body(request, change_user_fields, COUNT(change_user_fields), change,
                               problem);
}

static void change_user_one(struct user_service *service, struct change_user_state *state)
{
    struct error err = { 0 };

    state->failure = settle(service, change_user(&service->users, &state->change, &err), &err);
}

RUN_EACH(change_user_run, change_user_state, change_user_one)

void change_user_encode(const void *state, struct response *response)
{
    const struct change_user_state *s = state;

    if (!change_refused(&s->failure, s->change.result, response))
        tagged_user_encode(200, &s->change.user, response);
}

/* --- DELETE /users/{id}. --- */

bool delete_user_decode(const struct request *request, void *state, struct problem *problem)
{
    struct delete_user *delete = &((struct delete_user_state *)state)->delete;

    delete->actor = body_actor(request);
    delete->user_id = request_id_parameter(request);
    return if_match_read(request, &delete->expected, problem);
}

static void delete_user_one(struct user_service *service, struct delete_user_state *state)
{
    struct error err = { 0 };

    state->failure = settle(service, delete_user(&service->users, &state->delete, &err), &err);
}

RUN_EACH(delete_user_run, delete_user_state, delete_user_one)

/* One that is gone is as it was asked for. */
void delete_user_encode(const void *state, struct response *response)
{
    const struct delete_user_state *s = state;
    const bool gone = s->delete.result == CHANGE_GONE;

    if (!change_refused(&s->failure, gone ? CHANGE_NONE : s->delete.result, response))
        response->status = 204;
}
