/* "Intake, exactly": every branch of the protocol as a row. */
#include "unit/support/tests.h"

#include "unit/order/requests.h"

enum { PAST_MS = 60000 /* how long ago was written what is there before */ };

/* What happens right before a call of intake's. */
struct happening {
    enum store_call call;
    unsigned nth; /* 0: nothing happens */
    enum {
        ORDER_COMES, /* value: its price */
        ORDER_GOES,  /* rolled back, or not visible to a majority */
        RECORD_GOES, /* purged */
        FAULT,       /* value: enum write_fault of each document */
        FAILURE,     /* value: enum err of the call */
    } what;
    int value;
};

struct place_case {
    const char *name;
    int record, order; /* prices of what is there before; 0: nothing */
    struct happening happenings[2];
    enum place_result result;
    enum err error;                /* NONE: the store did its part */
    int record_after, order_after; /* prices of what is there afterwards */
};

/* ---- the world of a case ---- */

struct scene {
    struct world world;
    const struct place_case *row;
    struct place_order request;
    struct id id;
};

static void apply(struct scene *scene, const struct happening *happening, struct store_step *step)
{
    struct record promised = world_record(&scene->world, &scene->request.user_id,
                                          scene->request.request_id, happening->value);
    struct order order = order_of_record(&promised);

    switch (happening->what) {
    case ORDER_COMES:
        memory_store_put_order(scene->world.store, &order);
        break;
    case ORDER_GOES:
        memory_store_remove_order(scene->world.store, &scene->id);
        break;
    case RECORD_GOES:
        memory_store_remove_record(scene->world.store, &scene->id);
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

static void scene_open(struct scene *scene, const struct place_case *row)
{
    *scene = (struct scene){ .row = row, .request = request_of(1, "req-1", MINE) };
    scene->id = order_id_of(&scene->request.user_id, scene->request.request_id);
    world_open(&scene->world, 1);
    if (row->record)
        put_record(&scene->world, &scene->request, row->record);
    if (row->order)
        put_order(&scene->world, &scene->request, row->order);
    turned_clock_pass(&scene->world.clock, PAST_MS);
    memory_store_hook(scene->world.store,
                      &(struct store_hooks){ .before = happen, .context = scene });
}

/* ---- every branch ---- */

/* clang-format off */
/* What happens: nothing, one thing, or two. */
#define NOTHING { { 0 } }
#define AT(call, nth, what, value) { CALL_##call, nth, what, value }
#define ONE(...) { AT(__VA_ARGS__) }
#define TWO(...) { __VA_ARGS__ }
/* clang-format on */

static const struct place_case cases[] = {
    /* name, what is there, what happens, answer, error, what is there afterwards */
    { "new", 0, 0, NOTHING, ORDER_PLACED, ERR_NONE, MINE, MINE },

    /* A record is there. */
    { "repeat: order of equal content", MINE, MINE, NOTHING, ORDER_REPLAYED, ERR_NONE, MINE, MINE },
    { "repeat: order of other content", OTHER, OTHER, NOTHING, ORDER_ID_REUSED, ERR_NONE, OTHER,
      OTHER },
    { "the order is the truth, not its record: equal", OTHER, MINE, NOTHING, ORDER_REPLAYED,
      ERR_NONE, OTHER, MINE },
    { "the order is the truth, not its record: other", MINE, OTHER, NOTHING, ORDER_ID_REUSED,
      ERR_NONE, MINE, OTHER },
    { "no order, record matches: helped", MINE, 0, NOTHING, ORDER_HELPED, ERR_NONE, MINE, MINE },
    { "no order, record differs", OTHER, 0, NOTHING, ORDER_ID_REUSED, ERR_NONE, OTHER, 0 },
    { "record differs, an order came meanwhile: equal", OTHER, 0,
      ONE(FIND_ORDERS, 2, ORDER_COMES, MINE), ORDER_REPLAYED, ERR_NONE, OTHER, MINE },
    { "record differs, an order came meanwhile: other", OTHER, 0,
      ONE(FIND_ORDERS, 2, ORDER_COMES, OTHER), ORDER_ID_REUSED, ERR_NONE, OTHER, OTHER },
    { "record purged between", MINE, 0, ONE(FIND_RECORDS, 1, RECORD_GOES, 0), ORDER_OUTCOME_UNKNOWN,
      ERR_NONE, 0, 0 },

    /* The record was purged, the order lives. */
    { "repeat after the purge: equal", 0, MINE, NOTHING, ORDER_REPLAYED, ERR_NONE, MINE, MINE },
    { "repeat after the purge: other", 0, OTHER, NOTHING, ORDER_ID_REUSED, ERR_NONE, MINE, OTHER },

    /* Somebody was faster with the order. */
    { "order is a duplicate: equal", 0, 0, ONE(ADD_ORDERS, 1, ORDER_COMES, MINE), ORDER_REPLAYED,
      ERR_NONE, MINE, MINE },
    { "order is a duplicate: other", 0, 0, ONE(ADD_ORDERS, 1, ORDER_COMES, OTHER), ORDER_ID_REUSED,
      ERR_NONE, MINE, OTHER },
    { "order is a duplicate, not visible", 0, 0,
      TWO(AT(ADD_ORDERS, 1, ORDER_COMES, MINE), AT(FIND_ORDERS, 1, ORDER_GOES, 0)),
      ORDER_OUTCOME_UNKNOWN, ERR_UNKNOWN, MINE, 0 },
    { "helper's order is a duplicate: equal", MINE, 0, ONE(ADD_ORDERS, 1, ORDER_COMES, MINE),
      ORDER_REPLAYED, ERR_NONE, MINE, MINE },
    { "helper's order is a duplicate: other", MINE, 0, ONE(ADD_ORDERS, 1, ORDER_COMES, OTHER),
      ORDER_ID_REUSED, ERR_NONE, MINE, OTHER },
    { "helper's order is a duplicate, not visible", MINE, 0,
      TWO(AT(ADD_ORDERS, 1, ORDER_COMES, MINE), AT(FIND_ORDERS, 2, ORDER_GOES, 0)),
      ORDER_OUTCOME_UNKNOWN, ERR_UNKNOWN, MINE, 0 },

    /* A write fails, or nobody can tell. */
    { "record failed", 0, 0, ONE(ADD_RECORDS, 1, FAULT, FAULT_FAILED), ORDER_NOT_ACCEPTED,
      ERR_UNAVAILABLE, 0, 0 },
    { "record unknown, not written", 0, 0, ONE(ADD_RECORDS, 1, FAULT, FAULT_UNKNOWN_LOST),
      ORDER_OUTCOME_UNKNOWN, ERR_UNKNOWN, 0, 0 },
    { "record unknown, written", 0, 0, ONE(ADD_RECORDS, 1, FAULT, FAULT_UNKNOWN_APPLIED),
      ORDER_OUTCOME_UNKNOWN, ERR_UNKNOWN, MINE, 0 },
    { "record unknown, in flight", 0, 0, ONE(ADD_RECORDS, 1, FAULT, FAULT_UNKNOWN_LATER),
      ORDER_OUTCOME_UNKNOWN, ERR_UNKNOWN, 0, 0 },
    { "order failed", 0, 0, ONE(ADD_ORDERS, 1, FAULT, FAULT_FAILED), ORDER_OUTCOME_UNKNOWN,
      ERR_UNKNOWN, MINE, 0 },
    { "order unknown, not written", 0, 0, ONE(ADD_ORDERS, 1, FAULT, FAULT_UNKNOWN_LOST),
      ORDER_OUTCOME_UNKNOWN, ERR_UNKNOWN, MINE, 0 },
    { "order unknown, written", 0, 0, ONE(ADD_ORDERS, 1, FAULT, FAULT_UNKNOWN_APPLIED),
      ORDER_OUTCOME_UNKNOWN, ERR_UNKNOWN, MINE, MINE },
    { "helper's order failed", MINE, 0, ONE(ADD_ORDERS, 1, FAULT, FAULT_FAILED),
      ORDER_OUTCOME_UNKNOWN, ERR_UNKNOWN, MINE, 0 },
    { "helper's order unknown, written", MINE, 0, ONE(ADD_ORDERS, 1, FAULT, FAULT_UNKNOWN_APPLIED),
      ORDER_OUTCOME_UNKNOWN, ERR_UNKNOWN, MINE, MINE },

    /* A read fails. */
    { "look fails", MINE, MINE, ONE(FIND_ORDERS, 1, FAILURE, ERR_UNAVAILABLE),
      ORDER_OUTCOME_UNKNOWN, ERR_UNAVAILABLE, MINE, MINE },
    { "reading the record fails", MINE, 0, ONE(FIND_RECORDS, 1, FAILURE, ERR_UNAVAILABLE),
      ORDER_OUTCOME_UNKNOWN, ERR_UNAVAILABLE, MINE, 0 },
    { "the second look fails", OTHER, 0, ONE(FIND_ORDERS, 2, FAILURE, ERR_UNAVAILABLE),
      ORDER_OUTCOME_UNKNOWN, ERR_UNAVAILABLE, OTHER, 0 },
    { "comparing fails", 0, MINE, ONE(FIND_ORDERS, 1, FAILURE, ERR_NO_MEMORY),
      ORDER_OUTCOME_UNKNOWN, ERR_NO_MEMORY, MINE, MINE },
    { "helper's comparing fails", MINE, 0,
      TWO(AT(ADD_ORDERS, 1, ORDER_COMES, MINE), AT(FIND_ORDERS, 2, FAILURE, ERR_UNAVAILABLE)),
      ORDER_OUTCOME_UNKNOWN, ERR_UNAVAILABLE, MINE, MINE },

    /* The unit fails. (Without transactions a commit does not: these are SQLite's answers, and what
     * this store holds afterwards is not SQLite's content.) */
    { "begin fails", 0, 0, ONE(BEGIN, 1, FAILURE, ERR_UNAVAILABLE), ORDER_NOT_ACCEPTED,
      ERR_UNAVAILABLE, 0, 0 },
    { "commit fails", 0, 0, ONE(COMMIT, 1, FAILURE, ERR_UNAVAILABLE), ORDER_NOT_ACCEPTED,
      ERR_UNAVAILABLE, MINE, MINE },
    { "commit unknown", 0, 0, ONE(COMMIT, 1, FAILURE, ERR_UNKNOWN), ORDER_OUTCOME_UNKNOWN,
      ERR_UNKNOWN, MINE, MINE },
    { "commit of a repeat fails", MINE, MINE, ONE(COMMIT, 1, FAILURE, ERR_UNAVAILABLE),
      ORDER_NOT_ACCEPTED, ERR_UNAVAILABLE, MINE, MINE },
    { "commit fails after a failed write: the first failure is told", 0, 0,
      TWO(AT(ADD_ORDERS, 1, FAULT, FAULT_FAILED), AT(COMMIT, 1, FAILURE, ERR_UNAVAILABLE)),
      ORDER_NOT_ACCEPTED, ERR_UNKNOWN, MINE, 0 },
};

static void a_request_is_answered(void **state)
{
    const struct place_case *c = *state;
    struct error err = { 0 };
    struct scene scene;

    scene_open(&scene, c);
    struct place_order *batch[] = { &scene.request };
    bool worked = place_orders(scene.world.store, &options, batch, 1, &err);

    assert_int_equal(scene.request.result, c->result);
    assert_int_equal(worked, c->error == ERR_NONE);
    assert_int_equal(err.code, c->error);
    assert_true(id_equal(&scene.request.order_id, &scene.id));
    assert_int_equal(record_price(&scene.world, &scene.request), c->record_after);
    assert_int_equal(order_price(&scene.world, &scene.request), c->order_after);
    world_close(&scene.world);
}

/* ---- what is written ---- */

static void a_new_record_promises_the_order(void **state)
{
    (void)state;
    struct error err;
    struct record record;
    struct order order;
    struct scene scene;

    scene_open(&scene, &cases[0]);
    struct place_order *batch[] = { &scene.request };
    assert_true(place_orders(scene.world.store, &options, batch, 1, &err));
    assert_true(memory_store_record(scene.world.store, &scene.id, &record));
    assert_true(memory_store_order(scene.world.store, &scene.id, &order));

    assert_true(id_equal(&record.user_id, &scene.request.user_id));
    assert_string_equal(record.request_id, scene.request.request_id);
    assert_string_equal(record.traceparent.text, scene.request.traceparent.text);
    assert_int_equal(record.state, RECORD_PENDING);
    assert_int_equal(record.attempts, 0);
    assert_int_equal(record.created_at, WORLD_START + PAST_MS);
    assert_int_equal(record.due_at, WORLD_START + PAST_MS + LINGER_MS);
    assert_true(id_equal(&record.owner, &(struct id){ { 0 } }));

    assert_true(id_equal(&order.user_id, &scene.request.user_id));
    assert_int_equal(order.date, record.date);
    assert_int_equal(order.date, WORLD_START + PAST_MS);
    assert_int_equal(order.status, ORDER_NEW);
    world_close(&scene.world);
}

static void a_helper_writes_the_order_of_the_record(void **state)
{
    (void)state;
    static const struct place_case row = { .record = MINE };
    struct error err;
    struct order order;
    struct scene scene;

    scene_open(&scene, &row);
    struct place_order *batch[] = { &scene.request };
    assert_true(place_orders(scene.world.store, &options, batch, 1, &err));
    assert_int_equal(scene.request.result, ORDER_HELPED);
    assert_true(memory_store_order(scene.world.store, &scene.id, &order));
    assert_int_equal(order.date, WORLD_START); /* the record's date, not that of the helper */
    world_close(&scene.world);
}

int main(void)
{
    struct tests tests = { 0 };
    ADD_ROWS(&tests, a_request_is_answered, cases);
    ADD_TEST(&tests, a_new_record_promises_the_order);
    ADD_TEST(&tests, a_helper_writes_the_order_of_the_record);
    return tests_run("place_orders", &tests);
}
