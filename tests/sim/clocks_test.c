/* Whose clock counts: the store's, in all that is stored (linger, lease, backoff, purge); of its
 * own a replica uses only the monotonic side, to know how much of a lease is left. So a replica's
 * wall clock may be minutes off, and may be set while a sweep runs. */
#include "unit/support/tests.h"

#include "place_orders.h"
#include "scheduler.h"
#include "sim/world.h"

enum {
    LINGER_MS = 500,
    LEASE_MS = 30 * SECOND_MS,
    BACKOFF_FIRST_MS = 500, /* scheduler.c's, at most */
};

/* How far a replica's wall clock is from the store's. */
static const int64_t skews[] = { 0, 20 * SECOND_MS, -20 * SECOND_MS, 5 * (int64_t)MINUTE_MS,
                                 -5 * (int64_t)MINUTE_MS };

/* A replica and, in `world`, the store with its own clock. */
struct skewed {
    struct world world;
    struct turned_clock clock; /* the replica's */
    struct scheduler *scheduler;
    struct scheduler *other; /* of another replica, whose clock is the store's */
    struct place_order order;
    void (*while_publishing)(struct skewed *skewed);
};

static void before_publish(void *context, struct publish_step *step)
{
    struct skewed *skewed = context;
    void (*meanwhile)(struct skewed *) = skewed->while_publishing;

    (void)step;
    skewed->while_publishing = NULL; /* once */
    if (meanwhile)
        meanwhile(skewed);
}

static struct scheduler *scheduler_on(struct skewed *skewed, const struct clock *clock)
{
    static const struct scheduler_options options = { .lease_ms = LEASE_MS, .batch_max = 1 };
    struct error err;
    struct scheduler *scheduler =
        scheduler_new(&options, skewed->world.store, skewed->world.publisher, clock,
                      &skewed->world.random.random, NULL, &err);
    assert_non_null(scheduler);
    return scheduler;
}

/* With one order, placed just now. */
static void skewed_open(struct skewed *skewed, int64_t skew_ms)
{
    static const struct place_options options = { .linger_ms = LINGER_MS };
    struct place_order *batch[] = { &skewed->order };
    struct error err;

    *skewed = (struct skewed){ .order = { .user_id = world_user(1), .price = 40000 } };
    snprintf(skewed->order.request_id, sizeof skewed->order.request_id, "req");
    world_open(&skewed->world, 1);
    turned_clock_init(&skewed->clock, WORLD_START + skew_ms);
    skewed->scheduler = scheduler_on(skewed, &skewed->clock.clock);
    skewed->other = scheduler_on(skewed, &skewed->world.clock.clock);
    memory_publisher_hook(skewed->world.publisher,
                          &(struct publisher_hooks){ before_publish, NULL, skewed });
    assert_true(place_orders(skewed->world.store, &options, batch, 1, &err));
    assert_int_equal(skewed->order.result, ORDER_PLACED);
}

static void skewed_close(struct skewed *skewed)
{
    scheduler_free(skewed->scheduler);
    scheduler_free(skewed->other);
    world_close(&skewed->world);
}

static void pass(struct skewed *skewed, int64_t ms)
{
    turned_clock_pass(&skewed->world.clock, ms);
    turned_clock_pass(&skewed->clock, ms);
}

static size_t sweep(struct scheduler *scheduler)
{
    struct error err;
    size_t claimed = 77;
    assert_true(scheduler_sweep(scheduler, &claimed, &err));
    return claimed;
}

static struct record record_of(struct skewed *skewed)
{
    struct record record;
    assert_true(memory_store_record(skewed->world.store, &skewed->order.order_id, &record));
    return record;
}

static void linger(struct skewed *skewed)
{
    pass(skewed, LINGER_MS - 1);
    assert_int_equal(sweep(skewed->scheduler), 0);
    pass(skewed, 1);
    assert_int_equal(sweep(skewed->scheduler), 1);
    assert_int_equal(record_of(skewed).state, RECORD_DONE);
}

