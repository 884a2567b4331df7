/* Running an actor's function again, up to where it now stands. */
#include "sim/pass.h"

#include <assert.h>

#include "place_orders.h"
#include "sim/faults.h"

/* ---- the ports' hooks ---- */

/* The world becomes what it was then, by the actor's clock. */
void pass_go_to(struct small_world *small, const struct moment *moment)
{
    int64_t place =
        small->pass.actor < moment->client_count ? (int64_t)small->pass.actor : REPLICA_NOW_MS;

    memory_store_restore(small->world.store, &moment->documents);
    memory_publisher_restore(small->world.publisher, &moment->broker);
    turned_clock_init(&small->world.clock, WORLD_START);
    turned_clock_pass(&small->world.clock, moment->turns * TURN_MS + place);
}

static struct actor *acting(struct small_world *small)
{
    return &small->pass.to->actors[small->pass.actor];
}

/* The pass comes to a call. NULL: it is the one at which the actor stands, or beyond. */
static const struct told *next_call(struct small_world *small, unsigned call, size_t documents,
                                    uint64_t asks)
{
    struct actor *actor = acting(small);
    size_t n = small->pass.calls++;

    if (n == actor->told_count) {
        actor->stands_at = (uint8_t)call;
        actor->documents = (uint8_t)documents;
        actor->asks = asks;
    }
    if (n >= actor->told_count)
        return NULL;
    pass_go_to(small, &small->path[actor->told[n].moment]);
    return &actor->told[n];
}

/* The last of its calls is the one that is new in this step. */
static bool is_new(struct small_world *small)
{
    return small->pass.calls == acting(small)->told_count;
}

static uint64_t digest_question(const struct store_step *step)
{
    uint64_t sum = 7;

    for (size_t i = 0; i < step->count; i++)
        sum = step->orders ? digest_order(sum, &step->orders[i]) : digest_id(sum, &step->ids[i]);
    return sum;
}

static uint64_t digest_events(const struct publish_step *step)
{
    uint64_t sum = 8;

    for (size_t i = 0; i < step->count; i++)
        sum = digest_order(sum, step->events[i].order);
    return sum;
}

/* What the call's answer depends on, document by document. */
static uint64_t digest_answer(struct small_world *small, const struct store_step *step)
{
    uint64_t sum = 6;

    for (size_t i = 0; i < step->count; i++) {
        struct record record;
        struct order order;
        bool has_record = memory_store_record(small->world.store, &step->ids[i], &record);
        bool has_order = memory_store_order(small->world.store, &step->ids[i], &order);

        if (step->call == CALL_ADD_RECORDS)
            sum = digest(sum, has_record);
        else if (step->call == CALL_ADD_ORDERS || step->call == CALL_CONFIRM_ORDERS)
            sum = digest(sum, has_order);
        else if (step->call == CALL_FIND_ORDERS)
            sum = has_order ? digest_order(sum, &order) : digest(sum, 0);
        else if (step->call == CALL_FIND_RECORDS || step->call == CALL_CLAIM)
            sum = has_record ? digest_record(sum, &record) : digest(sum, 0);
    }
    return sum;
}

static void learn(struct actor *actor, const struct told *told, uint64_t answer)
{
    actor->learned = digest(digest(actor->learned, told->ending), told->number);
    actor->learned = digest(actor->learned, answer);
}

static void inject(struct store_step *step, const struct told *told)
{
    if (told->ending == ENDS_WELL)
        return;
    bool unknown = told->ending == ENDS_UNKNOWN;
    if (step->faults)
        step->faults[told->number] = unknown ? FAULT_UNKNOWN_LATER : FAULT_FAILED;
    else
        step->error = unknown ? ERR_UNKNOWN : ERR_UNAVAILABLE;
}

static void note_writing(struct small_world *small, const struct store_step *step)
{
    struct record record;

    for (size_t i = 0; i < step->count; i++)
        if (step->call == CALL_ADD_RECORDS && step->faults[i] != FAULT_FAILED &&
            !memory_store_record(small->world.store, &step->ids[i], &record))
            acting(small)->wrote |= (uint8_t)(1 << i);
}

static void before_store(void *context, struct store_step *step)
{
    struct small_world *small = context;

    /* Every step is durable by itself: begin and commit are nothing. */
    if (small->pass.recovering || step->call == CALL_BEGIN || step->call == CALL_COMMIT)
        return;
    const struct told *told = next_call(small, step->call, step->count, digest_question(step));
    if (!told) {
        faults_refuse_store(step);
        return;
    }
    inject(step, told);
    if (!is_new(small))
        return;
    if (step->call != CALL_CLAIM)
        learn(acting(small), told, digest_answer(small, step));
    note_writing(small, step);
}

