/* Batches of orders: each request is answered as if it were alone, whatever its neighbours meet and
 * whatever memory is missing. */
#include "unit/support/tests.h"

#include "unit/order/requests.h"
#include "unit/support/oom.h"

/* ---- neighbours ---- */

/* Three requests; the first and the last are new and unharmed by whatever the middle one meets. */
static const struct batch_case {
    const char *name;
    enum store_call call;
    enum write_fault fault; /* of the middle one, at that call */
    int record, order;      /* what is there of the middle one before */
    enum place_result result;
    enum err error;
} batches[] = {
    { "nothing", CALL_ADD_RECORDS, FAULT_NONE, 0, 0, ORDER_PLACED, ERR_NONE },
    { "a repeat", CALL_ADD_RECORDS, FAULT_NONE, MINE, MINE, ORDER_REPLAYED, ERR_NONE },
    { "a record to help", CALL_ADD_RECORDS, FAULT_NONE, MINE, 0, ORDER_HELPED, ERR_NONE },
    { "a record of other content", CALL_ADD_RECORDS, FAULT_NONE, OTHER, 0, ORDER_ID_REUSED,
      ERR_NONE },
    { "an order of other content", CALL_ADD_RECORDS, FAULT_NONE, 0, OTHER, ORDER_ID_REUSED,
      ERR_NONE },
    { "its record fails", CALL_ADD_RECORDS, FAULT_FAILED, 0, 0, ORDER_NOT_ACCEPTED,
      ERR_UNAVAILABLE },
    { "its record is unknown", CALL_ADD_RECORDS, FAULT_UNKNOWN_LOST, 0, 0, ORDER_OUTCOME_UNKNOWN,
      ERR_UNKNOWN },
    { "its order fails", CALL_ADD_ORDERS, FAULT_FAILED, 0, 0, ORDER_OUTCOME_UNKNOWN, ERR_UNKNOWN },
    { "its order is unknown", CALL_ADD_ORDERS, FAULT_UNKNOWN_APPLIED, 0, 0, ORDER_OUTCOME_UNKNOWN,
      ERR_UNKNOWN },
};

static void harm_the_middle(void *context, struct store_step *step)
{
    const struct batch_case *c = context;
    if (step->call == c->call && step->count == 3)
        step->faults[1] = c->fault;
}

static void neighbours_are_unharmed(void **state)
{
    const struct batch_case *c = *state;
    struct error err = { 0 };
    struct world world;
    struct place_order first = request_of(1, "a", MINE), middle = request_of(1, "b", MINE),
                       last = request_of(1, "c", MINE);
    struct place_order *batch[] = { &first, &middle, &last };

    world_open(&world, 1);
    if (c->record)
        put_record(&world, &middle, c->record);
    if (c->order)
        put_order(&world, &middle, c->order);
    memory_store_hook(world.store, &(struct store_hooks){ .before = harm_the_middle,
                                                          .context = (void *)(uintptr_t)c });

    assert_int_equal(place_orders(world.store, &options, batch, 3, &err), c->error == ERR_NONE);
    assert_int_equal(err.code, c->error);
    assert_int_equal(middle.result, c->result);
    assert_int_equal(first.result, ORDER_PLACED);
    assert_int_equal(last.result, ORDER_PLACED);
    assert_int_equal(order_price(&world, &first), MINE);
    assert_int_equal(order_price(&world, &last), MINE);
    world_close(&world);
}

static void two_users_may_use_one_id(void **state)
{
    (void)state;
    struct error err;
    struct world world;
    struct place_order a = request_of(1, "req-1", MINE), b = request_of(2, "req-1", OTHER);
    struct place_order *batch[] = { &a, &b };

    world_open(&world, 1);
    assert_true(place_orders(world.store, &options, batch, 2, &err));
    assert_int_equal(a.result, ORDER_PLACED);
    assert_int_equal(b.result, ORDER_PLACED);
    assert_false(id_equal(&a.order_id, &b.order_id));
    world_close(&world);
}

/* ---- one key twice in a batch ---- */

static const struct twice_case {
    const char *name;
    int64_t first, second; /* prices asked for */
    int record;            /* what is there before */
    bool first_fails;      /* its record is not written */
    enum place_result results[2];
    int64_t order_after;
} twice[] = {
    { "equal content", MINE, MINE, 0, false, { ORDER_PLACED, ORDER_REPLAYED }, MINE },
    { "other content", MINE, OTHER, 0, false, { ORDER_PLACED, ORDER_ID_REUSED }, MINE },
    { "both help", MINE, MINE, MINE, false, { ORDER_HELPED, ORDER_REPLAYED }, MINE },
    { "the record is the second one's",
      MINE,
      OTHER,
      OTHER,
      false,
      { ORDER_ID_REUSED, ORDER_HELPED },
      OTHER },
    { "the record is neither's",
      MINE,
      MINE,
      OTHER,
      false,
      { ORDER_ID_REUSED, ORDER_ID_REUSED },
      0 },
    { "the first one fails: the second is judged by the store, not by its neighbour",
      MINE,
      OTHER,
      0,
      true,
      { ORDER_NOT_ACCEPTED, ORDER_PLACED },
      OTHER },
};

