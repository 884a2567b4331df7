/* The director and its actors. */
#include "sim/simulation.h"

#include <assert.h>
#include <stdarg.h>

#include "scheduler.h"
#include "sim/checker.h"
#include "sim/faults.h"
#include "sim/stage.h"
#include "sim/world.h"

enum {
    WORKERS = 3,
    SCHEDULERS = 2,
    /* Turns before all faults end. Once a key has its order, all that follows are repeats: many
     * short runs meet more races than few long ones. */
    STEPS = 160,
    BATCH_MAX = 3,
    LINGER_MS = 500,
    LEASE_MS = 30 * SECOND_MS,
    BACKOFF_MAX_MS = 30 * SECOND_MS, /* scheduler.c's */
    SKEW_MAX_MS = 5 * MINUTE_MS,     /* of a replica's clock */
};

/* The content that the broker refuses, in the runs that have such a one. */
static const int64_t POISON = 66666;

struct simulation {
    struct world world;
    struct checker checker;
    struct stage *stage;
    struct scheduler *schedulers[SCHEDULERS];
    struct turned_clock clocks[SCHEDULERS]; /* theirs; the world's is the store's */
    struct simulation_report *report;
    FILE *trace;
    uint32_t fault_percent; /* of port calls, and as many kills in a thousand turns */
    bool poisoned;
    bool over; /* actors are to end */
};

/* FNV-1a over all that is told, and the trace itself. */
static PRINTF_LIKE(2, 3) void tell(struct simulation *sim, const char *format, ...)
{
    char line[160];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    for (const char *c = line; *c; c++)
        sim->report->digest = (sim->report->digest ^ (unsigned char)*c) * UINT64_C(0x100000001B3);
    if (sim->trace)
        fprintf(sim->trace, "%4u  %s\n", sim->report->steps, line);
}

/* ---- what happens at a port call ---- */

static void before_store(void *context, struct store_step *step)
{
    struct simulation *sim = context;

    stage_stop();
    if (stage_killed()) {
        faults_refuse_store(step);
        return;
    }
    bool faulty = !sim->over && step->call != CALL_COMMIT && /* durable step by step: no commit */
                  seeded_chance(&sim->world.random, sim->fault_percent);
    if (faulty)
        faults_inject_store(step, &sim->world.random);
    sim->report->faults += faulty;
    tell(sim, "actor %d: %s of %zu%s", stage_actor(), store_call_name(step->call), step->count,
         faulty ? ", FAULT" : "");
}

static void after_store(void *context, const struct store_step *step)
{
    struct simulation *sim = context;
    if (step->call == CALL_CLAIM)
        checker_claimed(&sim->checker, stage_actor(), step->ids, step->count);
}

static bool has_poison(const struct publish_step *step)
{
    for (size_t i = 0; i < step->count; i++)
        if (step->events[i].order->price == POISON)
            return true;
    return false;
}

static void before_publisher(void *context, struct publish_step *step)
{
    struct simulation *sim = context;

    stage_stop();
    if (stage_killed()) {
        faults_all_events(step, EVENT_FAILED);
        return;
    }
    bool faulty = !sim->over && seeded_chance(&sim->world.random, sim->fault_percent);
    if (sim->poisoned && has_poison(step))
        faults_all_events(step, EVENT_REFUSED);
    else if (faulty)
        faults_inject_publisher(step, &sim->world.random);
    sim->report->faults += faulty;
    tell(sim, "actor %d: publish %zu%s", stage_actor(), step->count, faulty ? ", FAULT" : "");
}

static void after_publisher(void *context, const struct publish_step *step)
{
    struct simulation *sim = context;
    checker_published(&sim->checker, stage_actor(), step);
}

/* ---- actors ---- */

