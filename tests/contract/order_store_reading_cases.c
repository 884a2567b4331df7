/* A user's list, page by page. */
#include "contract/order_store_suite.h"

#include <pthread.h>
#include <string.h>

enum { LISTED = 12 };

static const struct id listing_user = { { 'l', 'i', 's', 't' } };

/* Orders of one user; dates in pairs, so that ids decide within a pair; every third processing. */
static struct order listed_order(uint32_t n)
{
    struct order order = nth_order(n);

    order.user_id = listing_user;
    order.date = T0 + n / 2;
    order.status = n % 3 == 0 ? ORDER_PROCESSING : ORDER_NEW;
    return order;
}

static void add_listed(struct order_store *store)
{
    const struct order strangers = nth_order(1000);

    for (uint32_t n = LISTED; n-- > 0;) { /* not in the order of their dates */
        const struct order order = listed_order(n);
        add_orders(store, &order, 1);
    }
    add_orders(store, &strangers, 1);
}

static size_t list(struct order_store *store, const struct order_query *query,
                   struct order orders[])
{
    struct error err = { 0 };
    size_t count = 99999;

    if (!order_store_list_orders(store, query, orders, &count, &err))
        fail_msg("cannot list: %s", err.detail);
    assert_true(count <= query->limit);
    return count;
}

static void assert_ascending(const struct order orders[], size_t count)
{
    for (size_t i = 1; i < count; i++) {
        assert_true(orders[i - 1].date <= orders[i].date);
        if (orders[i - 1].date == orders[i].date)
            assert_true(id_compare(&orders[i - 1].id, &orders[i].id) < 0);
    }
}

static void list_is_own_and_oldest_first(void **state)
{
    (void)state;
    struct order_store *store = suite_begin();
    const struct order_query query = { .user_id = listing_user, .limit = LISTED + 1 };
    struct order orders[LISTED + 1], whole;

    add_listed(store);
    assert_int_equal(list(store, &query, orders), LISTED);
    assert_ascending(orders, LISTED);
    for (size_t i = 0; i < LISTED; i++) {
        assert_true(read_order(store, &orders[i].id, &whole));
        assert_same_order(&orders[i], &whole);
        assert_true(id_equal(&orders[i].user_id, &listing_user));
    }
    suite_end(store);
}

static void user_without_orders_has_an_empty_list(void **state)
{
    (void)state;
    struct order_store *store = suite_begin();
    const struct order_query query = { .user_id = nth_id(7), .limit = 10 };
    struct order orders[10];

    add_listed(store);
    assert_int_equal(list(store, &query, orders), 0);
    suite_end(store);
}

static const struct page_case {
    const char *name;
    size_t limit;
    bool with_status;
    enum order_status status;
    size_t expected; /* orders over all pages */
} page_cases[] = {
    { "one a page", 1, false, ORDER_NEW, LISTED },
    { "pages end between equal dates", 3, false, ORDER_NEW, LISTED },
    { "the last page is full", 4, false, ORDER_NEW, LISTED },
    { "the last page is not full", 5, false, ORDER_NEW, LISTED },
    { "exactly one page", LISTED, false, ORDER_NEW, LISTED },
    { "the largest page", 1000, false, ORDER_NEW, LISTED },
    { "new ones only", 3, true, ORDER_NEW, 8 },
    { "processing ones only", 3, true, ORDER_PROCESSING, 4 },
};

/* Reads on from page to page; the orders in `all`, at most LISTED of them. */
static size_t list_all(struct order_store *store, struct order_query query, struct order all[])
{
    static struct order page[1000];
    size_t total = 0;

    for (;;) {
        size_t count = list(store, &query, page);
        if (count == 0)
            return total;
        assert_true(total + count <= LISTED);
        memcpy(&all[total], page, count * sizeof *page);
        total += count;
        query.after = (struct order_cursor){ page[count - 1].date, page[count - 1].id };
    }
}

static void pages_give_each_order_once(void **state)
{
    const struct page_case *c = *state;
    struct order_store *store = suite_begin();
    const struct order_query query = {
        .user_id = listing_user,
        .with_status = c->with_status,
        .status = c->status,
        .limit = c->limit,
    };
    struct order all[LISTED];

    add_listed(store);
    assert_int_equal(list_all(store, query, all), c->expected);
    assert_ascending(all, c->expected); /* strictly: so none comes twice */
    for (size_t i = 0; c->with_status && i < c->expected; i++)
        assert_int_equal(all[i].status, c->status);
    suite_end(store);
}

/* --- Pages while others insert. --- */

struct inserter {
    struct order_store *store;
    int failures;
};

enum { INSERTED = 200, EXISTING = 60 };

/* Before, between and after the dates of those that are there. */
static void *insert_around(void *context)
{
    struct inserter *inserter = context;
    enum write_outcome outcome;
    struct error err = { 0 };

    for (uint32_t n = 0; n < INSERTED; n++) {
        struct order order = nth_order(10000 + n);
        order.user_id = listing_user;
        order.date = T0 - 50 + n % (EXISTING + 100);
        if (!try_add(inserter->store, NULL, &order, 1, &outcome, &err) || outcome != WRITE_OK)
            inserter->failures++;
    }
    return NULL;
}

static void pages_during_inserts_give_each_that_was_there_once(void **state)
{
    (void)state;
    enum { PAGE = 7 };
    struct order_store *store = suite_begin();
    struct inserter inserter = { store, 0 };
    struct order_query query = { .user_id = listing_user, .limit = PAGE };
    struct order page[PAGE];
    unsigned seen[EXISTING] = { 0 };
    pthread_t thread;
    size_t count;

    for (uint32_t n = 0; n < EXISTING; n++) {
        struct order order = nth_order(n);
        order.user_id = listing_user;
        add_orders(store, &order, 1);
    }
    assert_int_equal(pthread_create(&thread, NULL, insert_around, &inserter), 0);
    while ((count = list(store, &query, page)) > 0) {
        for (size_t i = 0; i < count; i++)
            if (page[i].price < 100 + EXISTING)
                seen[page[i].price - 100]++;
        query.after = (struct order_cursor){ page[count - 1].date, page[count - 1].id };
    }
    pthread_join(thread, NULL);

    assert_int_equal(inserter.failures, 0);
    for (size_t n = 0; n < EXISTING; n++)
        assert_int_equal(seen[n], 1);
    suite_end(store);
}

void add_reading_cases(struct tests *tests)
{
    ADD_TEST(tests, list_is_own_and_oldest_first);
    ADD_TEST(tests, user_without_orders_has_an_empty_list);
    ADD_ROWS(tests, pages_give_each_order_once, page_cases);
    ADD_TEST(tests, pages_during_inserts_give_each_that_was_there_once);
}
