/* One claimed record: every fate it may have, by what its order is and what fails on the way. And
 * whatever failed: after the lease a scheduler without faults brings it to its end. */
#include "unit/support/tests.h"

#include <string.h>

#include "unit/order/scheduling.h"

enum order_there { NO_ORDER, IS_NEW, IS_PROCESSING };

/* What happens right before a call of the scheduler's. */
struct happening {
    enum store_call call;
    unsigned nth; /* 0: nothing happens */
    enum {
        ORDER_COMES, /* somebody else completes it, with a price of its own; value: its status */
        ORDER_GOES,  /* rolled back, or not visible to a majority */
        TIME_PASSES, /* value: milliseconds */
        TAKEN_OVER,  /* the lease ends, and another replica claims the record */
        FAULT,       /* value: enum write_fault */
        FAILURE,     /* value: enum err of the call */
    } what;
    int value;
};

struct sweep_case {
    const char *name;
    enum order_there order; /* before */
    struct happening happenings[2];
    enum event_fault report; /* of the broker */
    bool works;              /* what the sweep returns */
    /* afterwards */
    enum record_state state;
    enum { FREE, RELEASED, HELD, ANOTHERS } held;
    enum order_there order_after;
    unsigned in_topic;
    const char *repeat_cause; /* counted once; NULL: none is */
};

struct scene {
    struct scheduling s;
    const struct sweep_case *row;
    struct record record; /* as it was put there */
};

static const struct id another = { { 0xEE } };

static void complete_as_another(struct scene *scene, enum order_status status)
{
    struct order order = order_of_record(&scene->record);
    order.price++;
    order.status = status;
    memory_store_put_order(scene->s.world.store, &order);
}

static void take_over(struct scene *scene)
{
    struct order_store *store = scene->s.world.store;
    struct record record;
    struct error err;
    size_t count = 0;

    turned_clock_pass(&scene->s.world.clock, LEASE_MS + 1);
    int64_t now = order_store_now(store);
    assert_true(order_store_claim(store, &another, now, now + LEASE_MS, 1, &record, &count, &err));
    assert_int_equal(count, 1);
}

static void apply(struct scene *scene, const struct happening *happening, struct store_step *step)
{
    switch (happening->what) {
    case ORDER_COMES:
        complete_as_another(scene, (enum order_status)happening->value);
        break;
    case ORDER_GOES:
        memory_store_remove_order(scene->s.world.store, &scene->record.order_id);
        break;
    case TIME_PASSES:
        turned_clock_pass(&scene->s.world.clock, happening->value);
        break;
    case TAKEN_OVER:
        take_over(scene);
        break;
    case FAULT:
        for (size_t i = 0; i < step->count; i++)
            step->faults[i] = (enum write_fault)happening->value;
        break;
    case FAILURE:
        step->error = (enum err)happening->value;
        break;
    }
}

static void happen(void *context, struct store_step *step)
{
    struct scene *scene = context;
    for (size_t i = 0; i < 2; i++) {
        const struct happening *happening = &scene->row->happenings[i];
        if (happening->call == step->call && happening->nth == step->nth)
            apply(scene, happening, step);
    }
}

static void report(void *context, struct publish_step *step)
{
    struct scene *scene = context;
    for (size_t i = 0; i < step->count; i++)
        step->faults[i] = scene->row->report;
}

static void scene_open(struct scene *scene, const struct sweep_case *row)
{
    *scene = (struct scene){ .row = row };
    scheduling_open(&scene->s, 10);
    scene->record = nth_promise(&scene->s, 1);
    put_promise(&scene->s, &scene->record, false);
    if (row->order != NO_ORDER) {
        struct order order = order_of_record(&scene->record);
        order.status = row->order == IS_NEW ? ORDER_NEW : ORDER_PROCESSING;
        memory_store_put_order(scene->s.world.store, &order);
    }
    memory_store_hook(scene->s.world.store,
                      &(struct store_hooks){ .before = happen, .context = scene });
    memory_publisher_hook(scene->s.world.publisher,
                          &(struct publisher_hooks){ .before = report, .context = scene });
}

/* ---- every fate ---- */

