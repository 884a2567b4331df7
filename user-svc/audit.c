#include "audit.h"

#include <stdlib.h>
#include <string.h>
#include "base/log.h"

/* Stored as words: a log outlives the versions that wrote it. */
static const char *const actions[AUDIT_ACTIONS] = {
    [AUDIT_SIGNUP] = "signup",
    [AUDIT_LOGIN] = "login",
    [AUDIT_LOGOUT] = "logout",
    [AUDIT_TOKEN_REUSE] = "token-reuse",
    [AUDIT_PASSWORD_CHANGE] = "password-change",
    [AUDIT_PASSWORD_RESET] = "password-reset",
    [AUDIT_PROFILE_CHANGE] = "profile-change",
    [AUDIT_DEACTIVATE] = "deactivate",
    [AUDIT_USER_CREATE] = "user-create",
    [AUDIT_USER_CHANGE] = "user-change",
    [AUDIT_USER_DELETE] = "user-delete",
};

static const char *const outcomes[AUDIT_OUTCOMES] = {
    [AUDIT_DONE] = "done",
    [AUDIT_REFUSED] = "refused",
};

/* Fits: the words are ours. */
static void copy_word(char out[AUDIT_WORD_MAX + 1], const char *word)
{
    memcpy(out, word, strlen(word) + 1);
}

void audit(const struct users *users, const struct audit_entry *entry)
{
    struct audit_event event = {
        .id = id_random(users->random),
        .date = user_store_now(users->store),
        .has_actor = entry->actor != NULL,
        .has_target = entry->target != NULL,
    };
    struct error err = { 0 };

    if (entry->actor)
        event.actor = *entry->actor;
    if (entry->target)
        event.target = *entry->target;
    if (entry->source)
        event.source = *entry->source;
    copy_word(event.action, actions[entry->action]);
    copy_word(event.outcome, outcomes[entry->outcome]);
    if (!user_store_add_audit(users->store, &event, &err))
        log_error("audit event not stored", LOG_TEXT("action", event.action), LOG_ERR(&err));
}

bool list_audit(const struct users *users, struct list_audit *list, struct error *err)
{
    struct audit_query query = list->query;

    query.limit++; /* one more than asked tells whether there is a next page */
    AUTO(memory) struct audit_event *events = calloc(query.limit, sizeof *events);
    if (!events)
        return error_set(err, ERR_NO_MEMORY, 0, "page of %zu events", query.limit);

    size_t count = 0;
    if (!user_store_list_audit(users->store, &query, events, &count, err))
        return false;
    list->more = count > list->query.limit;
    list->count = list->more ? list->query.limit : count;
    list->events = STEAL(events);
    return true;
}

void list_audit_done(struct list_audit *list)
{
    free(list->events);
    list->events = NULL;
}