static void fail_the_first(void *context, struct store_step *step)
{
    (void)context;
    if (step->call == CALL_ADD_RECORDS)
        step->faults[0] = FAULT_FAILED;
}

static void a_key_comes_twice(void **state)
{
    const struct twice_case *c = *state;
    struct error err;
    struct world world;
    struct place_order first = request_of(1, "a", c->first), second = request_of(1, "a", c->second);
    struct place_order *batch[] = { &first, &second };

    world_open(&world, 1);
    if (c->record)
        put_record(&world, &first, c->record);
    if (c->first_fails)
        memory_store_hook(world.store, &(struct store_hooks){ .before = fail_the_first });

    assert_int_equal(place_orders(world.store, &options, batch, 2, &err), !c->first_fails);
    assert_int_equal(first.result, c->results[0]);
    assert_int_equal(second.result, c->results[1]);
    assert_int_equal(order_price(&world, &first), c->order_after);
    world_close(&world);
}

static void the_largest_batch_is_taken(void **state)
{
    (void)state;
    static struct place_order requests[ORDER_UNIT_MAX], *batch[ORDER_UNIT_MAX];
    struct error err;
    struct world world;

    world_open(&world, 1);
    for (unsigned i = 0; i < ORDER_UNIT_MAX; i++) {
        requests[i] = request_of(i, "req-1", MINE);
        batch[i] = &requests[i];
    }
    assert_true(place_orders(world.store, &options, batch, ORDER_UNIT_MAX, &err));
    for (unsigned i = 0; i < ORDER_UNIT_MAX; i++)
        assert_int_equal(requests[i].result, ORDER_PLACED);
    assert_int_equal(memory_store_order_count(world.store), ORDER_UNIT_MAX);
    assert_int_equal(memory_store_calls(world.store, CALL_ADD_RECORDS), 1);
    assert_int_equal(memory_store_calls(world.store, CALL_ADD_ORDERS), 1);
    assert_int_equal(memory_store_calls(world.store, CALL_FIND_ORDERS), 0);
    world_close(&world);
}

/* ---- missing memory ---- */

static bool is_201(enum place_result result)
{
    return result == ORDER_PLACED || result == ORDER_REPLAYED || result == ORDER_HELPED;
}

/* What an answer promises must be so, whichever allocation failed. */
static void assert_answer_is_true(struct world *world, const struct place_order *request,
                                  bool had_record)
{
    if (is_201(request->result))
        assert_int_equal(order_price(world, request), request->price);
    if (request->result == ORDER_NOT_ACCEPTED && !had_record)
        assert_int_equal(record_price(world, request), 0);
    if (request->result == ORDER_ID_REUSED)
        assert_int_not_equal(order_price(world, request), request->price);
}

/* One of each kind: new, repeated, to be helped, of other content, purged, and one twice. */
static bool place_all_kinds(unsigned failing, bool *failed)
{
    struct error err;
    struct world world;
    struct place_order requests[] = {
        request_of(1, "new", MINE),       request_of(1, "repeated", MINE),
        request_of(1, "promised", MINE),  request_of(1, "other promised", MINE),
        request_of(1, "purged", MINE),    request_of(1, "new", MINE),
        request_of(1, "promised", OTHER),
    };
    enum { COUNT = sizeof requests / sizeof *requests };
    struct place_order *batch[COUNT];
    bool had_record[COUNT];

    world_open(&world, 1);
    put_record(&world, &requests[1], MINE);
    put_order(&world, &requests[1], MINE);
    put_record(&world, &requests[2], MINE);
    put_record(&world, &requests[3], OTHER);
    put_order(&world, &requests[4], MINE);
    for (size_t i = 0; i < COUNT; i++) {
        batch[i] = &requests[i];
        had_record[i] = record_price(&world, &requests[i]) != 0;
    }

    oom_fail_at(failing);
    bool worked = place_orders(world.store, &options, batch, COUNT, &err);
    *failed = oom_stop();

    for (size_t i = 0; i < COUNT; i++)
        assert_answer_is_true(&world, &requests[i], had_record[i]);
    if (!*failed)
        for (size_t i = 0; i < COUNT; i++)
            assert_true(is_201(requests[i].result) ==
                        (order_price(&world, &requests[i]) == requests[i].price));
    world_close(&world);
    return worked;
}

static void every_answer_is_true_when_memory_is_missing(void **state)
{
    (void)state;
    bool failed = true;
    unsigned n = 0;

    while (failed) {
        bool worked = place_all_kinds(++n, &failed);
        assert_true(worked || failed);
    }
    assert_true(n > 15); /* the walk went through the protocol, not just to its door */
}

int main(void)
{
    struct tests tests = { 0 };
    ADD_ROWS(&tests, neighbours_are_unharmed, batches);
    ADD_TEST(&tests, two_users_may_use_one_id);
    ADD_ROWS(&tests, a_key_comes_twice, twice);
    ADD_TEST(&tests, the_largest_batch_is_taken);
    ADD_TEST(&tests, every_answer_is_true_when_memory_is_missing);
    return tests_run("place_orders_batch", &tests);
}
