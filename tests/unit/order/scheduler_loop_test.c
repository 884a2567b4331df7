/* The scheduler's threads: rounds, gauges, degraded flags, stopping. */
#include "unit/support/tests.h"

#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "scheduler_loop.h"
#include "unit/order/scheduling.h"
#include "unit/support/eventually.h"
#include "unit/support/oom.h"

enum {
    NEVER_MS = 10 * MINUTE_MS, /* a second round does not come while a test runs */
    OFTEN_MS = 5,
};

struct rounds {
    struct scheduling s;
    unsigned promised;
    struct health health;
    struct scheduler_loop *loop;
    /* What the store refuses, bit by call. */
    atomic_uint refused;
    /* Publishing waits while this is true; set once it does. */
    atomic_bool hold, held;
    /* With each that is published another becomes due. */
    atomic_bool endless;
};

static void put_promises(struct rounds *rounds, unsigned count, enum record_state state,
                         int64_t created_at)
{
    for (unsigned i = 0; i < count; i++) {
        struct record record = nth_promise(&rounds->s, rounds->promised++);
        record.state = state;
        record.created_at = created_at;
        put_promise(&rounds->s, &record, true);
    }
}

static void pause_a_little(void)
{
    nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
}

static void refuse(void *context, struct store_step *step)
{
    struct rounds *rounds = context;
    if (atomic_load(&rounds->refused) & 1U << step->call)
        step->error = ERR_UNAVAILABLE;
}

static void hold(void *context, struct publish_step *step)
{
    struct rounds *rounds = context;
    (void)step;
    while (atomic_load(&rounds->hold)) {
        atomic_store(&rounds->held, true);
        pause_a_little();
    }
    if (atomic_load(&rounds->endless))
        put_promises(rounds, 1, RECORD_PENDING, WORLD_START);
}

static void rounds_open(struct rounds *rounds, size_t batch_max)
{
    *rounds = (struct rounds){ 0 };
    scheduling_open(&rounds->s, batch_max);
    memory_store_hook(rounds->s.world.store,
                      &(struct store_hooks){ .before = refuse, .context = rounds });
    memory_publisher_hook(rounds->s.world.publisher,
                          &(struct publisher_hooks){ .before = hold, .context = rounds });
}

static void start_by(struct rounds *rounds, bool enabled, int64_t interval_ms,
                     const struct clock *clock)
{
    struct scheduler_loop_options options = { .enabled = enabled,
                                              .interval_ms = interval_ms,
                                              .clock = clock };
    struct error err;

    rounds->loop =
        scheduler_loop_start(&options, rounds->s.scheduler, rounds->s.world.store,
                             rounds->s.world.publisher, &rounds->health, rounds->s.metrics, &err);
    assert_non_null(rounds->loop);
}

static void start(struct rounds *rounds, bool enabled, int64_t interval_ms)
{
    start_by(rounds, enabled, interval_ms, &system_clock);
}

static void rounds_close(struct rounds *rounds)
{
    scheduler_loop_stop(rounds->loop);
    scheduling_close(&rounds->s);
}

static bool page_has(struct rounds *rounds, const char *line)
{
    AUTO(buffer) struct buffer page = { 0 };
    metrics_render(rounds->s.metrics, &page);
    assert_false(page.failed);
    return strstr(page.data, line) != NULL;
}

static unsigned calls(struct rounds *rounds, enum store_call call)
{
    return memory_store_calls(rounds->s.world.store, call);
}

/* ---- rounds ---- */

static void one_round_takes_all_that_is_due(void **state)
{
    (void)state;
    struct rounds rounds;

    rounds_open(&rounds, 2);
    put_promises(&rounds, 7, RECORD_PENDING, WORLD_START);
    put_promises(&rounds, PURGE_BATCH_MAX + 1, RECORD_DONE, 1);
    start(&rounds, true, NEVER_MS);
    EVENTUALLY(memory_publisher_count(rounds.s.world.publisher) == 7);
    EVENTUALLY(memory_store_record_count(rounds.s.world.store) == 7); /* the rest was purged */
    rounds_close(&rounds);
}

