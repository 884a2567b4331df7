/* A broker in memory. */
#include "sim/memory_publisher.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/order_store.h"

enum { PUBLISH_MAX_MS = 10 * SECOND_MS };

struct memory_publisher {
    struct publisher publisher; /* first: what the port sees */
    struct publisher_hooks hooks;

    pthread_mutex_t mutex; /* of all below */
    struct broker_content content;
    int64_t max_ms;
    unsigned calls;
    uint64_t rebuilds;
    bool healthy;
};

static struct memory_publisher *memory_of(struct publisher *publisher)
{
    return (struct memory_publisher *)publisher;
}

static bool append(struct message_list *list, const struct message *message)
{
    if (list->count == list->room) {
        size_t larger = list->room ? 2 * list->room : 16;
        struct message *moved = realloc(list->items, larger * sizeof *moved);
        if (!moved)
            return false;
        list->items = moved;
        list->room = larger;
    }
    list->items[list->count++] = *message;
    return true;
}

static void copy_list(struct message_list *to, const struct message_list *from)
{
    to->count = 0;
    for (size_t i = 0; i < from->count; i++) {
        bool kept = append(to, &from->items[i]);
        assert(kept);
    }
}

void broker_content_copy(struct broker_content *to, const struct broker_content *from)
{
    copy_list(&to->topic, &from->topic);
    copy_list(&to->in_flight, &from->in_flight);
}

void broker_content_done(struct broker_content *content)
{
    free(content->topic.items);
    free(content->in_flight.items);
}

static enum publish_outcome take(struct memory_publisher *memory, const struct order_event *event,
                                 enum event_fault fault)
{
    struct message message = { *event->order, *event->traceparent };

    switch (fault) {
    case EVENT_FINE:
        return append(&memory->content.topic, &message) ? PUBLISH_DELIVERED : PUBLISH_FAILED;
    case EVENT_REFUSED:
        return PUBLISH_REFUSED;
    case EVENT_FAILED:
        return PUBLISH_FAILED;
    case EVENT_UNKNOWN_LOST:
        break;
    case EVENT_UNKNOWN_DELIVERED:
        (void)!append(&memory->content.topic,
                      &message); /* without memory it is lost: unknown as well */
        break;
    case EVENT_UNKNOWN_LATER:
        (void)!append(&memory->content.in_flight, &message);
        break;
    }
    return PUBLISH_UNKNOWN;
}

static void publish(struct publisher *publisher, const struct order_event events[], size_t count,
                    enum publish_outcome outcomes[])
{
    struct memory_publisher *memory = memory_of(publisher);
    enum event_fault faults[ORDER_UNIT_MAX];
    struct publish_step step = { events, count, faults };

    assert(count <= ORDER_UNIT_MAX);
    memset(faults, 0, count * sizeof *faults);
    if (memory->hooks.before)
        memory->hooks.before(memory->hooks.context, &step);

    pthread_mutex_lock(&memory->mutex);
    memory->calls++;
    for (size_t i = 0; i < count; i++)
        outcomes[i] = take(memory, &events[i], faults[i]);
    pthread_mutex_unlock(&memory->mutex);

    if (memory->hooks.after)
        memory->hooks.after(memory->hooks.context, &step);
}

static int64_t publish_max_ms(const struct publisher *publisher)
{
    return ((const struct memory_publisher *)publisher)->max_ms;
}

static bool healthy(struct publisher *publisher)
{
    struct memory_publisher *memory = memory_of(publisher);
    LOCKED(&memory->mutex);
    return memory->healthy;
}

/* The port asks with a const self, which a mutex cannot be locked in; the number changes only in
 * hooks of the publishing thread, which is the one that asks. */
static uint64_t rebuilds(const struct publisher *publisher)
{
    return ((const struct memory_publisher *)publisher)->rebuilds;
}

static void close_publisher(struct publisher *publisher)
{
    struct memory_publisher *memory = memory_of(publisher);

    broker_content_done(&memory->content);
    pthread_mutex_destroy(&memory->mutex);
    free(memory);
}

static const struct publisher_functions functions = {
    .close = close_publisher,
    .publish = publish,
    .publish_max_ms = publish_max_ms,
    .healthy = healthy,
    .rebuilds = rebuilds,
};

struct publisher *memory_publisher_open(struct error *err)
{
    struct memory_publisher *memory = calloc(1, sizeof *memory);
    if (!memory) {
        error_set(err, ERR_NO_MEMORY, 0, "broker in memory");
        return NULL;
    }
    memory->publisher.functions = &functions;
    memory->max_ms = PUBLISH_MAX_MS;
    memory->healthy = true;
    pthread_mutex_init(&memory->mutex, NULL);
    return &memory->publisher;
}

void memory_publisher_hook(struct publisher *publisher, const struct publisher_hooks *hooks)
{
    memory_of(publisher)->hooks = *hooks;
}

void memory_publisher_set_healthy(struct publisher *publisher, bool is_healthy)
{
    struct memory_publisher *memory = memory_of(publisher);
    LOCKED(&memory->mutex);
    memory->healthy = is_healthy;
}

void memory_publisher_set_max_ms(struct publisher *publisher, int64_t ms)
{
    memory_of(publisher)->max_ms = ms;
}

void memory_publisher_rebuild(struct publisher *publisher)
{
    memory_of(publisher)->rebuilds++;
}

size_t memory_publisher_count(struct publisher *publisher)
{
    struct memory_publisher *memory = memory_of(publisher);
    LOCKED(&memory->mutex);
    return memory->content.topic.count;
}

struct message memory_publisher_message(struct publisher *publisher, size_t index)
{
    struct memory_publisher *memory = memory_of(publisher);
    LOCKED(&memory->mutex);
    assert(index < memory->content.topic.count);
    return memory->content.topic.items[index];
}

size_t memory_publisher_count_of(struct publisher *publisher, const struct id *order_id)
{
    struct memory_publisher *memory = memory_of(publisher);
    size_t count = 0;
    LOCKED(&memory->mutex);
    for (size_t i = 0; i < memory->content.topic.count; i++)
        count += id_equal(&memory->content.topic.items[i].order.id, order_id);
    return count;
}

unsigned memory_publisher_calls(struct publisher *publisher)
{
    struct memory_publisher *memory = memory_of(publisher);
    LOCKED(&memory->mutex);
    return memory->calls;
}

size_t memory_publisher_in_flight(struct publisher *publisher)
{
    struct memory_publisher *memory = memory_of(publisher);
    LOCKED(&memory->mutex);
    return memory->content.in_flight.count;
}

void memory_publisher_land(struct publisher *publisher, size_t index)
{
    struct memory_publisher *memory = memory_of(publisher);
    LOCKED(&memory->mutex);
    assert(index < memory->content.in_flight.count);
    struct message message = memory->content.in_flight.items[index];
    memory->content.in_flight.items[index] =
        memory->content.in_flight.items[--memory->content.in_flight.count];
    bool kept = append(&memory->content.topic, &message);
    assert(kept);
}

void memory_publisher_save(struct publisher *publisher, struct broker_content *copy)
{
    struct memory_publisher *memory = memory_of(publisher);
    LOCKED(&memory->mutex);
    broker_content_copy(copy, &memory->content);
}

void memory_publisher_restore(struct publisher *publisher, const struct broker_content *copy)
{
    struct memory_publisher *memory = memory_of(publisher);
    LOCKED(&memory->mutex);
    broker_content_copy(&memory->content, copy);
}
