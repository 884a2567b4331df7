/* Orders, the ids that make their requests repeatable, and prices. */
#include "unit/support/tests.h"

#include <math.h>
#include <string.h>

#include "order.h"

static struct id id_of(const char *hex)
{
    struct id id;
    assert_true(id_parse(hex, strlen(hex), &id));
    return id;
}

/* Answers that another implementation of the contract's formula gave (Python's hashlib). */
static const struct id_case {
    const char *name, *user, *request_id, *order_id;
} ids[] = {
    { "the contract's example", "0123456789abcdef01234567", "req-1", "ec4ea0c0187dfa1d5c055c3f" },
    { "another request", "0123456789abcdef01234567", "req-2", "b4629bc3f3d2b3018918cdec" },
    { "another user", "0123456789abcdef01234568", "req-1", "f1e3473398414bbc22fdc4d3" },
    { "the longest request id", "ffffffffffffffffffffffff",
      "~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~"
      "~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~",
      "5ede22c22e9906f7962f1fca" },
};

static void the_order_id_is_computed(void **state)
{
    const struct id_case *c = *state;
    struct id user = id_of(c->user);
    struct id order = order_id_of(&user, c->request_id);
    assert_string_equal(id_format(&order).hex, c->order_id);
}

static const struct price_case {
    const char *name;
    double number;
    bool valid, in_range;
    int64_t hundredths;
} prices[] = {
    { "whole", 400, true, true, 40000 },
    { "as an exponent", 4e2, true, true, 40000 },
    { "two decimals, exactly", 399.99, true, true, 39999 },
    { "one decimal", 0.1, true, true, 10 },
    { "the smallest", 0.01, true, true, 1 },
    { "the largest", 1e12, true, true, INT64_C(100000000000000) },
    { "a hundredth less", 1e12 - 0.01, true, true, INT64_C(99999999999999) },
    { "a hundredth more", 1e12 + 0.01, false, false, 0 },
    { "far beyond", 1e300, false, false, 0 },
    { "infinite", INFINITY, false, false, 0 },
    { "no number", NAN, false, false, 0 },
    { "zero", 0, false, false, 0 },
    { "negative zero", -0.0, false, false, 0 },
    { "negative", -0.01, false, false, 0 },
    { "a third decimal", 399.999, false, true, 0 },
    { "less than the smallest", 0.001, false, true, 0 },
    { "half the smallest, which rounds up", 0.005, false, true, 0 },
    { "the least double above a price", 0x1.9000000000001p+8, false, true, 0 },
    { "the least double there is", 0x1p-1074, false, true, 0 },
};

static void a_price_is_judged(void **state)
{
    const struct price_case *c = *state;
    int64_t hundredths = -1;
    bool in_range = !c->in_range;

    assert_int_equal(price_from_number(c->number, &hundredths, &in_range), c->valid);
    assert_int_equal(hundredths, c->valid ? c->hundredths : -1); /* untouched on failure */
    assert_int_equal(in_range, c->in_range);
    assert_int_equal(price_from_number(c->number, &hundredths, NULL), c->valid);
}

static void every_hundredth_is_a_price(void **state)
{
    (void)state;
    for (int64_t h = 1; h <= 1000000; h++) {
        int64_t got = -1;
        assert_true(price_from_number((double)h / 100.0, &got, NULL));
        assert_int_equal(got, h);
    }
}

static const struct status_case {
    const char *name, *text;
    bool valid;
    enum order_status status;
} statuses[] = {
    { "new", "new", true, ORDER_NEW }, { "processing", "processing", true, ORDER_PROCESSING },
    { "upper case", "New", false, 0 }, { "cut", "ne", false, 0 },
    { "longer", "newer", false, 0 },   { "empty", "", false, 0 },
};

static void a_status_is_parsed(void **state)
{
    const struct status_case *c = *state;
    enum order_status status = (enum order_status)77;

    assert_int_equal(order_status_parse(c->text, strlen(c->text), &status), c->valid);
    assert_int_equal(status, c->valid ? c->status : 77);
    if (c->valid)
        assert_string_equal(order_status_name(status), c->text);
}

static void a_record_promises_a_new_order(void **state)
{
    (void)state;
    struct record record = {
        .order_id = id_of("ec4ea0c0187dfa1d5c055c3f"),
        .user_id = id_of("0123456789abcdef01234567"),
        .price = 39999,
        .date = 1800000000123,
        .state = RECORD_PARKED,
        .created_at = 5,
    };
    struct order order = order_of_record(&record);

    assert_true(id_equal(&order.id, &record.order_id));
    assert_true(id_equal(&order.user_id, &record.user_id));
    assert_int_equal(order.price, 39999);
    assert_int_equal(order.date, 1800000000123);
    assert_int_equal(order.status, ORDER_NEW);
}

int main(void)
{
    struct tests tests = { 0 };
    ADD_ROWS(&tests, the_order_id_is_computed, ids);
    ADD_ROWS(&tests, a_price_is_judged, prices);
    ADD_TEST(&tests, every_hundredth_is_a_price);
    ADD_ROWS(&tests, a_status_is_parsed, statuses);
    ADD_TEST(&tests, a_record_promises_a_new_order);
    return tests_run("order", &tests);
}