static void rounds_follow_each_other(void **state)
{
    (void)state;
    struct rounds rounds;

    rounds_open(&rounds, 2);
    start(&rounds, true, OFTEN_MS);
    EVENTUALLY(calls(&rounds, CALL_CLAIM) >= 2);
    put_promises(&rounds, 1, RECORD_PENDING, WORLD_START);
    EVENTUALLY(memory_publisher_count(rounds.s.world.publisher) == 1);
    rounds_close(&rounds);
}

/* More becomes due with each batch: as under load, or while a broker refuses all. */
static void endless_work_keeps_the_purge_from_nothing(void **state)
{
    (void)state;
    struct rounds rounds;

    rounds_open(&rounds, 1);
    atomic_store(&rounds.endless, true);
    put_promises(&rounds, 1, RECORD_PENDING, WORLD_START);
    start(&rounds, true, OFTEN_MS);
    EVENTUALLY(calls(&rounds, CALL_PURGE) >= 3);
    atomic_store(&rounds.endless, false);
    rounds_close(&rounds);
}

static void a_long_purge_keeps_no_order_waiting(void **state)
{
    (void)state;
    struct rounds rounds;

    rounds_open(&rounds, 1);
    put_promises(&rounds, 3, RECORD_PENDING, WORLD_START);
    put_promises(&rounds, 3 * PURGE_BATCH_MAX, RECORD_DONE, 1);
    atomic_store(&rounds.hold, true);
    start(&rounds, true, NEVER_MS);
    EVENTUALLY(atomic_load(&rounds.held));
    assert_int_equal(calls(&rounds, CALL_PURGE), 0);
    atomic_store(&rounds.hold, false);
    EVENTUALLY(calls(&rounds, CALL_PURGE) == 4);
    assert_int_equal(memory_publisher_count(rounds.s.world.publisher), 3);
    rounds_close(&rounds);
}

/* A broker that hangs holds the publishing thread for seconds. */
static void watching_goes_on_while_publishing_hangs(void **state)
{
    (void)state;
    struct rounds rounds;

    rounds_open(&rounds, 1);
    put_promises(&rounds, 1, RECORD_PENDING, WORLD_START);
    atomic_store(&rounds.hold, true);
    start(&rounds, true, OFTEN_MS);
    EVENTUALLY(atomic_load(&rounds.held));

    put_promises(&rounds, 3, RECORD_PENDING, WORLD_START);
    EVENTUALLY(page_has(&rounds, "\norders_pending 4\n"));
    memory_publisher_set_healthy(rounds.s.world.publisher, false);
    EVENTUALLY(atomic_load(&rounds.health.broker_degraded));
    atomic_store(&rounds.hold, false);
    rounds_close(&rounds);
}

static void a_disabled_one_only_watches(void **state)
{
    (void)state;
    struct rounds rounds;

    rounds_open(&rounds, 2);
    put_promises(&rounds, 2, RECORD_PENDING, WORLD_START - 5250);
    put_promises(&rounds, 3, RECORD_PARKED, 1);
    put_promises(&rounds, 4, RECORD_DONE, 1);
    start(&rounds, false, OFTEN_MS);
    EVENTUALLY(calls(&rounds, CALL_STATS) >= 2);

    assert_true(page_has(&rounds, "\norders_pending 2\n"));
    assert_true(page_has(&rounds, "\norders_parked 3\n"));
    assert_true(page_has(&rounds, "\norders_oldest_pending_seconds 5.25\n"));
    assert_int_equal(calls(&rounds, CALL_CLAIM), 0);
    assert_int_equal(calls(&rounds, CALL_PURGE), 0);
    rounds_close(&rounds);
}

/* What looks at the backlog take, by a clock that only the test turns. Each round probes, which
 * counts the rounds. */
