/* The invariants, one function each. */
#include "sim/checker.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

/* What the primary has of a key. */
struct view {
    struct record record;
    struct order order;
    bool has_record, has_order;
};

static PRINTF_LIKE(2, 3) void breach(struct checker *checker, const char *format, ...)
{
    va_list arguments;

    if (checker->broken[0])
        return;
    va_start(arguments, format);
    vsnprintf(checker->broken, sizeof checker->broken, format, arguments);
    va_end(arguments);
}

static struct view view_of(struct checker *checker, size_t key)
{
    struct order_store *store = checker->world->store;
    const struct id *id = &checker->keys[key].order_id;
    struct view view = { 0 };

    view.has_record = memory_store_record(store, id, &view.record);
    view.has_order = memory_store_order(store, id, &view.order);
    return view;
}

static struct watched *key_of(struct checker *checker, const struct id *order_id)
{
    for (size_t i = 0; i < checker->key_count; i++)
        if (id_equal(&checker->keys[i].order_id, order_id))
            return &checker->keys[i];
    breach(checker, "S2: an order id that no key has");
    return NULL;
}

static bool same_content(const struct order *a, const struct order *b)
{
    return id_equal(&a->id, &b->id) && id_equal(&a->user_id, &b->user_id) && a->price == b->price &&
           a->date == b->date;
}

static bool was_asked_for(const struct checker *checker, size_t key, int64_t price)
{
    for (size_t i = 0; i < checker->asked_count; i++)
        if (checker->asked[i].key == key && checker->asked[i].price == price)
            return true;
    return false;
}

/* ---- what is told ---- */

void checker_init(struct checker *checker, struct world *world, size_t key_count)
{
    *checker = (struct checker){ .world = world, .key_count = key_count };
    for (size_t i = 0; i < key_count; i++) {
        struct watched *key = &checker->keys[i];
        key->user_id = world_user((unsigned)i % 2); /* users share ids, ids share users */
        snprintf(key->request_id, sizeof key->request_id, "req-%zu", i / 2);
        key->order_id = order_id_of(&key->user_id, key->request_id);
    }
}

void checker_expect(struct checker *checker, size_t key, int64_t price)
{
    if (was_asked_for(checker, key, price))
        return;
    assert(checker->asked_count < ASKED_MAX);
    checker->asked[checker->asked_count++] = (struct asked){ .key = key, .price = price };
}

void checker_answered(struct checker *checker, const struct place_order *order)
{
    bool accepted = order->result == ORDER_PLACED || order->result == ORDER_REPLAYED ||
                    order->result == ORDER_HELPED;
    struct watched *key = key_of(checker, &order->order_id);

    for (size_t i = 0; key && i < checker->asked_count; i++) {
        struct asked *asked = &checker->asked[i];
        if (&checker->keys[asked->key] != key || asked->price != order->price)
            continue;
        asked->accepted |= accepted;
        asked->refused |= order->result == ORDER_ID_REUSED;
    }
}

void checker_wrote(struct checker *checker, const struct place_order *order, bool wrote)
{
    if (wrote && order->result == ORDER_NOT_ACCEPTED)
        breach(checker, "S10: a request was not accepted, but its record is, or may be, there");
}

void checker_claimed(struct checker *checker, int actor, const struct id ids[], size_t count)
{
    for (size_t i = 0; i < checker->key_count && actor >= 0; i++)
        checker->keys[i].held_late[actor] = false;
    for (size_t i = 0; i < count && actor >= 0; i++) {
        struct watched *key = key_of(checker, &ids[i]);
        if (key)
            key->held_late[actor] = key->late;
    }
}

void checker_published(struct checker *checker, int actor, const struct publish_step *step)
{
    for (size_t i = 0; i < step->count; i++) {
        struct watched *key = key_of(checker, &step->events[i].order->id);
        bool sent = step->faults[i] != EVENT_REFUSED && step->faults[i] != EVENT_FAILED &&
                    step->faults[i] != EVENT_UNKNOWN_LOST;
        if (!key)
            return;
        if (sent && actor >= 0 && key->held_late[actor])
            breach(checker, "S6: published for a record younger than `processing`");
        key->acknowledged |= step->faults[i] == EVENT_FINE;
    }
}

/* ---- after each step ---- */

static bool is_promised(const struct record *record, const struct order *order)
{
    struct order promised = order_of_record(record);
    return same_content(&promised, order);
}

