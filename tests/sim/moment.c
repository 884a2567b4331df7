/* Copies and digests of a small world's moments. */
#include "sim/moment.h"

#include <string.h>

#include "sim/world.h"

void moment_copy(struct moment *to, const struct moment *from)
{
    struct documents documents = to->documents;
    struct broker_content broker = to->broker;

    documents_copy(&documents, &from->documents);
    broker_content_copy(&broker, &from->broker);
    *to = *from;
    to->documents = documents;
    to->broker = broker;
}

void moment_done(struct moment *moment)
{
    documents_done(&moment->documents);
    broker_content_done(&moment->broker);
}

unsigned turn_of(int64_t time)
{
    int64_t since = time - WORLD_START;
    return (unsigned)(since / TURN_MS) + (since % TURN_MS > REPLICA_NOW_MS);
}

/* The finalizer of splitmix64 over sum and value. */
uint64_t digest(uint64_t sum, uint64_t value)
{
    uint64_t z = (sum ^ value) + UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

uint64_t digest_id(uint64_t sum, const struct id *id)
{
    uint64_t half;
    memcpy(&half, id->bytes, sizeof half);
    return digest(sum, half);
}

static uint64_t digest_content(uint64_t sum, const struct id *id, int64_t price, int64_t date)
{
    return digest(digest(digest_id(sum, id), (uint64_t)price), (uint64_t)date);
}

uint64_t digest_order(uint64_t sum, const struct order *order)
{
    return digest(digest_content(sum, &order->id, order->price, order->date), order->status);
}

uint64_t digest_record(uint64_t sum, const struct record *record)
{
    sum = digest_content(sum, &record->order_id, record->price, record->date);
    return digest(digest(sum, record->state), turn_of(record->due_at));
}

static uint64_t digest_documents(const struct documents *documents)
{
    uint64_t sum = digest(documents->record_count, documents->order_count);

    for (size_t i = 0; i < documents->record_count; i++)
        sum = digest_record(sum, &documents->records[i]);
    for (size_t i = 0; i < documents->order_count; i++)
        sum = digest_order(sum, &documents->orders[i]);
    return sum;
}

static bool holds(const struct documents *documents, const struct id *id, const struct id *owner)
{
    static const struct id nobody;
    const struct record *record = documents_record(documents, id);
    return record && !id_equal(owner, &nobody) && id_equal(&record->owner, owner);
}

/* It would change nothing, now or ever: orders stay, a claim that ended is not given twice. */
static bool is_void(const struct documents *documents, const struct write *write)
{
    const struct order *order = documents_order(documents, &write->id);

    if (write->kind == WRITE_ADD_RECORD)
        return false;
    if (write->kind == WRITE_ADD_ORDER)
        return documents_order(documents, &write->order.id) != NULL;
    if (write->kind == WRITE_CONFIRM_ORDER)
        return order && order->status == ORDER_PROCESSING;
    return !holds(documents, &write->id, &write->owner);
}

/* In whatever order they came. */
static uint64_t digest_late_writes(const struct documents *documents)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < documents->late_count; i++) {
        const struct write *write = &documents->late[i];
        uint64_t one = digest(1, write->kind);
        if (is_void(documents, write))
            continue;
        if (write->kind == WRITE_ADD_RECORD)
            one = digest_record(one, &write->record);
        else if (write->kind == WRITE_ADD_ORDER)
            one = digest_order(one, &write->order);
        else
            one = digest_id(one, &write->id);
        sum += one;
    }
    return sum;
}

static bool came_before(const struct message_list *list, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (digest_order(0, &list->items[i].order) == digest_order(0, &list->items[index].order))
            return true;
    return false;
}

static uint64_t digest_topic(const struct message_list *topic)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < topic->count; i++)
        if (!came_before(topic, i))
            sum += digest_order(2, &topic->items[i].order);
    return sum;
}

static uint64_t digest_checker(const struct checker *checker)
{
    uint64_t sum = 3;

    for (size_t i = 0; i < checker->key_count; i++) {
        const struct watched *key = &checker->keys[i];
        sum = digest(digest(sum, key->stored), key->acknowledged);
        sum = digest(digest(sum, key->record_there), key->late);
        sum = digest_order(sum, &key->first);
    }
    for (size_t i = 0; i < checker->asked_count; i++)
        sum = digest(digest(sum, checker->asked[i].accepted), checker->asked[i].refused);
    return sum;
}

/* What an actor's next steps depend on: of several documents all that it was told and when it
 * began. Of one document what it asks for next says it all, but for how far it is (an intake) or,
 * before it publishes, what it claimed and when (a sweep). */
static uint64_t digest_memory(const struct actor *actor, unsigned began)
{
    uint64_t sum = digest(digest(9, actor->stands_at), actor->asks);

    if (actor->remembers || actor->told_count == 0)
        return digest(digest(sum, actor->learned), began);
    if (actor->task == TASK_INTAKE)
        return digest(sum, actor->told_count);
    if (actor->stands_at == CALL_FIND_ORDERS || actor->stands_at == CALL_ADD_ORDERS)
        return digest(digest(sum, actor->learned), began);
    return sum;
}

static uint64_t digest_actor(const struct moment *moment, const struct moment path[], size_t number)
{
    const struct actor *actor = &moment->actors[number];
    uint64_t sum = digest(digest(4, actor->task), actor->tries_left);

    if (actor->task == TASK_NONE)
        return sum;
    sum = digest(sum, digest_memory(actor, path[actor->began].turns));
    sum = digest(sum, actor->wrote);
    if (actor->stands_at == CALL_RELEASE) /* its times are those of the last call */
        sum = digest(sum, path[actor->told[actor->told_count - 1].moment].turns);
    for (size_t i = 0; i < moment->checker.key_count; i++) {
        const struct watched *key = &moment->checker.keys[i];
        sum = digest(sum, key->held_late[number]);
        sum = digest(sum, holds(&moment->documents, &key->order_id, &actor->owner));
    }
    return sum;
}

uint64_t moment_recovery_key(const struct moment *moment)
{
    return digest(digest_documents(&moment->documents), digest_topic(&moment->broker.topic));
}

uint64_t moment_key(const struct moment *moment, const struct moment path[])
{
    uint64_t sum = digest(moment_recovery_key(moment), digest_late_writes(&moment->documents));
    uint64_t replicas = 0;

    for (size_t i = 0; i < moment->broker.in_flight.count; i++)
        replicas += digest_order(5, &moment->broker.in_flight.items[i].order);
    sum = digest(sum, digest_checker(&moment->checker));
    for (size_t i = 0; i < moment->client_count; i++)
        sum = digest(sum, digest_actor(moment, path, i));
    for (size_t i = moment->client_count; i < moment->actor_count; i++)
        replicas += digest_actor(moment, path, i);
    return digest(digest(digest(sum, replicas), moment->turns), moment->faults_left);
}