struct looks {
    struct clock clock;
    _Atomic int64_t now_ms;
    int64_t each_ms;
};

static int64_t turned_ms(const struct clock *clock)
{
    return atomic_load(&((const struct looks *)clock)->now_ms);
}

static void take_time(void *context, struct store_step *step)
{
    struct looks *looks = context;

    if (step->call == CALL_STATS)
        atomic_fetch_add(&looks->now_ms, looks->each_ms);
    if (step->call == CALL_STATS || step->call == CALL_PROBE)
        step->error = ERR_UNAVAILABLE;
}

static const struct look_case {
    const char *name;
    int64_t each_ms, rest_ms;
} look_cases[] = {
    { "a look at a deep backlog is followed by a rest", 1000, 9000 },
    { "a stall is not followed by a long one", 4000, 15000 },
};

static void a_look_is_followed_by_a_rest(void **state)
{
    const struct look_case *c = *state;
    struct looks looks = { .clock = { turned_ms, turned_ms }, .each_ms = c->each_ms };
    struct rounds rounds;

    rounds_open(&rounds, 1);
    memory_store_hook(rounds.s.world.store,
                      &(struct store_hooks){ .before = take_time, .context = &looks });
    start_by(&rounds, false, OFTEN_MS, &looks.clock);
    assert_int_equal(calls(&rounds, CALL_STATS), 1);
    atomic_fetch_add(&looks.now_ms, c->rest_ms - 1);
    EVENTUALLY(calls(&rounds, CALL_PROBE) >= 5); /* store and broker are watched on */
    assert_int_equal(calls(&rounds, CALL_STATS), 1);
    atomic_fetch_add(&looks.now_ms, 1);
    EVENTUALLY(calls(&rounds, CALL_STATS) == 2);
    rounds_close(&rounds);
}

/* ---- degraded ---- */

static const struct outage_case {
    const char *name;
    enum store_call call;
} outages[] = {
    { "claim", CALL_CLAIM },
    { "purge", CALL_PURGE },
    { "stats", CALL_STATS },
};

static void an_outage_of_the_store_shows(void **state)
{
    const struct outage_case *c = *state;
    struct rounds rounds;

    rounds_open(&rounds, 2);
    atomic_store(&rounds.refused, 1U << c->call | 1U << CALL_PROBE);
    start(&rounds, true, OFTEN_MS);
    EVENTUALLY(atomic_load(&rounds.health.store_degraded));

    /* That reads and claims work again is not enough: only a write shows it. */
    atomic_store(&rounds.refused, 1U << CALL_PROBE);
    unsigned rounds_before = calls(&rounds, CALL_STATS);
    EVENTUALLY(calls(&rounds, CALL_STATS) > rounds_before + 2);
    assert_true(atomic_load(&rounds.health.store_degraded));

    atomic_store(&rounds.refused, 0);
    EVENTUALLY(!atomic_load(&rounds.health.store_degraded));
    rounds_close(&rounds);
}

static void a_store_that_works_is_not_probed(void **state)
{
    (void)state;
    struct rounds rounds;

    rounds_open(&rounds, 2);
    start(&rounds, true, OFTEN_MS);
    EVENTUALLY(calls(&rounds, CALL_STATS) >= 2);
    assert_int_equal(calls(&rounds, CALL_PROBE), 0);
    rounds_close(&rounds);
}

static void an_outage_of_the_broker_shows(void **state)
{
    (void)state;
    struct rounds rounds;

    rounds_open(&rounds, 2);
    memory_publisher_set_healthy(rounds.s.world.publisher, false);
    start(&rounds, true, OFTEN_MS);
    EVENTUALLY(atomic_load(&rounds.health.broker_degraded));
    assert_true(page_has(&rounds, "\nbroker_degraded 1\n"));
    assert_false(atomic_load(&rounds.health.store_degraded));
    memory_publisher_set_healthy(rounds.s.world.publisher, true);
    EVENTUALLY(!atomic_load(&rounds.health.broker_degraded));
    assert_true(page_has(&rounds, "\nbroker_degraded 0\n"));
    rounds_close(&rounds);
}