/* clang-format off */
/* What happens: nothing, one thing, or two. */
#define NOTHING { { 0 } }
#define AT(call, nth, what, value) { CALL_##call, nth, what, value }
#define ONE(...) { AT(__VA_ARGS__) }
#define TWO(...) { __VA_ARGS__ }
/* clang-format on */

/* The lease that is left when publishing begins must be a fifth more than a publish can take. */
enum { LEASE_TO_SPARE_MS = LEASE_MS - 12 * SECOND_MS };

static const struct sweep_case cases[] = {
    /* name, order, what happens, report; works, record, order, in topic, counted */
    { "new order", IS_NEW, NOTHING, EVENT_FINE, true, RECORD_DONE, FREE, IS_PROCESSING, 1, NULL },
    { "missing order", NO_ORDER, NOTHING, EVENT_FINE, true, RECORD_DONE, FREE, IS_PROCESSING, 1,
      NULL },
    { "order is processing already", IS_PROCESSING, NOTHING, EVENT_FINE, true, RECORD_DONE, FREE,
      IS_PROCESSING, 0, NULL },

    /* claim */
    { "claim fails", IS_NEW, ONE(CLAIM, 1, FAILURE, ERR_UNAVAILABLE), EVENT_FINE, false,
      RECORD_PENDING, FREE, IS_NEW, 0, NULL },
    { "claim unknown", IS_NEW, ONE(CLAIM, 1, FAILURE, ERR_UNKNOWN), EVENT_FINE, false,
      RECORD_PENDING, HELD, IS_NEW, 0, NULL },

    /* complete */
    { "begin fails", IS_NEW, ONE(BEGIN, 1, FAILURE, ERR_UNAVAILABLE), EVENT_FINE, false,
      RECORD_PENDING, HELD, IS_NEW, 0, NULL },
    { "reading orders fails", IS_NEW, ONE(FIND_ORDERS, 1, FAILURE, ERR_UNAVAILABLE), EVENT_FINE,
      false, RECORD_PENDING, HELD, IS_NEW, 0, NULL },
    { "completing fails", NO_ORDER, ONE(ADD_ORDERS, 1, FAULT, FAULT_FAILED), EVENT_FINE, true,
      RECORD_PENDING, RELEASED, NO_ORDER, 0, NULL },
    { "completing unknown, not written", NO_ORDER, ONE(ADD_ORDERS, 1, FAULT, FAULT_UNKNOWN_LOST),
      EVENT_FINE, true, RECORD_PENDING, RELEASED, NO_ORDER, 0, NULL },
    { "completing unknown, written", NO_ORDER, ONE(ADD_ORDERS, 1, FAULT, FAULT_UNKNOWN_APPLIED),
      EVENT_FINE, true, RECORD_PENDING, RELEASED, IS_NEW, 0, NULL },
    { "somebody was faster: theirs is published", NO_ORDER,
      ONE(ADD_ORDERS, 1, ORDER_COMES, ORDER_NEW), EVENT_FINE, true, RECORD_DONE, FREE,
      IS_PROCESSING, 1, NULL },
    { "somebody was faster, and published it", NO_ORDER,
      ONE(ADD_ORDERS, 1, ORDER_COMES, ORDER_PROCESSING), EVENT_FINE, true, RECORD_DONE, FREE,
      IS_PROCESSING, 0, NULL },
    { "somebody was faster, not visible yet", NO_ORDER,
      TWO(AT(ADD_ORDERS, 1, ORDER_COMES, ORDER_NEW), AT(FIND_ORDERS, 2, ORDER_GOES, 0)), EVENT_FINE,
      true, RECORD_PENDING, RELEASED, NO_ORDER, 0, NULL },
    { "reading the faster one's order fails", NO_ORDER,
      TWO(AT(ADD_ORDERS, 1, ORDER_COMES, ORDER_NEW), AT(FIND_ORDERS, 2, FAILURE, ERR_UNAVAILABLE)),
      EVENT_FINE, false, RECORD_PENDING, HELD, IS_NEW, 0, NULL },
    { "commit fails", NO_ORDER, ONE(COMMIT, 1, FAILURE, ERR_UNAVAILABLE), EVENT_FINE, false,
      RECORD_PENDING, HELD, IS_NEW, 0, NULL },
    { "commit unknown", NO_ORDER, ONE(COMMIT, 1, FAILURE, ERR_UNKNOWN), EVENT_FINE, false,
      RECORD_PENDING, HELD, IS_NEW, 0, NULL },

    /* publish */
    { "just enough lease", IS_NEW, ONE(COMMIT, 1, TIME_PASSES, LEASE_TO_SPARE_MS), EVENT_FINE, true,
      RECORD_DONE, FREE, IS_PROCESSING, 1, NULL },
    { "too little lease", IS_NEW, ONE(COMMIT, 1, TIME_PASSES, LEASE_TO_SPARE_MS + 1), EVENT_FINE,
      true, RECORD_PENDING, RELEASED, IS_NEW, 0, NULL },
    { "event not delivered", IS_NEW, NOTHING, EVENT_FAILED, true, RECORD_PENDING, RELEASED, IS_NEW,
      0, NULL },
    { "no report, not in the topic", IS_NEW, NOTHING, EVENT_UNKNOWN_LOST, true, RECORD_PENDING,
      RELEASED, IS_NEW, 0, "delivery timeout" },
    { "no report, in the topic", IS_NEW, NOTHING, EVENT_UNKNOWN_DELIVERED, true, RECORD_PENDING,
      RELEASED, IS_NEW, 1, "delivery timeout" },
    { "event refused alone", IS_NEW, NOTHING, EVENT_REFUSED, true, RECORD_PARKED, FREE, IS_NEW, 0,
      NULL },

    /* confirm the order */
    { "confirming orders fails", IS_NEW, ONE(CONFIRM_ORDERS, 1, FAILURE, ERR_UNAVAILABLE),
      EVENT_FINE, false, RECORD_PENDING, HELD, IS_NEW, 1, "confirm failed" },
    { "confirming orders unknown, done", IS_NEW, ONE(CONFIRM_ORDERS, 1, FAILURE, ERR_UNKNOWN),
      EVENT_FINE, false, RECORD_PENDING, HELD, IS_PROCESSING, 1, "confirm failed" },
    { "its order is not confirmed", IS_NEW, ONE(CONFIRM_ORDERS, 1, FAULT, FAULT_FAILED), EVENT_FINE,
      true, RECORD_PENDING, RELEASED, IS_NEW, 1, "confirm failed" },
    { "nobody can tell whether its order is confirmed", IS_NEW,
      ONE(CONFIRM_ORDERS, 1, FAULT, FAULT_UNKNOWN_APPLIED), EVENT_FINE, true, RECORD_PENDING,
      RELEASED, IS_PROCESSING, 1, "confirm failed" },

    /* confirm the record */
    { "confirming records fails", IS_NEW, ONE(CONFIRM_RECORDS, 1, FAILURE, ERR_UNAVAILABLE),
      EVENT_FINE, false, RECORD_PENDING, HELD, IS_PROCESSING, 1, NULL },
    { "confirming records unknown, done", IS_NEW, ONE(CONFIRM_RECORDS, 1, FAILURE, ERR_UNKNOWN),
      EVENT_FINE, false, RECORD_DONE, FREE, IS_PROCESSING, 1, NULL },
    { "lost before its confirm", IS_NEW, ONE(CONFIRM_RECORDS, 1, TAKEN_OVER, 0), EVENT_FINE, true,
      RECORD_PENDING, ANOTHERS, IS_PROCESSING, 1, "lease lost" },

    /* release, park */
    { "release fails", IS_NEW, ONE(RELEASE, 1, FAILURE, ERR_UNAVAILABLE), EVENT_FAILED, false,
      RECORD_PENDING, HELD, IS_NEW, 0, NULL },
    { "lost before its release", IS_NEW, ONE(RELEASE, 1, TAKEN_OVER, 0), EVENT_FAILED, true,
      RECORD_PENDING, ANOTHERS, IS_NEW, 0, NULL },
    { "park fails", IS_NEW, ONE(PARK, 1, FAILURE, ERR_UNAVAILABLE), EVENT_REFUSED, false,
      RECORD_PENDING, HELD, IS_NEW, 0, NULL },
    { "lost before it is parked", IS_NEW, ONE(PARK, 1, TAKEN_OVER, 0), EVENT_REFUSED, true,
      RECORD_PENDING, ANOTHERS, IS_NEW, 0, NULL },
};

