#include "http/audit_routes.h"

#include "base/date.h"
#include "http/encode.h"
#include "http/page.h"
#include "http/settle.h"
#include "json/decode.h"

static bool read_user_filter(const struct request *request, struct audit_query *query,
                             struct problem *problem)
{
    size_t times;
    const struct slice text = request_query(request, "user", &times);

    query->by_user = times > 0;
    return times == 0 || (times == 1 && id_parse(text.text, text.length, &query->user)) ||
           request_query_fault(problem, "format", "user: give a user's id, once.");
}

bool list_audit_decode(const struct request *request, void *state, struct problem *problem)
{
    struct audit_query *query = &((struct list_audit_state *)state)->list.query;

    bool good = page_limit_read(request, &query->limit, problem);

    good &= audit_cursor_read(request, query, problem);
    good &= read_user_filter(request, query, problem);
    return good;
}

static void list_audit_one(struct user_service *service, struct list_audit_state *state)
{
    struct error err = { 0 };

    state->failure = settle(service, list_audit(&service->users, &state->list, &err), &err);
}

RUN_EACH(list_audit_run, list_audit_state, list_audit_one)

static json_t *event_json(const struct audit_event *event)
{
    const struct id_text id = id_format(&event->id);
    const struct date_text date = date_format(event->date);
    const struct id_text actor = id_format(&event->actor), target = id_format(&event->target);

    return json_pack("{s:s, s:s, s:s?, s:s, s:s?, s:s?, s:s}", "_id", id.hex, "date", date.text,
                     "actor", event->has_actor ? actor.hex : NULL, "action", event->action,
                     "target", event->has_target ? target.hex : NULL, "source",
                     *event->source.text ? event->source.text : NULL, "outcome", event->outcome);
}

static json_t *events_json(const struct list_audit *list)
{
    AUTO(json) json_t *rows = json_array();

    for (size_t i = 0; i < list->count; i++)
        if (json_array_append_new(rows, event_json(&list->events[i])) != 0)
            return NULL;
    return STEAL(rows);
}

void list_audit_encode(const void *state, struct response *response)
{
    const struct list_audit_state *s = state;
    const struct list_audit *list = &s->list;
    struct cursor_text next;

    if (failure_encode(&s->failure, response))
        return;
    if (list->more)
        next = audit_cursor_format(&list->events[list->count - 1]);
    page_encode("events", events_json(list), list->count, list->more ? next.text : NULL, response);
}

void list_audit_release(void *state)
{
    list_audit_done(&((struct list_audit_state *)state)->list);
}
