/* The event's bytes, to the letter. */
#include "unit/support/tests.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "events/event.h"
#include "unit/support/oom.h"

static struct order order_of_price(int64_t hundredths)
{
    struct order order = { .price = hundredths, .date = 1769860800000, .status = ORDER_NEW };
    assert_true(id_parse("ec4ea0c0187dfa1d5c055c3f", ID_HEX, &order.id));
    assert_true(id_parse("0123456789abcdef01234567", ID_HEX, &order.user_id));
    return order;
}

static const struct event_case {
    const char *name;
    int64_t hundredths;
    const char *price;
} cases[] = {
    { "a whole price", 40000, "400" },
    { "two decimals", 39999, "399.99" },
    { "one decimal", 39950, "399.5" },
    { "the least", 1, "0.01" },
    { "the most", 100000000000000, "1000000000000" },
    { "the most with decimals", 99999999999999, "999999999999.99" },
};

static void an_event_has_its_bytes(void **state)
{
    const struct event_case *c = *state;
    struct order order = order_of_price(c->hundredths);
    AUTO(buffer) struct buffer out = { 0 };
    char expected[256];

    snprintf(expected, sizeof expected,
             "{\"orderId\":\"ec4ea0c0187dfa1d5c055c3f\",\"userId\":\"0123456789abcdef01234567\","
             "\"price\":%s,\"status\":\"new\",\"date\":\"2026-01-31T12:00:00.000Z\"}",
             c->price);
    event_write(&order, &out);
    assert_false(out.failed);
    assert_string_equal(out.data, expected);
    assert_int_equal(out.length, strlen(expected));
}

static void a_repeat_has_the_same_bytes(void **state)
{
    struct order order = order_of_price(39999);
    AUTO(buffer) struct buffer first = { 0 };
    AUTO(buffer) struct buffer again = { 0 };

    (void)state;
    event_write(&order, &first);
    order.status = ORDER_PROCESSING; /* what has become of it since is not in its event */
    event_write(&order, &again);
    assert_string_equal(first.data, again.data);
}

static void the_event_id_is_the_orders(void **state)
{
    struct order order = order_of_price(1);

    (void)state;
    assert_string_equal(event_id_of(&order).text, "ec4ea0c0187dfa1d5c055c3f.created");
}

static void no_memory_is_told(void **state)
{
    struct order order = order_of_price(39999);
    unsigned n = 1;

    (void)state;
    for (;; n++) {
        AUTO(buffer) struct buffer out = { 0 };

        oom_fail_at(n);
        event_write(&order, &out);
        bool failed = oom_stop();
        assert_int_equal(out.failed, failed);
        if (!failed)
            break;
    }
    assert_true(n > 10); /* five values, their keys, the object, the text */
}

int main(void)
{
    struct tests tests = { 0 };

    json_set_alloc_funcs(malloc, free);
    ADD_ROWS(&tests, an_event_has_its_bytes, cases);
    ADD_TEST(&tests, a_repeat_has_the_same_bytes);
    ADD_TEST(&tests, the_event_id_is_the_orders);
    ADD_TEST(&tests, no_memory_is_told);
    return tests_run("event", &tests);
}