/* Takes some requests at once, the same one twice among them, and answers them. */
static void intake_of_a_batch(struct simulation *sim)
{
    static const struct place_options options = { .linger_ms = LINGER_MS };
    struct checker *checker = &sim->checker;
    struct place_order orders[BATCH_MAX], *batch[BATCH_MAX];
    struct error err;
    size_t count = 1 + seeded_below(&sim->world.random, BATCH_MAX);

    assert(count <= BATCH_MAX);
    for (size_t i = 0; i < count; i++) {
        size_t n = seeded_below(&sim->world.random, (uint32_t)checker->asked_count);
        const struct watched *key = &checker->keys[checker->asked[n].key];
        orders[i] =
            (struct place_order){ .user_id = key->user_id, .price = checker->asked[n].price };
        snprintf(orders[i].request_id, sizeof orders[i].request_id, "%s", key->request_id);
        batch[i] = &orders[i];
    }
    (void)place_orders(sim->world.store, &options, batch, count, &err);

    for (size_t i = 0; i < count && !stage_killed(); i++) {
        checker_answered(checker, &orders[i]);
        sim->report->answers++;
        tell(sim, "actor %d: price %lld of %s: result %d", stage_actor(),
             (long long)orders[i].price, orders[i].request_id, (int)orders[i].result);
    }
}

static void work(void *context)
{
    struct simulation *sim = context;

    while (!sim->over) {
        intake_of_a_batch(sim);
        stage_revive();
        stage_stop();
    }
}

struct replica {
    struct simulation *sim;
    struct scheduler *scheduler;
};

static void schedule(void *context)
{
    const struct replica *replica = context;
    struct simulation *sim = replica->sim;
    struct error err;
    size_t count;

    while (!sim->over) {
        (void)!scheduler_sweep(replica->scheduler, &count, &err);
        if (seeded_chance(&sim->world.random, 20))
            (void)!scheduler_purge(replica->scheduler, &count, &err);
        stage_revive();
        stage_stop();
    }
}

/* ---- the director ---- */

static void turn_all_clocks(struct simulation *sim, int64_t ms)
{
    turned_clock_pass(&sim->world.clock, ms);
    for (size_t i = 0; i < SCHEDULERS; i++)
        turned_clock_pass(&sim->clocks[i], ms);
}

static void pass_time(struct simulation *sim)
{
    static const int64_t pauses[] = { LINGER_MS, 5 * SECOND_MS, LEASE_MS + 1, 2 * (int64_t)DAY_MS };
    int64_t ms = pauses[seeded_below(&sim->world.random, 4)];

    turn_all_clocks(sim, ms);
    tell(sim, "%lld ms pass", (long long)ms);
}

static void settle_a_write(struct simulation *sim)
{
    size_t writes = memory_store_in_flight(sim->world.store);
    size_t events = memory_publisher_in_flight(sim->world.publisher);

    if (writes > 0 && seeded_chance(&sim->world.random, 50)) {
        size_t which = seeded_below(&sim->world.random, (uint32_t)writes);
        bool lands = seeded_chance(&sim->world.random, 70);
        (lands ? memory_store_land : memory_store_lose)(sim->world.store, which);
        tell(sim, "write %zu %s", which, lands ? "lands" : "is lost");
    } else if (events > 0) {
        size_t which = seeded_below(&sim->world.random, (uint32_t)events);
        memory_publisher_land(sim->world.publisher, which);
        tell(sim, "event %zu arrives", which);
    }
}

static void give_a_turn(struct simulation *sim)
{
    size_t actor = seeded_below(&sim->world.random, WORKERS + SCHEDULERS);

    if (seeded_below(&sim->world.random, 1000) < sim->fault_percent * 4) {
        stage_kill(sim->stage, actor);
        sim->report->kills++;
        tell(sim, "actor %zu is killed", actor);
    }
    stage_go(sim->stage, actor);
}

static void direct(struct simulation *sim)
{
    struct simulation_report *report = sim->report;

    for (report->steps = 0; report->steps < STEPS && !sim->checker.broken[0]; report->steps++) {
        uint32_t choice = seeded_below(&sim->world.random, 100);
        if (choice < 6)
            pass_time(sim);
        else if (choice < 12)
            settle_a_write(sim);
        else
            give_a_turn(sim);
        checker_look(&sim->checker);
    }
}

