/* What the purge takes and what it leaves, and how much at once. */
#include "unit/support/tests.h"

#include "unit/order/scheduling.h"

/* 00:00 UTC of the day before WORLD_START, which is noon of its day. */
static const int64_t YESTERDAY = WORLD_START - 36 * (int64_t)HOUR_MS;

static const struct purge_case {
    const char *name;
    enum record_state state;
    int64_t created_at;
    bool purged;
} cases[] = {
    { "done, the day before yesterday", RECORD_DONE, YESTERDAY - 1, true },
    { "done, at 00:00 yesterday", RECORD_DONE, YESTERDAY, false },
    { "done, today", RECORD_DONE, WORLD_START - 1, false },
    { "done, long ago", RECORD_DONE, 1, true },
    { "pending, long ago", RECORD_PENDING, 1, false },
    { "parked, long ago", RECORD_PARKED, 1, false },
};

static struct record put_record(struct scheduling *s, unsigned n, enum record_state state,
                                int64_t created_at)
{
    struct record record = nth_promise(s, n);
    record.state = state;
    record.created_at = created_at;
    put_promise(s, &record, true);
    return record;
}

static void a_record_is_purged_in_its_time(void **state)
{
    const struct purge_case *c = *state;
    struct error err;
    struct scheduling s;
    size_t purged = 77;

    scheduling_open(&s, 1);
    struct record record = put_record(&s, 1, c->state, c->created_at);
    assert_true(scheduler_purge(s.scheduler, &purged, &err));
    assert_int_equal(purged, c->purged);
    assert_int_equal(memory_store_record(s.world.store, &record.order_id, &record), !c->purged);
    assert_int_equal(memory_store_order_count(s.world.store), 1); /* an order never */
    assert_int_equal(counted(&s, "records_purged_total", ""), c->purged);
    scheduling_close(&s);
}

/* Kept to the end of the next day: whatever the time of day now is, and until its very end. */
static void a_record_of_yesterday_lives_until_midnight(void **state)
{
    (void)state;
    struct error err;
    struct scheduling s;
    size_t purged = 77;

    scheduling_open(&s, 1);
    put_record(&s, 1, RECORD_DONE, YESTERDAY + DAY_MS - 1);
    turned_clock_pass(&s.world.clock, 12 * HOUR_MS - 1); /* 23:59:59.999 */
    assert_true(scheduler_purge(s.scheduler, &purged, &err));
    assert_int_equal(purged, 0);
    turned_clock_pass(&s.world.clock, 1);
    assert_true(scheduler_purge(s.scheduler, &purged, &err));
    assert_int_equal(purged, 1);
    scheduling_close(&s);
}

static void a_purge_is_bounded(void **state)
{
    (void)state;
    struct error err;
    struct scheduling s;
    size_t purged;

    scheduling_open(&s, 1);
    for (unsigned i = 0; i < PURGE_BATCH_MAX + 1; i++)
        put_record(&s, i, RECORD_DONE, 1);
    assert_true(scheduler_purge(s.scheduler, &purged, &err));
    assert_int_equal(purged, PURGE_BATCH_MAX);
    assert_true(scheduler_purge(s.scheduler, &purged, &err));
    assert_int_equal(purged, 1);
    assert_int_equal(counted(&s, "records_purged_total", ""), PURGE_BATCH_MAX + 1);
    assert_int_equal(memory_store_record_count(s.world.store), 0);
    scheduling_close(&s);
}

static void fail_purge(void *context, struct store_step *step)
{
    (void)context;
    step->error = ERR_UNAVAILABLE;
}

static void a_failing_store_is_told(void **state)
{
    (void)state;
    struct error err = { 0 };
    struct scheduling s;
    size_t purged = 77;

    scheduling_open(&s, 1);
    put_record(&s, 1, RECORD_DONE, 1);
    memory_store_hook(s.world.store, &(struct store_hooks){ .before = fail_purge });
    assert_false(scheduler_purge(s.scheduler, &purged, &err));
    assert_int_equal(purged, 77);
    assert_int_equal(err.code, ERR_UNAVAILABLE);
    assert_int_equal(counted(&s, "records_purged_total", ""), 0);
    scheduling_close(&s);
}

int main(void)
{
    struct tests tests = { 0 };
    ADD_ROWS(&tests, a_record_is_purged_in_its_time, cases);
    ADD_TEST(&tests, a_record_of_yesterday_lives_until_midnight);
    ADD_TEST(&tests, a_purge_is_bounded);
    ADD_TEST(&tests, a_failing_store_is_told);
    return tests_run("scheduler_purge", &tests);
}
