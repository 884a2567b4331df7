/* Batches of claimed records: what one meets never holds up its neighbours. And the backoff. */
#include "unit/support/tests.h"

#include "unit/order/scheduling.h"
#include "unit/support/oom.h"

enum { BATCH = 3 };

struct batch {
    struct scheduling s;
    struct record records[BATCH]; /* as they were put there, due one after the other */
    /* What the broker says of each; a poisoned one is refused, and all
     * that come in one call with it. */
    enum event_fault reports[BATCH];
    bool poisoned[BATCH];
    int64_t publish_ms; /* how long a publish takes */
    bool rebuilds;      /* the producer is made anew */
};

static size_t index_of(const struct batch *batch, const struct id *id)
{
    for (size_t i = 0; i < BATCH; i++)
        if (id_equal(&batch->records[i].order_id, id))
            return i;
    fail_msg("%s", "an event of no record");
    return 0;
}

static void report(void *context, struct publish_step *step)
{
    struct batch *batch = context;
    bool refused = false;

    for (size_t i = 0; i < step->count; i++) {
        size_t n = index_of(batch, &step->events[i].order->id);
        step->faults[i] = batch->reports[n];
        refused |= batch->poisoned[n];
    }
    for (size_t i = 0; refused && i < step->count; i++)
        step->faults[i] = EVENT_REFUSED;
    if (batch->rebuilds)
        memory_publisher_rebuild(batch->s.world.publisher);
    turned_clock_pass(&batch->s.world.clock, batch->publish_ms);
}

static void batch_open(struct batch *batch)
{
    *batch = (struct batch){ 0 };
    scheduling_open(&batch->s, 10);
    for (unsigned i = 0; i < BATCH; i++) {
        batch->records[i] = nth_promise(&batch->s, i);
        batch->records[i].due_at += (int64_t)i - BATCH;
        put_promise(&batch->s, &batch->records[i], true);
    }
    memory_publisher_hook(batch->s.world.publisher,
                          &(struct publisher_hooks){ .before = report, .context = batch });
}

static void sweep(struct batch *batch, size_t expected)
{
    struct error err;
    size_t claimed;

    assert_true(scheduler_sweep(batch->s.scheduler, &claimed, &err));
    assert_int_equal(claimed, expected);
}

static struct record nth_record(struct batch *batch, size_t i)
{
    return record_of(&batch->s, &batch->records[i].order_id);
}

static size_t times_published(struct batch *batch, size_t i)
{
    return memory_publisher_count_of(batch->s.world.publisher, &batch->records[i].order_id);
}

/* ---- reports ---- */

static const struct report_case {
    const char *name;
    enum event_fault reports[BATCH];
    bool poisoned[BATCH];
    enum record_state states[BATCH];
    unsigned in_topic[BATCH];
    unsigned publishes;
} reports[] = {
    { "all delivered", { 0 }, { 0 }, { RECORD_DONE, RECORD_DONE, RECORD_DONE }, { 1, 1, 1 }, 1 },
    { "one fails",
      { EVENT_FINE, EVENT_FAILED, EVENT_FINE },
      { 0 },
      { RECORD_DONE, RECORD_PENDING, RECORD_DONE },
      { 1, 0, 1 },
      1 },
    { "one without report",
      { EVENT_UNKNOWN_DELIVERED, EVENT_FINE, EVENT_FINE },
      { 0 },
      { RECORD_PENDING, RECORD_DONE, RECORD_DONE },
      { 1, 1, 1 },
      1 },
    { "one is refused: only that is parked",
      { 0 },
      { false, true, false },
      { RECORD_DONE, RECORD_PARKED, RECORD_DONE },
      { 1, 0, 1 },
      1 + 3 },
    { "two are refused",
      { 0 },
      { true, false, true },
      { RECORD_PARKED, RECORD_DONE, RECORD_PARKED },
      { 0, 1, 0 },
      1 + 3 },
    { "one is refused in part: only what was refused is sent again",
      { EVENT_FINE, EVENT_REFUSED, EVENT_FINE },
      { 0 },
      { RECORD_DONE, RECORD_PARKED, RECORD_DONE },
      { 1, 0, 1 },
      1 + 1 },
    { "the broker is down",
      { EVENT_FAILED, EVENT_FAILED, EVENT_FAILED },
      { 0 },
      { RECORD_PENDING, RECORD_PENDING, RECORD_PENDING },
      { 0, 0, 0 },
      1 },
};

