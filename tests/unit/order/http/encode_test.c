/* Results to answers: the exact bytes that clients see, and every problem. */
#include "unit/support/tests.h"

#include <stdio.h>
#include <string.h>

#include "http/encode.h"
#include "list_orders.h"
#include "place_orders.h"
#include "unit/support/oom.h"

#define ORDER_ID "ec4ea0c0187dfa1d5c055c3f"
#define USER_ID  "0123456789abcdef01234567"

static struct id id_of(const char *hex)
{
    struct id id;
    assert_true(id_parse(hex, strlen(hex), &id));
    return id;
}

static struct order an_order(int64_t price)
{
    return (struct order){
        .id = id_of(ORDER_ID),
        .user_id = id_of(USER_ID),
        .price = price,
        .date = 1769903999123, /* 2026-01-31T23:59:59.123Z */
        .status = ORDER_NEW,
    };
}

static const char *header_of(const struct response *response, const char *name)
{
    for (size_t i = 0; i < response->header_count; i++)
        if (strcmp(response->headers[i].name, name) == 0)
            return response->headers[i].value;
    return NULL;
}

/* ---- placing ---- */

static const struct place_case {
    const char *name;
    enum place_result result;
    bool replayed;
    enum problem_type problem;
} places[] = {
    { "placed", ORDER_PLACED, false, PROBLEM_NONE },
    { "replayed", ORDER_REPLAYED, true, PROBLEM_NONE },
    { "helped", ORDER_HELPED, true, PROBLEM_NONE },
    { "id reused", ORDER_ID_REUSED, false, PROBLEM_REQUEST_ID_REUSED },
    { "not accepted", ORDER_NOT_ACCEPTED, false, PROBLEM_NOT_ACCEPTED },
    { "outcome unknown", ORDER_OUTCOME_UNKNOWN, false, PROBLEM_OUTCOME_UNKNOWN },
};

static void a_placed_order_is_told(void **state)
{
    const struct place_case *c = *state;
    struct place_order place = { .order_id = id_of(ORDER_ID), .result = c->result };
    struct response response = { 0 };

    encode_place_order(&place, &response);
    assert_int_equal(response.problem.type, c->problem);
    if (c->problem == PROBLEM_NONE) {
        assert_int_equal(response.status, 201);
        assert_string_equal(response.body.data,
                            "{\"status\":\"OK\",\"message\":\"Your order is on the way\","
                            "\"orderId\":\"" ORDER_ID "\"}");
        assert_string_equal(header_of(&response, "Location"), "/api/v1/order/" ORDER_ID);
        const char *replayed = header_of(&response, "Idempotent-Replayed");
        assert_int_equal(replayed != NULL, c->replayed);
        if (replayed)
            assert_string_equal(replayed, "true");
    } else {
        assert_true(strlen(response.problem.detail) > 20); /* says what to do */
        assert_int_equal(response.body.length, 0);
        assert_int_equal(response.header_count, 0);
    }
    response_done(&response);
}

/* ---- one order ---- */

static const struct price_case {
    const char *name;
    int64_t hundredths;
    const char *text;
} prices[] = {
    { "whole", 40000, "400" },
    { "two decimals", 39999, "399.99" },
    { "one decimal", 39990, "399.9" },
    { "the smallest", 1, "0.01" },
    { "the largest", INT64_C(100000000000000), "1000000000000" },
    { "a hundredth less", INT64_C(99999999999999), "999999999999.99" },
};

static void a_price_is_the_shortest_number(void **state)
{
    const struct price_case *c = *state;
    struct get_order get = { .result = READ_FOUND, .order = an_order(c->hundredths) };
    struct response response = { 0 };
    char expected[512];

    encode_get_order(&get, &response);
    snprintf(expected, sizeof expected,
             "{\"status\":\"success\",\"data\":{\"data\":{\"price\":%s,"
             "\"date\":\"2026-01-31T23:59:59.123Z\",\"_id\":\"" ORDER_ID "\","
             "\"userId\":\"" USER_ID "\",\"status\":\"new\"}}}",
             c->text);
    assert_int_equal(response.status, 200);
    assert_string_equal(response.body.data, expected);
    assert_int_equal(response.problem.type, PROBLEM_NONE);
    response_done(&response);
}

static const struct read_case {
    const char *name;
    enum read_result result;
    enum problem_type problem;
} reads[] = {
    { "not there, or another user's", READ_NOT_FOUND, PROBLEM_NOT_FOUND },
    { "the store could not be asked", READ_NOT_ACCEPTED, PROBLEM_NOT_ACCEPTED },
};