static void look_at_order(struct checker *checker, size_t number, const struct view *view)
{
    struct watched *key = &checker->keys[number];

    if (!view->has_order) {
        if (key->stored)
            breach(checker, "S2: the order of key %zu is gone", number);
        return;
    }
    if (!key->stored) {
        /* The record is there still: it is purged only when the order is. */
        if (!view->has_record || !is_promised(&view->record, &view->order))
            breach(checker, "S9: no record promised the order of key %zu", number);
        key->first = view->order;
    }
    key->stored = true;
    if (!same_content(&key->first, &view->order))
        breach(checker, "S2: the order of key %zu changed", number);
    if (!was_asked_for(checker, number, view->order.price))
        breach(checker, "S2: nobody asked for the order of key %zu", number);
    if (view->order.status == ORDER_PROCESSING && !key->acknowledged)
        breach(checker, "S4: order of key %zu processing, its event never acknowledged", number);
}

static void look_at_record(struct checker *checker, size_t number, const struct view *view)
{
    struct watched *key = &checker->keys[number];
    bool processing = view->has_order && view->order.status == ORDER_PROCESSING;

    if (view->has_record && !key->record_there)
        key->late = processing;
    key->record_there = view->has_record;
    if (!view->has_record || view->record.state != RECORD_DONE)
        return;
    if (!key->acknowledged)
        breach(checker, "S4: record of key %zu done, its event never acknowledged", number);
    if (!processing)
        breach(checker, "S5: record of key %zu done, its order is not processing", number);
}

/* Whether it is true that the key belongs to other content. */
static bool refusal_is_true(const struct view *view, int64_t price)
{
    if (view->has_order)
        return view->order.price != price;
    return view->has_record && view->record.price != price;
}

static void look_at_answers(struct checker *checker, size_t number, const struct view *view)
{
    int64_t accepted = 0;

    for (size_t i = 0; i < checker->asked_count; i++) {
        const struct asked *asked = &checker->asked[i];
        if (asked->key != number)
            continue;
        if (asked->accepted && (!view->has_order || view->order.price != asked->price))
            breach(checker, "S1: 201 for key %zu, but no such order is there", number);
        if (asked->accepted && accepted && accepted != asked->price)
            breach(checker, "S7: 201 for two contents of key %zu", number);
        if (asked->accepted && asked->refused)
            breach(checker, "S8: 201 and 422 for one content of key %zu", number);
        if (asked->refused && !refusal_is_true(view, asked->price))
            breach(checker, "S8: 422 for key %zu, but its content is the truth", number);
        accepted = asked->accepted ? asked->price : accepted;
    }
}

static void look_at_topic(struct checker *checker)
{
    struct publisher *publisher = checker->world->publisher;
    size_t count = memory_publisher_count(publisher);

    for (size_t i = 0; i < count; i++) {
        struct message message = memory_publisher_message(publisher, i);
        struct order order;
        if (!memory_store_order(checker->world->store, &message.order.id, &order) ||
            !same_content(&order, &message.order))
            breach(checker, "S3: message %zu is not the content of a stored order", i);
    }
}

void checker_look(struct checker *checker)
{
    size_t orders = 0;

    for (size_t i = 0; i < checker->key_count; i++) {
        struct view view = view_of(checker, i);
        look_at_order(checker, i, &view);
        look_at_record(checker, i, &view);
        look_at_answers(checker, i, &view);
        orders += view.has_order;
    }
    if (memory_store_order_count(checker->world->store) != orders)
        breach(checker, "S2: an order of no key is there");
    look_at_topic(checker);
}

/* ---- at the end ---- */

void checker_look_at_end(struct checker *checker)
{
    for (size_t i = 0; i < checker->key_count; i++) {
        struct view view = view_of(checker, i);
        bool parked = view.has_record && view.record.state == RECORD_PARKED;

        if (view.has_record && view.record.state == RECORD_PENDING)
            breach(checker, "L1: the record of key %zu stays pending", i);
        if (!view.has_order || parked)
            continue;
        if (view.order.status != ORDER_PROCESSING)
            breach(checker, "L1: the order of key %zu stays new", i);
        if (memory_publisher_count_of(checker->world->publisher, &view.order.id) == 0)
            breach(checker, "L1: the order of key %zu is in no topic", i);
    }
}