/* The skewed replica waits for the other one's lease, to the millisecond. */
static void try_to_take_over(struct skewed *skewed)
{
    pass(skewed, LEASE_MS - 1);
    assert_int_equal(sweep(skewed->scheduler), 0);
    pass(skewed, 1);
    assert_int_equal(sweep(skewed->scheduler), 1);
}

static void lease_of_another(struct skewed *skewed)
{
    pass(skewed, LINGER_MS);
    skewed->while_publishing = try_to_take_over;
    assert_int_equal(sweep(skewed->other), 1);
    assert_int_equal(memory_publisher_count(skewed->world.publisher), 2); /* at least once */
    assert_int_equal(record_of(skewed).state, RECORD_DONE);
}

static void let_another_try(struct skewed *skewed)
{
    pass(skewed, LEASE_MS - 1);
    assert_int_equal(sweep(skewed->other), 0);
}

static void own_lease(struct skewed *skewed)
{
    pass(skewed, LINGER_MS);
    skewed->while_publishing = let_another_try;
    assert_int_equal(sweep(skewed->scheduler), 1);
    assert_int_equal(memory_publisher_count(skewed->world.publisher), 1);
    assert_int_equal(record_of(skewed).state, RECORD_DONE);
}

/* The completion stands between claim and publish: there the operator sets the clock. */
static void set_the_clock(void *context, struct store_step *step)
{
    struct skewed *skewed = context;
    if (step->call == CALL_FIND_ORDERS)
        atomic_fetch_add(&skewed->clock.wall_ms, HOUR_MS);
}

static void clock_set_under_a_lease(struct skewed *skewed)
{
    memory_store_hook(skewed->world.store, &(struct store_hooks){ set_the_clock, NULL, skewed });
    pass(skewed, LINGER_MS);
    assert_int_equal(sweep(skewed->scheduler), 1);
    assert_int_equal(memory_publisher_count(skewed->world.publisher), 1);
}

static void sleep_too_long(void *context, struct store_step *step)
{
    if (step->call == CALL_FIND_ORDERS)
        pass(context, LEASE_MS / 2 + LEASE_MS / 4);
}

/* Too little is left to publish: it gives the record back, for the store's next half second. */
static void backoff(struct skewed *skewed)
{
    memory_store_hook(skewed->world.store, &(struct store_hooks){ sleep_too_long, NULL, skewed });
    pass(skewed, LINGER_MS);
    assert_int_equal(sweep(skewed->scheduler), 1);
    int64_t wait_ms = record_of(skewed).due_at - order_store_now(skewed->world.store);
    assert_in_range(wait_ms, 1, BACKOFF_FIRST_MS);
    assert_int_equal(memory_publisher_count(skewed->world.publisher), 0);
}

/* The record is of noon: it may go when the store's next day but one begins. */
static void purge(struct skewed *skewed)
{
    struct error err;
    size_t purged = 77;

    pass(skewed, LINGER_MS);
    assert_int_equal(sweep(skewed->scheduler), 1);
    pass(skewed, 36 * (int64_t)HOUR_MS - LINGER_MS - 1);
    assert_true(scheduler_purge(skewed->scheduler, &purged, &err));
    assert_int_equal(purged, 0);
    pass(skewed, 1);
    assert_true(scheduler_purge(skewed->scheduler, &purged, &err));
    assert_int_equal(purged, 1);
}

static const struct clock_case {
    const char *name;
    void (*run)(struct skewed *skewed);
} cases[] = {
    { "linger", linger },           { "another's lease", lease_of_another },
    { "its own lease", own_lease }, { "the clock is set under a lease", clock_set_under_a_lease },
    { "backoff", backoff },         { "purge", purge },
};

static void the_stores_clock_counts(void **state)
{
    const struct clock_case *c = *state;

    for (size_t i = 0; i < sizeof skews / sizeof *skews; i++) {
        struct skewed skewed;
        skewed_open(&skewed, skews[i]);
        c->run(&skewed);
        skewed_close(&skewed);
    }
}

int main(void)
{
    struct tests tests = { 0 };
    ADD_ROWS(&tests, the_stores_clock_counts, cases);
    return tests_run("clocks", &tests);
}