/* A claim's records are known only afterwards. */
static void after_store(void *context, const struct store_step *step)
{
    struct small_world *small = context;
    struct record record;

    if (small->pass.recovering || step->call != CALL_CLAIM || !is_new(small))
        return;
    struct actor *actor = acting(small);
    const struct told *told = &actor->told[actor->told_count - 1];
    learn(actor, told, digest_answer(small, step));
    checker_claimed(&small->pass.to->checker, (int)small->pass.actor, step->ids, step->count);
    if (step->count > 0 && memory_store_record(small->world.store, &step->ids[0], &record))
        actor->owner = record.owner;
    actor->remembers |= step->count > 1;
}

static void before_publisher(void *context, struct publish_step *step)
{
    static const enum event_fault faults[ENDINGS] = {
        [ENDS_FAILED] = EVENT_FAILED,
        [ENDS_UNKNOWN] = EVENT_UNKNOWN_LATER,
        [ENDS_REFUSED] = EVENT_REFUSED,
    };
    struct small_world *small = context;

    if (small->pass.recovering)
        return;
    const struct told *told = next_call(small, TOLD_PUBLISH, step->count, digest_events(step));
    if (!told)
        faults_all_events(step, EVENT_FAILED);
    else
        step->faults[told->number] = faults[told->ending];
    if (told && is_new(small))
        learn(acting(small), told, 0);
}

static void after_publisher(void *context, const struct publish_step *step)
{
    struct small_world *small = context;

    if (!small->pass.recovering && is_new(small))
        checker_published(&small->pass.to->checker, (int)small->pass.actor, step);
}

/* ---- an actor's pass ---- */

static bool stands(const struct actor *actor)
{
    return actor->stands_at != STANDS_NOWHERE;
}

static void run_intake(struct small_world *small)
{
    static const struct place_options options = { .linger_ms = 0 }; /* no grace to rest upon */
    struct checker *checker = &small->pass.to->checker;
    struct place_order orders[ASKS_MAX] = { 0 }, *batch[ASKS_MAX];
    struct error err;
    size_t count = small->bounds->batches[small->pass.actor].count;

    for (size_t i = 0; i < count; i++) {
        const struct watched *key =
            &checker->keys[small->bounds->batches[small->pass.actor].asks[i].key];
        orders[i].user_id = key->user_id;
        orders[i].price = small->bounds->batches[small->pass.actor].asks[i].price;
        snprintf(orders[i].request_id, sizeof orders[i].request_id, "%s", key->request_id);
        batch[i] = &orders[i];
    }
    (void)place_orders(small->world.store, &options, batch, count, &err);

    for (size_t i = 0; i < count && !stands(acting(small)); i++) {
        checker_answered(checker, &orders[i]);
        checker_wrote(checker, &orders[i], acting(small)->wrote >> i & 1);
    }
}

void pass_run(struct small_world *small, size_t number)
{
    struct actor *actor = &small->pass.to->actors[number];
    struct error err;
    size_t count;

    small->pass.actor = number;
    small->pass.calls = 0;
    actor->stands_at = STANDS_NOWHERE;
    pass_go_to(small, &small->path[actor->began]);
    seeded_random_init(&small->world.random, actor->claim);
    if (actor->task == TASK_INTAKE)
        run_intake(small);
    else if (actor->task == TASK_SWEEP)
        (void)!scheduler_sweep(small->scheduler, &count, &err);
    else
        (void)!scheduler_purge(small->scheduler, &count, &err);
    if (!stands(actor))
        actor->task = TASK_NONE;
}

void pass_begin(struct small_world *small, size_t number, enum task task, size_t depth)
{
    struct moment *to = small->pass.to;
    struct actor *actor = &to->actors[number];

    *actor = (struct actor){
        .task = (uint8_t)task,
        .remembers = small->bounds->precise ||
                     (task == TASK_INTAKE && small->bounds->batches[number].count > 1),
        .tries_left = actor->tries_left,
        .began = (uint16_t)(depth + 1),
        .claim = ++to->claims,
    };
    if (task == TASK_INTAKE)
        actor->tries_left--;
}

void pass_call(struct small_world *small, struct choice choice, size_t depth)
{
    struct moment *to = small->pass.to;
    struct actor *actor = &to->actors[choice.actor];

    assert(actor->told_count < CALLS_MAX);
    actor->told[actor->told_count++] =
        (struct told){ (uint16_t)depth, choice.ending, choice.number };
    if (choice.ending == ENDS_UNKNOWN || choice.ending == ENDS_REFUSED)
        to->faults_left--;
}

void pass_hook(struct small_world *small)
{
    memory_store_hook(small->world.store,
                      &(struct store_hooks){ before_store, after_store, small });
    memory_publisher_hook(small->world.publisher,
                          &(struct publisher_hooks){ before_publisher, after_publisher, small });
}