static void an_order_that_is_not_read_is_a_problem(void **state)
{
    const struct read_case *c = *state;
    struct get_order get = { .result = c->result, .order = an_order(1) };
    struct response response = { 0 };

    encode_get_order(&get, &response);
    assert_int_equal(response.problem.type, c->problem);
    assert_true(strlen(response.problem.detail) > 20);
    assert_int_equal(response.body.length, 0);
    response_done(&response);
}

/* ---- a list ---- */

#define ORDER_JSON(price, status)                                                                  \
    "{\"price\":" price ",\"date\":\"2026-01-31T23:59:59.123Z\",\"_id\":\"" ORDER_ID "\","         \
    "\"userId\":\"" USER_ID "\",\"status\":\"" status "\"}"
#define CURSOR "0000019c167fc893" ORDER_ID /* the date in hex */

static const struct list_case {
    const char *name;
    size_t count;
    bool more;
    const char *body;
} lists[] = {
    { "empty", 0, false, "{\"status\":\"success\",\"results\":0,\"data\":{\"data\":[]}}" },
    { "one, the last page", 1, false,
      "{\"status\":\"success\",\"results\":1,\"data\":{\"data\":[" ORDER_JSON("400", "new") "]}}" },
    { "two, and a next page", 2, true,
      "{\"status\":\"success\",\"results\":2,\"next\":\"" CURSOR
      "\",\"data\":{\"data\":[" ORDER_JSON("400", "new") "," ORDER_JSON("399.99",
                                                                        "processing") "]}}" },
};

static void a_page_is_told(void **state)
{
    const struct list_case *c = *state;
    struct order orders[] = { an_order(40000), an_order(39999) };
    struct list_orders list = {
        .result = READ_FOUND, .orders = orders, .count = c->count, .more = c->more
    };
    struct response response = { 0 };

    orders[1].status = ORDER_PROCESSING;
    encode_list_orders(&list, &response);
    assert_int_equal(response.status, 200);
    assert_string_equal(response.body.data, c->body);
    assert_int_equal(response.problem.type, PROBLEM_NONE);
    response_done(&response);
}

static void a_list_that_is_not_read_is_a_problem(void **state)
{
    (void)state;
    struct list_orders list = { .result = READ_NOT_ACCEPTED };
    struct response response = { 0 };

    encode_list_orders(&list, &response);
    assert_int_equal(response.problem.type, PROBLEM_NOT_ACCEPTED);
    assert_int_equal(response.body.length, 0);
    response_done(&response);
}

/* ---- missing memory ---- */

static void encode_a_page(struct response *response)
{
    struct order orders[] = { an_order(40000), an_order(39999) };
    struct list_orders list = { .result = READ_FOUND, .orders = orders, .count = 2, .more = true };
    encode_list_orders(&list, response);
}

static void encode_an_order(struct response *response)
{
    struct get_order get = { .result = READ_FOUND, .order = an_order(39999) };
    encode_get_order(&get, response);
}

static void encode_a_placed_one(struct response *response)
{
    struct place_order place = { .order_id = id_of(ORDER_ID), .result = ORDER_PLACED };
    encode_place_order(&place, response);
}

static const struct memory_case {
    const char *name;
    void (*encode)(struct response *response);
} encoders[] = {
    { "a page", encode_a_page },
    { "an order", encode_an_order },
    { "a placed one", encode_a_placed_one },
};

/* Whole, or known not to be. */
static void missing_memory_is_told(void **state)
{
    const struct memory_case *c = *state;
    struct response whole = { 0 };
    bool failed = true;
    unsigned n = 0;

    c->encode(&whole);
    while (failed) {
        struct response response = { 0 };
        oom_fail_at(++n);
        c->encode(&response);
        failed = oom_stop();
        assert_true(failed || !response.body.failed);
        if (!response.body.failed)
            assert_string_equal(response.body.data, whole.body.data);
        response_done(&response);
    }
    assert_true(n > 5);
    response_done(&whole);
}

int main(void)
{
    struct tests tests = { 0 };
    ADD_ROWS(&tests, a_placed_order_is_told, places);
    ADD_ROWS(&tests, a_price_is_the_shortest_number, prices);
    ADD_ROWS(&tests, an_order_that_is_not_read_is_a_problem, reads);
    ADD_ROWS(&tests, a_page_is_told, lists);
    ADD_TEST(&tests, a_list_that_is_not_read_is_a_problem);
    ADD_ROWS(&tests, missing_memory_is_told, encoders);
    return tests_run("encode", &tests);
}