/* ---- stopping ---- */

static void a_sleeping_one_stops_at_once(void **state)
{
    (void)state;
    struct rounds rounds;

    rounds_open(&rounds, 2);
    start(&rounds, true, NEVER_MS);
    EVENTUALLY(calls(&rounds, CALL_PURGE) == 1);
    int64_t before = clock_monotonic_ms(&system_clock);
    rounds_close(&rounds);
    assert_true(clock_monotonic_ms(&system_clock) - before < EVENTUALLY_MS);
}

static void the_batch_under_way_is_finished_and_no_other_begun(void **state)
{
    (void)state;
    struct rounds rounds;

    rounds_open(&rounds, 1);
    put_promises(&rounds, 3, RECORD_PENDING, WORLD_START);
    atomic_store(&rounds.hold, true);
    start(&rounds, true, NEVER_MS);
    EVENTUALLY(atomic_load(&rounds.held)); /* it has claimed one and publishes it */

    scheduler_loop_quiesce(rounds.loop);
    atomic_store(&rounds.hold, false);
    scheduler_loop_stop(STEAL(rounds.loop));

    struct outbox_stats stats;
    struct error err;
    assert_true(order_store_stats(rounds.s.world.store, &stats, &err));
    assert_int_equal(stats.pending, 2);
    assert_int_equal(calls(&rounds, CALL_CLAIM), 1);
    assert_int_equal(calls(&rounds, CALL_CONFIRM_RECORDS), 1);
    assert_int_equal(calls(&rounds, CALL_PURGE), 0);
    scheduling_close(&rounds.s);
}

static void stopping_none_is_fine(void **state)
{
    (void)state;
    scheduler_loop_stop(NULL);
}

static void missing_memory_is_told(void **state)
{
    (void)state;
    struct scheduler_loop_options options = { .interval_ms = NEVER_MS, .clock = &system_clock };
    struct rounds rounds;
    bool failed = true;

    rounds_open(&rounds, 1);
    for (unsigned n = 1; failed; n++) {
        struct error err = { 0 };
        AUTO(metrics) struct metrics *metrics = metrics_new(&err);
        oom_fail_at(n);
        AUTO(scheduler_loop)
        struct scheduler_loop *loop =
            scheduler_loop_start(&options, rounds.s.scheduler, rounds.s.world.store,
                                 rounds.s.world.publisher, &rounds.health, metrics, &err);
        failed = oom_stop();
        assert_int_equal(loop == NULL, failed);
        assert_int_equal(err.code, failed ? ERR_NO_MEMORY : ERR_NONE);
    }
    rounds_close(&rounds);
}

int main(void)
{
    struct tests tests = { 0 };
    ADD_TEST(&tests, one_round_takes_all_that_is_due);
    ADD_TEST(&tests, rounds_follow_each_other);
    ADD_TEST(&tests, endless_work_keeps_the_purge_from_nothing);
    ADD_TEST(&tests, a_long_purge_keeps_no_order_waiting);
    ADD_TEST(&tests, watching_goes_on_while_publishing_hangs);
    ADD_TEST(&tests, a_disabled_one_only_watches);
    ADD_ROWS(&tests, a_look_is_followed_by_a_rest, look_cases);
    ADD_ROWS(&tests, an_outage_of_the_store_shows, outages);
    ADD_TEST(&tests, a_store_that_works_is_not_probed);
    ADD_TEST(&tests, an_outage_of_the_broker_shows);
    ADD_TEST(&tests, a_sleeping_one_stops_at_once);
    ADD_TEST(&tests, the_batch_under_way_is_finished_and_no_other_begun);
    ADD_TEST(&tests, stopping_none_is_fine);
    ADD_TEST(&tests, missing_memory_is_told);
    return tests_run("scheduler_loop", &tests);
}