static void each_has_its_own_report(void **state)
{
    const struct report_case *c = *state;
    struct batch batch;

    batch_open(&batch);
    for (size_t i = 0; i < BATCH; i++) {
        batch.reports[i] = c->reports[i];
        batch.poisoned[i] = c->poisoned[i];
    }
    sweep(&batch, BATCH);
    for (size_t i = 0; i < BATCH; i++) {
        struct order order = order_of(&batch.s, &batch.records[i].order_id);
        assert_int_equal(nth_record(&batch, i).state, c->states[i]);
        assert_int_equal(order.status, c->states[i] == RECORD_DONE ? ORDER_PROCESSING : ORDER_NEW);
        assert_int_equal(times_published(&batch, i), c->in_topic[i]);
    }
    assert_int_equal(memory_publisher_calls(batch.s.world.publisher), c->publishes);
    scheduling_close(&batch.s);
}

static void one_at_a_time_stops_when_the_lease_runs_out(void **state)
{
    (void)state;
    struct batch batch;

    batch_open(&batch);
    batch.poisoned[0] = true;
    batch.publish_ms = 7 * SECOND_MS; /* left: 30, 23, 16, and 9, where 12 are needed */
    sweep(&batch, BATCH);

    assert_int_equal(memory_publisher_calls(batch.s.world.publisher), 1 + 2);
    assert_int_equal(nth_record(&batch, 0).state, RECORD_PARKED);
    assert_int_equal(nth_record(&batch, 1).state, RECORD_DONE);
    assert_int_equal(nth_record(&batch, 2).state, RECORD_PENDING);
    assert_int_equal(nth_record(&batch, 2).attempts, 1); /* released, it has its turn later */
    assert_int_equal(times_published(&batch, 2), 0);
    scheduling_close(&batch.s);
}

static void a_rebuilt_producer_counts_as_that(void **state)
{
    (void)state;
    struct batch batch;

    batch_open(&batch);
    batch.rebuilds = true;
    batch.reports[1] = EVENT_UNKNOWN_LOST;
    sweep(&batch, BATCH);
    assert_int_equal(repeats(&batch.s, "producer rebuilt"), 1);
    assert_int_equal(repeats(&batch.s, "delivery timeout"), 0); /* one cause a batch */
    assert_int_equal(counted(&batch.s, "orders_published_total", ""), 2);
    scheduling_close(&batch.s);
}

/* ---- confirms ---- */

static void fail_the_middle(void *context, struct store_step *step)
{
    (void)context;
    if (step->call == CALL_CONFIRM_ORDERS)
        step->faults[1] = FAULT_FAILED;
}

static void one_without_confirm_is_released(void **state)
{
    (void)state;
    struct batch batch;

    batch_open(&batch);
    memory_store_hook(batch.s.world.store, &(struct store_hooks){ .before = fail_the_middle });
    sweep(&batch, BATCH);
    assert_int_equal(nth_record(&batch, 0).state, RECORD_DONE);
    assert_int_equal(nth_record(&batch, 1).state, RECORD_PENDING);
    assert_int_equal(nth_record(&batch, 1).attempts, 1);
    assert_int_equal(nth_record(&batch, 2).state, RECORD_DONE);
    assert_int_equal(repeats(&batch.s, "confirm failed"), 1);
    scheduling_close(&batch.s);
}

/* ---- claiming ---- */

static void a_claim_takes_what_is_due_oldest_first(void **state)
{
    (void)state;
    struct scheduling s;
    struct error err;
    struct record records[5];
    size_t claimed;

    scheduling_open(&s, 2);
    for (unsigned i = 0; i < 5; i++) {
        records[i] = nth_promise(&s, i);
        records[i].due_at -= i; /* the last is the oldest */
        put_promise(&s, &records[i], true);
    }
    struct record later = nth_promise(&s, 5);
    later.due_at += 1;
    put_promise(&s, &later, true);

    static const size_t expected[] = { 2, 2, 1, 0 };
    for (size_t i = 0; i < 4; i++) {
        assert_true(scheduler_sweep(s.scheduler, &claimed, &err));
        assert_int_equal(claimed, expected[i]);
    }
    for (unsigned i = 0; i < 5; i++) { /* published in the order in which they were due */
        struct message message = memory_publisher_message(s.world.publisher, i);
        assert_true(id_equal(&message.order.id, &records[4 - i].order_id));
    }
    assert_int_equal(record_of(&s, &later.order_id).state, RECORD_PENDING);
    turned_clock_pass(&s.world.clock, 1);
    sweep_all(&s);
    assert_int_equal(record_of(&s, &later.order_id).state, RECORD_DONE);
    scheduling_close(&s);
}

