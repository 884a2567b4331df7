/* Pages of a user's own orders, and one of them. */
#include "unit/support/tests.h"

#include "list_orders.h"
#include "sim/world.h"
#include "unit/support/oom.h"

enum { ORDERS = 5 };

/* The n-th of the user's orders, one a second. */
static struct order nth_order(unsigned user, unsigned n)
{
    struct order order = {
        .id = world_user(1000 * user + n),
        .user_id = world_user(user),
        .price = 100 + n,
        .date = WORLD_START + (int64_t)n * SECOND_MS,
        .status = n % 2 ? ORDER_PROCESSING : ORDER_NEW,
    };
    return order;
}

static void world_with_orders(struct world *world)
{
    world_open(world, 1);
    for (unsigned user = 1; user <= 2; user++) {
        for (unsigned n = ORDERS; n-- > 0;) { /* not in the order in which they are listed */
            struct order order = nth_order(user, n);
            memory_store_put_order(world->store, &order);
        }
    }
}

static const struct page_case {
    const char *name;
    size_t limit;
    int after; /* the page begins after that order; -1: from the start */
    bool with_status;
    enum order_status status;
    size_t count;
    unsigned first, step; /* orders first, first + step, … */
    bool more;
} pages[] = {
    { "all, with room", 10, -1, false, 0, 5, 0, 1, false },
    { "all, exactly", 5, -1, false, 0, 5, 0, 1, false },
    { "one is left", 4, -1, false, 0, 4, 0, 1, true },
    { "one at a time", 1, -1, false, 0, 1, 0, 1, true },
    { "the next page", 2, 1, false, 0, 2, 2, 1, true },
    { "the last page", 2, 3, false, 0, 1, 4, 1, false },
    { "after the last", 2, 4, false, 0, 0, 0, 1, false },
    { "new ones", 10, -1, true, ORDER_NEW, 3, 0, 2, false },
    { "processing ones, a page of them", 1, -1, true, ORDER_PROCESSING, 1, 1, 2, true },
    { "the largest page", 1000, -1, false, 0, 5, 0, 1, false },
};

static void a_page_is_listed(void **state)
{
    const struct page_case *c = *state;
    struct error err;
    struct world world;
    struct list_orders list = { .query = { .user_id = world_user(1),
                                           .limit = c->limit,
                                           .with_status = c->with_status,
                                           .status = c->status } };
    world_with_orders(&world);
    if (c->after >= 0) {
        struct order last = nth_order(1, (unsigned)c->after);
        list.query.after = (struct order_cursor){ last.date, last.id };
    }

    assert_true(list_orders(world.store, &list, &err));
    assert_int_equal(list.result, READ_FOUND);
    assert_int_equal(list.count, c->count);
    assert_int_equal(list.more, c->more);
    for (unsigned i = 0; i < c->count; i++) {
        struct order expected = nth_order(1, c->first + i * c->step);
        assert_true(id_equal(&list.orders[i].id, &expected.id));
        assert_true(id_equal(&list.orders[i].user_id, &expected.user_id));
        assert_int_equal(list.orders[i].price, expected.price);
    }
    list_orders_done(&list);
    list_orders_done(&list); /* twice is fine */
    world_close(&world);
}

static void fail_call(void *context, struct store_step *step)
{
    step->error = *(enum err *)context;
}

static void a_failing_store_is_told(void **state)
{
    (void)state;
    enum err code = ERR_UNAVAILABLE;
    struct error err = { 0 };
    struct world world;
    struct list_orders list = { .query = { .user_id = world_user(1), .limit = 3 } };
    struct get_order get = { .user_id = world_user(1), .order_id = nth_order(1, 0).id };

    world_with_orders(&world);
    memory_store_hook(world.store, &(struct store_hooks){ .before = fail_call, .context = &code });

    assert_false(list_orders(world.store, &list, &err));
    assert_int_equal(err.code, ERR_UNAVAILABLE);
    assert_int_equal(list.result, READ_NOT_ACCEPTED);
    assert_null(list.orders);
    list_orders_done(&list);

    err = (struct error){ 0 };
    assert_false(get_order(world.store, &get, &err));
    assert_int_equal(err.code, ERR_UNAVAILABLE);
    assert_int_equal(get.result, READ_NOT_ACCEPTED);
    world_close(&world);
}

static void missing_memory_is_told(void **state)
{
    (void)state;
    struct error err = { 0 };
    struct world world;
    struct list_orders list = { .query = { .user_id = world_user(1), .limit = 3 } };

    world_with_orders(&world);
    oom_fail_at(1);
    assert_false(list_orders(world.store, &list, &err));
    assert_true(oom_stop());
    assert_int_equal(err.code, ERR_NO_MEMORY);
    assert_int_equal(list.result, READ_NOT_ACCEPTED);
    world_close(&world);
}

static const struct get_case {
    const char *name;
    unsigned user, order_user, nth;
    enum read_result result;
} gets[] = {
    { "one's own", 1, 1, 3, READ_FOUND },
    { "another user's is as if it were not there", 1, 2, 3, READ_NOT_FOUND },
    { "one that is not there", 1, 1, ORDERS, READ_NOT_FOUND },
};

static void an_order_is_read(void **state)
{
    const struct get_case *c = *state;
    struct error err;
    struct world world;
    struct order expected = nth_order(c->order_user, c->nth);
    struct get_order get = { .user_id = world_user(c->user), .order_id = expected.id };

    world_with_orders(&world);
    assert_true(get_order(world.store, &get, &err));
    assert_int_equal(get.result, c->result);
    if (c->result == READ_FOUND) {
        assert_true(id_equal(&get.order.id, &expected.id));
        assert_int_equal(get.order.price, expected.price);
        assert_int_equal(get.order.date, expected.date);
        assert_int_equal(get.order.status, expected.status);
    }
    world_close(&world);
}

int main(void)
{
    struct tests tests = { 0 };
    ADD_ROWS(&tests, a_page_is_listed, pages);
    ADD_TEST(&tests, a_failing_store_is_told);
    ADD_TEST(&tests, missing_memory_is_told);
    ADD_ROWS(&tests, an_order_is_read, gets);
    return tests_run("list_orders", &tests);
}