static void assert_record(struct scene *scene)
{
    const struct sweep_case *c = scene->row;
    static const struct id nobody;
    struct record record = record_of(&scene->s, &scene->record.order_id);
    bool free = id_equal(&record.owner, &nobody);

    assert_int_equal(record.state, c->state);
    assert_int_equal(free, c->held == FREE || c->held == RELEASED);
    assert_int_equal(id_equal(&record.owner, &another), c->held == ANOTHERS);
    assert_int_equal(record.attempts, c->held == RELEASED);
    if (c->held == HELD)
        assert_int_equal(record.due_at, WORLD_START + LEASE_MS);
    assert_int_equal(record.price, scene->record.price); /* nothing else of it ever changes */
    assert_int_equal(record.created_at, scene->record.created_at);
}

static enum order_there order_there(struct scene *scene)
{
    struct order order;
    if (!memory_store_order(scene->s.world.store, &scene->record.order_id, &order))
        return NO_ORDER;
    return order.status == ORDER_NEW ? IS_NEW : IS_PROCESSING;
}

/* The event is the stored order's content, whoever wrote it. */
static void assert_events(struct scene *scene, unsigned count)
{
    struct publisher *publisher = scene->s.world.publisher;

    assert_int_equal(memory_publisher_count(publisher), count);
    for (unsigned i = 0; i < count; i++) {
        struct message message = memory_publisher_message(publisher, i);
        struct order order = order_of(&scene->s, &scene->record.order_id);
        assert_true(id_equal(&message.order.id, &order.id));
        assert_int_equal(message.order.price, order.price);
        assert_int_equal(message.order.date, order.date);
    }
}

