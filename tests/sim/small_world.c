/* What may happen in a small world, and what is then there. */
#include "sim/small_world.h"

#include <assert.h>
#include <stdlib.h>

#include "sim/pass.h"

enum {
    LEASE_MS = 30 * SECOND_MS,
    RECOVERY_SWEEPS = 8, /* more than any small world needs */
};

/* ---- choices ---- */

struct choice_list {
    struct choice *choices;
    size_t count;
};

static void offer(struct choice_list *list, enum act act, size_t actor, enum ending ending,
                  size_t number)
{
    assert(list->count < CHOICES_MAX);
    list->choices[list->count++] =
        (struct choice){ (uint8_t)act, (uint8_t)ending, (uint8_t)actor, (uint8_t)number };
}

/* What an actor leaves behind that dies, or fails with nothing done, in the last thing it will ever
 * do, it leaves as well where it just stands there: so that is not offered. */
static bool has_a_future(const struct moment *moment, size_t number)
{
    return number >= moment->client_count || moment->actors[number].tries_left > 0;
}

/* How a call may end besides well. A write that is in flight and lands at once is one that was done
 * though nobody can tell, one that never lands was lost: so unknown is one ending. */
static void offer_faults(struct choice_list *list, const struct moment *moment, size_t number)
{
    const struct actor *actor = &moment->actors[number];
    bool may_cost = moment->faults_left > 0;
    bool reading = actor->stands_at == CALL_FIND_ORDERS || actor->stands_at == CALL_FIND_RECORDS;
    bool whole = reading || actor->stands_at == CALL_CLAIM || actor->stands_at == CALL_PURGE;
    size_t documents = whole ? 1 : actor->documents;

    for (size_t i = 0; i < documents; i++) {
        if (has_a_future(moment, number) || documents > 1)
            offer(list, ACT_CALL, number, ENDS_FAILED, i);
        if (may_cost && !reading)
            offer(list, ACT_CALL, number, ENDS_UNKNOWN, i);
        if (may_cost && actor->stands_at == TOLD_PUBLISH)
            offer(list, ACT_CALL, number, ENDS_REFUSED, i);
    }
}

static bool has_pending_record(const struct moment *moment)
{
    for (size_t i = 0; i < moment->documents.record_count; i++)
        if (moment->documents.records[i].state == RECORD_PENDING)
            return true;
    return false;
}

static void offer_call(struct choice_list *list, const struct moment *moment, size_t number)
{
    offer(list, ACT_CALL, number, ENDS_WELL, 0);
    offer_faults(list, moment, number);
    if (has_a_future(moment, number))
        offer(list, ACT_DIE, number, ENDS_WELL, 0);
}

/* A pass is offered only where there is a record for it to find. */
static void offer_begin(struct choice_list *list, const struct moment *moment, size_t number)
{
    if (number < moment->client_count) {
        if (moment->actors[number].tries_left > 0)
            offer(list, ACT_REQUEST, number, ENDS_WELL, 0);
        return;
    }
    if (has_pending_record(moment))
        offer(list, ACT_SWEEP, number, ENDS_WELL, 0);
    if (moment->documents.record_count > 0 && moment->turns > 0)
        offer(list, ACT_PURGE, number, ENDS_WELL, 0);
}

/* It has read the clock and done nothing else, and the clock has not turned since. */
static bool is_fresh(const struct small_world *small, const struct moment *moment, size_t number)
{
    const struct actor *actor = &moment->actors[number];
    return actor->task != TASK_NONE && actor->told_count == 0 &&
           small->path[actor->began].turns == moment->turns;
}

/* Somebody who has only read the clock might as well have begun later, unless the clock turns: so
 * he goes on at once, or the clock turns, or more of them begin and then it turns. */
static void offer_to_fresh(struct choice_list *list, const struct small_world *small,
                           const struct moment *moment, size_t first)
{
    bool alone = true;

    for (size_t i = first + 1; i < moment->actor_count; i++) {
        alone &= !is_fresh(small, moment, i);
        if (moment->actors[i].task == TASK_NONE && moment->turns < small->bounds->turns)
            offer_begin(list, moment, i);
    }
    if (alone)
        offer_call(list, moment, first);
}

static void offer_to_all(struct choice_list *list, const struct moment *moment)
{
    for (size_t i = 0; i < moment->actor_count; i++)
        if (moment->actors[i].task == TASK_NONE)
            offer_begin(list, moment, i);
        else
            offer_call(list, moment, i);
    for (size_t i = 0; i < moment->documents.late_count; i++)
        offer(list, ACT_LAND, 0, ENDS_WELL, i);
    for (size_t i = 0; i < moment->broker.in_flight.count; i++)
        offer(list, ACT_ARRIVE, 0, ENDS_WELL, i);
}