static void nothing_due_touches_nothing(void **state)
{
    (void)state;
    struct scheduling s;
    struct error err;
    size_t claimed = 77;

    scheduling_open(&s, 2);
    assert_true(scheduler_sweep(s.scheduler, &claimed, &err));
    assert_int_equal(claimed, 0);
    assert_int_equal(memory_store_calls(s.world.store, CALL_BEGIN), 0);
    assert_int_equal(memory_publisher_calls(s.world.publisher), 0);
    scheduling_close(&s);
}

/* ---- backoff ---- */

static const struct backoff_case {
    const char *name;
    uint32_t attempts;
    int64_t pause_ms; /* the longest; the shortest is half of it */
} backoffs[] = {
    { "first", 0, 500 },
    { "second", 1, 1000 },
    { "sixth", 5, 16000 },
    { "where doubling would pass the longest", 6, 30000 },
    { "seventh doubling", 7, 30000 },
    { "after a long outage", 100000, 30000 },
    { "the last that is counted", UINT32_MAX, 30000 },
};

static int64_t pause_of(uint32_t attempts, uint64_t seed)
{
    struct batch batch;

    batch_open(&batch);
    seeded_random_init(&batch.s.world.random, seed);
    batch.reports[0] = EVENT_FAILED;
    memory_store_remove_record(batch.s.world.store, &batch.records[0].order_id);
    batch.records[0].attempts = attempts;
    memory_store_put_record(batch.s.world.store, &batch.records[0]);
    sweep(&batch, BATCH);
    int64_t pause = nth_record(&batch, 0).due_at - WORLD_START;
    scheduling_close(&batch.s);
    return pause;
}

static void a_pause_grows_within_bounds(void **state)
{
    const struct backoff_case *c = *state;
    int64_t least = INT64_MAX, most = 0;

    for (uint64_t seed = 1; seed <= 50; seed++) {
        int64_t pause = pause_of(c->attempts, seed);
        assert_in_range(pause, c->pause_ms / 2, c->pause_ms);
        least = pause < least ? pause : least;
        most = pause > most ? pause : most;
    }
    /* Jittered: fifty of them cover more than half of the room there is. */
    assert_true(most - least > c->pause_ms / 4);
}

/* ---- making one ---- */

static void missing_memory_is_told(void **state)
{
    (void)state;
    struct scheduler_options scheduler_options = { .lease_ms = LEASE_MS, .batch_max = 1 };
    struct world world;
    bool failed = true;

    world_open(&world, 1);
    for (unsigned n = 1; failed; n++) {
        struct error err = { 0 };
        AUTO(metrics) struct metrics *metrics = metrics_new(&err);
        oom_fail_at(n);
        AUTO(scheduler)
        struct scheduler *scheduler =
            scheduler_new(&scheduler_options, world.store, world.publisher, &world.clock.clock,
                          &world.random.random, metrics, &err);
        failed = oom_stop();
        assert_int_equal(scheduler == NULL, failed);
        assert_int_equal(err.code, failed ? ERR_NO_MEMORY : ERR_NONE);
    }
    world_close(&world);
}

static void metrics_are_optional(void **state)
{
    (void)state;
    struct scheduler_options scheduler_options = { .lease_ms = LEASE_MS, .batch_max = 1 };
    struct error err;
    struct scheduling s;
    size_t claimed, purged;

    scheduling_open(&s, 1);
    struct record record = nth_promise(&s, 1);
    put_promise(&s, &record, true);
    AUTO(scheduler)
    struct scheduler *quiet =
        scheduler_new(&scheduler_options, s.world.store, s.world.publisher, &s.world.clock.clock,
                      &s.world.random.random, NULL, &err);
    assert_non_null(quiet);
    assert_true(scheduler_sweep(quiet, &claimed, &err));
    assert_int_equal(claimed, 1);
    assert_true(scheduler_purge(quiet, &purged, &err));
    scheduling_close(&s);
}

int main(void)
{
    struct tests tests = { 0 };
    ADD_ROWS(&tests, each_has_its_own_report, reports);
    ADD_TEST(&tests, one_at_a_time_stops_when_the_lease_runs_out);
    ADD_TEST(&tests, a_rebuilt_producer_counts_as_that);
    ADD_TEST(&tests, one_without_confirm_is_released);
    ADD_TEST(&tests, a_claim_takes_what_is_due_oldest_first);
    ADD_TEST(&tests, nothing_due_touches_nothing);
    ADD_ROWS(&tests, a_pause_grows_within_bounds, backoffs);
    ADD_TEST(&tests, missing_memory_is_told);
    ADD_TEST(&tests, metrics_are_optional);
    return tests_run("scheduler_batch", &tests);
}