static void assert_counts(struct scene *scene)
{
    static const char *const causes[] = { "lease lost", "producer rebuilt", "delivery timeout",
                                          "confirm failed" };
    const char *expected = scene->row->repeat_cause;

    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
        assert_int_equal(repeats(&scene->s, causes[i]), expected && !strcmp(causes[i], expected));
    unsigned acknowledged = scene->row->report == EVENT_FINE ? scene->row->in_topic : 0;
    assert_int_equal(counted(&scene->s, "orders_published_total", ""), acknowledged);
}

/* After the lease, without faults: done, or parked, and in the topic. */
static void assert_nothing_is_lost(struct scene *scene)
{
    bool parked = scene->row->state == RECORD_PARKED;

    memory_store_hook(scene->s.world.store, &(struct store_hooks){ 0 });
    memory_publisher_hook(scene->s.world.publisher, &(struct publisher_hooks){ 0 });
    turned_clock_pass(&scene->s.world.clock, LEASE_MS + BACKOFF_MAX_MS);
    sweep_all(&scene->s);

    struct record record = record_of(&scene->s, &scene->record.order_id);
    assert_int_equal(record.state, parked ? RECORD_PARKED : RECORD_DONE);
    assert_int_equal(order_there(scene), parked ? IS_NEW : IS_PROCESSING);
    size_t count = memory_publisher_count(scene->s.world.publisher);
    /* Those rows whose order was, or came, processing have had their event before. */
    bool before = scene->row->in_topic == 0 && scene->row->order_after == IS_PROCESSING;
    assert_true(parked || before ? count == 0 : count >= 1);
}

static void a_record_has_its_fate(void **state)
{
    const struct sweep_case *c = *state;
    struct error err = { 0 };
    size_t claimed = 77;
    struct scene scene;

    scene_open(&scene, c);
    assert_int_equal(scheduler_sweep(scene.s.scheduler, &claimed, &err), c->works);
    assert_int_equal(claimed, c->works ? 1 : 77); /* untouched on failure */
    assert_int_equal(err.code == ERR_NONE, c->works);
    assert_record(&scene);
    assert_int_equal(order_there(&scene), c->order_after);
    assert_events(&scene, c->in_topic);
    assert_counts(&scene);
    assert_nothing_is_lost(&scene);
    scheduling_close(&scene.s);
}

int main(void)
{
    struct tests tests = { 0 };
    ADD_ROWS(&tests, a_record_has_its_fate, cases);
    return tests_run("scheduler", &tests);
}