size_t small_world_choices(const struct small_world *small, size_t depth,
                           struct choice choices[CHOICES_MAX])
{
    const struct moment *moment = &small->path[depth];
    struct choice_list list = { choices, 0 };
    size_t first = 0;

    while (first < moment->actor_count && !is_fresh(small, moment, first))
        first++;
    if (first < moment->actor_count)
        offer_to_fresh(&list, small, moment, first);
    else
        offer_to_all(&list, moment);
    if (moment->turns < small->bounds->turns)
        offer(&list, ACT_TURN, 0, ENDS_WELL, 0);
    return list.count;
}

/* ---- steps ---- */

static void act(struct small_world *small, size_t depth, struct choice choice)
{
    static const enum task tasks[ACTS] = {
        [ACT_REQUEST] = TASK_INTAKE,
        [ACT_SWEEP] = TASK_SWEEP,
        [ACT_PURGE] = TASK_PURGE,
    };
    struct moment *to = small->pass.to;

    switch ((enum act)choice.act) {
    case ACT_REQUEST:
    case ACT_SWEEP:
    case ACT_PURGE:
        pass_begin(small, choice.actor, tasks[choice.act], depth);
        pass_run(small, choice.actor);
        break;
    case ACT_CALL:
        pass_call(small, choice, depth);
        pass_run(small, choice.actor);
        break;
    case ACT_DIE:
        to->actors[choice.actor].task = TASK_NONE;
        break;
    case ACT_TURN:
        to->turns++;
        break;
    case ACT_LAND:
        memory_store_land(small->world.store, choice.number);
        break;
    case ACT_ARRIVE:
        memory_publisher_land(small->world.publisher, choice.number);
        break;
    case ACTS:
        break;
    }
}

void small_world_take(struct small_world *small, size_t depth, struct choice choice)
{
    assert(depth < SCHEDULE_MAX);
    struct moment *to = &small->path[depth + 1];

    moment_copy(to, &small->path[depth]);
    small->pass.to = to;
    pass_go_to(small, to);
    act(small, depth, choice);
    memory_store_save(small->world.store, &to->documents);
    memory_publisher_save(small->world.publisher, &to->broker);
    checker_look(&to->checker);
}

void small_world_recover(struct small_world *small, size_t depth)
{
    struct moment *moment = &small->path[depth];
    struct error err;
    size_t claimed = 1;

    pass_go_to(small, moment);
    turned_clock_pass(&small->world.clock, TURN_MS);
    seeded_random_init(&small->world.random, UINT32_MAX); /* no claim has that number */
    small->pass.recovering = true;
    for (int i = 0; i < RECOVERY_SWEEPS && claimed > 0; i++) {
        bool swept = scheduler_sweep(small->scheduler, &claimed, &err);
        assert(swept);
    }
    small->pass.recovering = false;
    checker_look_at_end(&moment->checker);
}

/* ---- begin and end ---- */

static void begin(struct small_world *small)
{
    const struct small_world_bounds *bounds = small->bounds;
    struct moment *start = &small->path[0];

    start->actor_count = (uint8_t)(bounds->clients + bounds->replicas);
    start->client_count = (uint8_t)bounds->clients;
    start->faults_left = (uint8_t)bounds->faults;
    checker_init(&start->checker, &small->world, bounds->keys);
    for (size_t i = 0; i < bounds->clients; i++) {
        start->actors[i].tries_left = (uint8_t)bounds->tries;
        for (size_t j = 0; j < bounds->batches[i].count; j++)
            checker_expect(&start->checker, bounds->batches[i].asks[j].key,
                           bounds->batches[i].asks[j].price);
    }
}

struct small_world *small_world_open(const struct small_world_bounds *bounds)
{
    static const struct scheduler_options options = { .lease_ms = LEASE_MS, .batch_max = 3 };
    struct small_world *small = calloc(1, sizeof *small);
    struct error err;
    assert(small);

    small->bounds = bounds;
    world_open(&small->world, 0);
    small->scheduler =
        scheduler_new(&options, small->world.store, small->world.publisher,
                      &small->world.clock.clock, &small->world.random.random, NULL, &err);
    assert(small->scheduler);
    pass_hook(small);
    begin(small);
    return small;
}

void small_world_close(struct small_world *small)
{
    for (size_t i = 0; i <= SCHEDULE_MAX; i++)
        moment_done(&small->path[i]);
    scheduler_free(small->scheduler);
    world_close(&small->world);
    free(small);
}