/* Everybody dies where he stands; what is in flight lands. */
static void end_all_actors(struct simulation *sim)
{
    sim->over = true;
    for (size_t i = 0; i < WORKERS + SCHEDULERS; i++) {
        stage_kill(sim->stage, i);
        while (!stage_ended(sim->stage, i))
            stage_go(sim->stage, i);
    }
    while (memory_store_in_flight(sim->world.store) > 0)
        memory_store_land(sim->world.store, 0);
    while (memory_publisher_in_flight(sim->world.publisher) > 0)
        memory_publisher_land(sim->world.publisher, 0);
    checker_look(&sim->checker);
}

static void recover(struct simulation *sim)
{
    struct error err;
    size_t claimed = 1;

    turn_all_clocks(sim, LEASE_MS + BACKOFF_MAX_MS);
    while (claimed > 0) {
        bool swept = scheduler_sweep(sim->schedulers[0], &claimed, &err);
        assert(swept);
        checker_look(&sim->checker);
    }
    checker_look_at_end(&sim->checker);
}

/* Some clients, on few enough keys that they meet; of two contents each. */
static void choose_what_is_asked(struct simulation *sim)
{
    struct checker *checker = &sim->checker;
    static const int64_t prices[] = { 40000, 39999 };

    checker_init(checker, &sim->world, 1 + seeded_below(&sim->world.random, 3));
    sim->poisoned = seeded_chance(&sim->world.random, 25);
    for (size_t i = 0; i < 2 * checker->key_count; i++)
        checker_expect(checker, i / 2, i == 0 && sim->poisoned ? POISON : prices[i % 2]);
}

static void start_all_actors(struct simulation *sim, struct replica replicas[])
{
    static const struct scheduler_options options = { .lease_ms = LEASE_MS, .batch_max = 3 };
    struct error err;

    sim->stage = stage_new();
    for (size_t i = 0; i < WORKERS; i++)
        stage_add(sim->stage, work, sim);
    for (size_t i = 0; i < SCHEDULERS; i++) {
        int64_t skew_ms = seeded_below(&sim->world.random, 2 * SKEW_MAX_MS) - (int64_t)SKEW_MAX_MS;
        turned_clock_init(&sim->clocks[i], WORLD_START + skew_ms);
        sim->schedulers[i] =
            scheduler_new(&options, sim->world.store, sim->world.publisher, &sim->clocks[i].clock,
                          &sim->world.random.random, NULL, &err);
        assert(sim->schedulers[i]);
        replicas[i] = (struct replica){ sim, sim->schedulers[i] };
        stage_add(sim->stage, schedule, &replicas[i]);
    }
}

static void count_events(struct simulation *sim)
{
    struct outbox_stats stats;
    struct error err;

    sim->report->events = (unsigned)memory_publisher_count(sim->world.publisher);
    for (size_t i = 0; i < sim->checker.key_count; i++) {
        size_t count =
            memory_publisher_count_of(sim->world.publisher, &sim->checker.keys[i].order_id);
        sim->report->repeats += count > 1 ? (unsigned)count - 1 : 0;
    }
    if (order_store_stats(sim->world.store, &stats, &err))
        sim->report->parked = (unsigned)stats.parked;
}

void simulation_run(uint64_t seed, FILE *trace, struct simulation_report *report)
{
    struct simulation sim = { .report = report, .trace = trace };
    struct replica replicas[SCHEDULERS];

    *report = (struct simulation_report){ .digest = UINT64_C(0xCBF29CE484222325) };
    world_open(&sim.world, seed);
    choose_what_is_asked(&sim);
    sim.fault_percent = seeded_below(&sim.world.random, 20);
    memory_store_hook(sim.world.store, &(struct store_hooks){ before_store, after_store, &sim });
    memory_publisher_hook(sim.world.publisher,
                          &(struct publisher_hooks){ before_publisher, after_publisher, &sim });
    start_all_actors(&sim, replicas);

    direct(&sim);
    end_all_actors(&sim);
    if (!sim.checker.broken[0])
        recover(&sim);
    count_events(&sim);

    snprintf(report->broken, sizeof report->broken, "%s", sim.checker.broken);
    stage_free(sim.stage);
    for (size_t i = 0; i < SCHEDULERS; i++)
        scheduler_free(sim.schedulers[i]);
    world_close(&sim.world);
}
