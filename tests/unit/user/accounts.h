/* Accounts as tests of their changes want them, over fixture.h. */
#ifndef UNIT_USER_ACCOUNTS_H
#define UNIT_USER_ACCOUNTS_H

#include "unit/user/fixture.h"

#include "audit.h"
#include "user_admin.h"

#define SOME_SOURCE                                                                                \
    {                                                                                              \
        "192.0.2.1"                                                                                \
    }

static inline struct account account_now(struct fixture *f, const struct id *id)
{
    struct account account;
    struct error err = { 0 };
    bool found = false;

    if (!user_store_get_account(f->store.real, id, &account, &found, &err))
        fail_msg("account: %s", err.detail);
    assert_true(found);
    return account;
}

static inline bool is_there(struct fixture *f, const struct id *id)
{
    struct account account;
    struct error err = { 0 };
    bool found = false;

    assert_true(user_store_get_account(f->store.real, id, &account, &found, &err));
    return found;
}

/* One that an admin of old made. */
static inline struct user add_user(struct fixture *f, const char *name, enum role role)
{
    struct create_user create = { .actor = { .source = SOME_SOURCE },
                                  .wanted = { .first_name = "Anna",
                                              .last_name = "Novak",
                                              .phone = "+420123456789",
                                              .password = ALICE_PASSWORD },
                                  .role = role,
                                  .active = true };
    struct error err = { 0 };

    snprintf(create.wanted.username, sizeof create.wanted.username, "%s", name);
    snprintf(create.wanted.email, sizeof create.wanted.email, "%s@example.org", name);
    if (!create_user(&f->users, &create, &err))
        fail_msg("create_user: %s", err.detail);
    assert_int_equal(create.result, CHANGE_DONE);
    return create.user;
}

/* What an account is changed to by another replica just before our put: once, or each time. */
static inline void moves_on(struct faulty_store *store, const struct account *from)
{
    struct account to = *from;
    enum put_account_outcome outcome;
    struct error err = { 0 };

    to.user.phone[1] = to.user.phone[1] == '9' ? '8' : '9';
    to.user.version++;
    assert_true(user_store_put_account(store->real, from, &to, &outcome, &err));
    assert_int_equal(outcome, ACCOUNT_PUT);
}

static inline void moves_on_once(struct faulty_store *store, const struct account *from)
{
    store->before_put = NULL;
    moves_on(store, from);
}

/* Told by tests of sessions. */
static inline bool is_of_a_session(const struct audit_event *event)
{
    return strcmp(event->action, "signup") == 0 || strcmp(event->action, "login") == 0;
}

/* "action outcome" of each other event, newest first, with a comma behind each. */
struct told_events {
    char text[512];
};

static inline struct told_events events_told(struct fixture *f)
{
    const struct audit_query query = { .limit = 20 };
    struct audit_event events[20];
    struct told_events told = { "" };
    struct error err = { 0 };
    size_t count = 0, length = 0;

    assert_true(user_store_list_audit(f->store.real, &query, events, &count, &err));
    for (size_t i = 0; i < count; i++)
        if (!is_of_a_session(&events[i]))
            length += (size_t)snprintf(told.text + length, sizeof told.text - length, "%s %s, ",
                                       events[i].action, events[i].outcome);
    return told;
}

#endif
