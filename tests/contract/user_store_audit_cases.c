/* The audit log: newest first, page by page, of all or of one user. */
#include "contract/user_store_suite.h"

#include <string.h>

enum { EVENTS = 23, PAGE = 4, A_DATE = 5 /* events that share one */ };

/* Of five events in turn: 1 did it to 2, 2 to 1, 1 to itself, nobody to 2, 3 to nobody. */
static struct audit_event nth_event(uint32_t n)
{
    static const uint32_t actors[] = { 1, 2, 1, 0, 3 }, targets[] = { 2, 1, 1, 2, 0 };
    struct audit_event event = {
        .id = nth_id(n, AN_EVENT),
        .date = INT64_C(1800000000000) + n / A_DATE,
        .has_actor = n % 5 != 3,
        .has_target = n % 5 != 4,
        .action = "user-change",
        .outcome = "done",
        .source = { "192.0.2.1" },
    };

    if (event.has_actor)
        event.actor = nth_id(actors[n % 5], A_USER);
    if (event.has_target)
        event.target = nth_id(targets[n % 5], A_USER);
    return event;
}

static void add_event(struct user_store *store, const struct audit_event *event)
{
    struct error err = { 0 };

    if (!user_store_add_audit(store, event, &err))
        fail_msg("add_audit: %s", err.detail);
}

/* Not in the order of their dates. */
static void add_events(struct user_store *store)
{
    for (uint32_t i = 0; i < EVENTS; i++) {
        const struct audit_event event = nth_event(i * 7 % EVENTS);
        add_event(store, &event);
    }
}

/* Moves the query on behind what it gives. */
static size_t next_page(struct user_store *store, struct audit_query *query,
                        struct audit_event events[PAGE])
{
    struct error err = { 0 };
    size_t count = 0;

    query->limit = PAGE;
    if (!user_store_list_audit(store, query, events, &count, &err))
        fail_msg("list_audit: %s", err.detail);
    assert_in_range(count, 0, PAGE);
    if (count > 0) {
        query->has_before = true;
        query->before_date = events[count - 1].date;
        query->before_id = events[count - 1].id;
    }
    return count;
}

static void assert_same_event(const struct audit_event *a, const struct audit_event *e)
{
    assert_memory_equal(a->id.bytes, e->id.bytes, ID_BYTES);
    assert_int_equal(a->date, e->date);
    assert_int_equal(a->has_actor, e->has_actor);
    assert_int_equal(a->has_target, e->has_target);
    assert_memory_equal(a->actor.bytes, e->actor.bytes, ID_BYTES);
    assert_memory_equal(a->target.bytes, e->target.bytes, ID_BYTES);
    assert_string_equal(a->action, e->action);
    assert_string_equal(a->outcome, e->outcome);
    assert_string_equal(a->source.text, e->source.text);
}

static void an_empty_log_has_an_empty_page(void **state)
{
    (void)state;
    AUTO(user_store) struct user_store *store = suite_begin();
    struct audit_query query = { 0 };
    struct audit_event page[PAGE];

    assert_int_equal(next_page(store, &query, page), 0);
}

static void an_event_of_the_longest_texts_comes_back(void **state)
{
    (void)state;
    AUTO(user_store) struct user_store *store = suite_begin();
    struct audit_event event = nth_event(0), page[PAGE];
    struct audit_query query = { 0 };

    memset(event.action, 'a', AUDIT_WORD_MAX);
    memset(event.outcome, 'o', AUDIT_WORD_MAX);
    memset(event.source.text, 's', SOURCE_MAX);
    add_event(store, &event);
    assert_int_equal(next_page(store, &query, page), 1);
    assert_same_event(&page[0], &event);
}

static const struct audit_case {
    const char *name;
    uint32_t user; /* 0: all */
    uint32_t count;
} audit_cases[] = {
    { "audit: all", 0, EVENTS },
    { "audit: of a user, as either, or both", 1, 15 },
    { "audit: of a user, as either", 2, 14 },
    { "audit: of a user, as the actor", 3, 4 },
    { "audit: of a user without events", 9, 0 },
};

static bool concerns(const struct audit_event *event, const struct id *user)
{
    return (event->has_actor && id_equal(&event->actor, user)) ||
           (event->has_target && id_equal(&event->target, user));
}

/* Also those that come meanwhile do not disturb: they are newer than any page but the first. */
static void pages_go_back_from_the_newest(void **state)
{
    const struct audit_case *c = *state;
    AUTO(user_store) struct user_store *store = suite_begin();
    struct audit_query query = { .by_user = c->user != 0, .user = nth_id(c->user, A_USER) };
    struct audit_event page[PAGE];
    uint32_t n = EVENTS, coming = 10 * EVENTS, listed = 0;
    size_t count;

    add_events(store);
    do {
        count = next_page(store, &query, page);
        for (size_t i = 0; i < count; i++, listed++) {
            struct audit_event expected = nth_event(--n);
            while (query.by_user && n > 0 && !concerns(&expected, &query.user))
                expected = nth_event(--n);
            assert_same_event(&page[i], &expected);
        }
        const struct audit_event newer = nth_event(coming++);
        add_event(store, &newer);
    } while (count == PAGE);
    assert_int_equal(listed, c->count);
}

void add_audit_cases(struct tests *tests)
{
    ADD_TEST(tests, an_empty_log_has_an_empty_page);
    ADD_TEST(tests, an_event_of_the_longest_texts_comes_back);
    ADD_ROWS(tests, pages_go_back_from_the_newest, audit_cases);
}
