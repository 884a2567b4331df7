/* The audit log. An event is found under its actor and under its target by `users`, an array of
 * both. */
#include "store/user_documents_mongo.h"
#include "store/user_rooms_mongo.h"

static void event_append(bson_t *document, const struct audit_event *event)
{
    bson_t users;

    BSON_APPEND_DATE_TIME(document, "date", event->date);
    BSON_APPEND_ARRAY_BEGIN(document, "users", &users);
    if (event->has_actor)
        id_append(&users, "0", &event->actor);
    if (event->has_target)
        id_append(&users, event->has_actor ? "1" : "0", &event->target);
    bson_append_array_end(document, &users);
    if (event->has_actor)
        id_append(document, "actor", &event->actor);
    if (event->has_target)
        id_append(document, "target", &event->target);
    BSON_APPEND_UTF8(document, "action", event->action);
    BSON_APPEND_UTF8(document, "outcome", event->outcome);
    BSON_APPEND_UTF8(document, "source", event->source.text);
}

/* Not there is fine, anything else than an id is not. */
static bool read_user(const bson_t *document, const char *name, bool *has, struct id *out)
{
    *has = mongo_field_is(document, name);
    return !*has || mongo_field_id(document, name, out);
}

static bool event_of_document(const bson_t *document, struct audit_event *out, struct error *err)
{
    struct audit_event event = { .date = 0 };

    if (!mongo_field_id(document, "_id", &event.id) ||
        !mongo_field_date(document, "date", &event.date) ||
        !read_user(document, "actor", &event.has_actor, &event.actor) ||
        !read_user(document, "target", &event.has_target, &event.target) ||
        !mongo_field_text(document, "action", event.action, sizeof event.action) ||
        !mongo_field_text(document, "outcome", event.outcome, sizeof event.outcome) ||
        !mongo_field_text(document, "source", event.source.text, sizeof event.source.text))
        return error_set(err, ERR_BUG, 0, "an audit event is not as it was written");
    *out = event;
    return true;
}

/* Its id is random and made once: a duplicate is our own, written by a try whose answer was lost.
 */
bool user_mongo_add_audit(struct user_store *store, const struct audit_event *event,
                          struct error *err)
{
    AUTO(mongo_session) struct mongo_session *session = user_mongo_begin(store, err);
    AUTO(bson) bson_t *document = document_by_id(&event->id);

    event_append(document, event);
    return session && document_insert(session, AUDIT, document, err) <= MONGO_DUPLICATE;
}

/* Behind the cursor in the order of the index; the date stands there twice because that is what
 * lets a store begin in the index's middle. */
static bson_t *list_filter(const struct audit_query *query)
{
    const bson_oid_t before = mongo_oid(&query->before_id);
    const int64_t date = query->before_date;
    bson_t *filter = bson_new();

    if (query->by_user)
        id_append(filter, "users", &query->user);
    if (query->has_before)
        BCON_APPEND(filter, "date", "{", "$lte", BCON_DATE_TIME(date), "}", "$or", "[", "{", "date",
                    "{", "$lt", BCON_DATE_TIME(date), "}", "}", "{", "date", BCON_DATE_TIME(date),
                    "_id", "{", "$lt", BCON_OID(&before), "}", "}", "]");
    return filter;
}

bool user_mongo_list_audit(struct user_store *store, const struct audit_query *query,
                           struct audit_event events[], size_t *count, struct error *err)
{
    AUTO(mongo_session) struct mongo_session *session = user_mongo_begin(store, err);
    AUTO(bson) bson_t *filter = list_filter(query);
    AUTO(bson) bson_t *sort = BCON_NEW("date", BCON_INT32(-1), "_id", BCON_INT32(-1));
    const struct mongo_query find = {
        .collection = AUDIT, .filter = filter, .sort = sort, .limit = query->limit
    };
    AUTO(mongo_rows) struct mongo_rows rows = MONGO_NO_ROWS;
    size_t read = 0;
    bson_t row;

    if (!session || !mongo_find(session, &find, &rows, err))
        return false;
    while (read < query->limit && mongo_next(&rows, &row))
        if (!event_of_document(&row, &events[read++], err))
            return false;
    *count = read;
    return true;
}
