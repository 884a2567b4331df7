/* Requests to use cases: every fault of a request, and what a good one becomes. */
#include "unit/support/tests.h"

#include <stdio.h>
#include <string.h>

#include "http/decode.h"
#include "list_orders.h"
#include "place_orders.h"
#include "unit/common/http/request_making.h"
#include "unit/support/oom.h"

static const struct id user = { { 1, 2, 3 } };

static void request_open(struct request *request)
{
    *request = (struct request){ .caller = { .user_id = user } };
    strcpy(request->traceparent.text, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
}

static void assert_faults(const struct problem *problem, const char *expected)
{
    char text[512];
    faults_text(problem, text, sizeof text);
    assert_string_equal(text, expected);
}

/* ---- POST ---- */

static const struct body_case {
    const char *name, *body;
    int64_t price; /* 0: refused */
    enum problem_type problem;
    const char *faults; /* "pointer:code " each */
} bodies[] = {
    { "whole", "{\"price\":400}", 40000, 0, "" },
    { "with zeros", "{\"price\":400.00}", 40000, 0, "" },
    { "as an exponent", "{\"price\":4e2}", 40000, 0, "" },
    { "two decimals", " { \"price\" : 399.99 } ", 39999, 0, "" },
    { "the smallest", "{\"price\":0.01}", 1, 0, "" },
    { "the largest", "{\"price\":1000000000000}", INT64_C(100000000000000), 0, "" },
    { "above the largest", "{\"price\":1000000000000.01}", 0, PROBLEM_INVALID_REQUEST,
      "/price:range " },
    { "an integer far above", "{\"price\":9223372036854775807}", 0, PROBLEM_INVALID_REQUEST,
      "/price:range " },
    { "zero", "{\"price\":0}", 0, PROBLEM_INVALID_REQUEST, "/price:range " },
    { "negative zero", "{\"price\":-0.0}", 0, PROBLEM_INVALID_REQUEST, "/price:range " },
    { "negative", "{\"price\":-1}", 0, PROBLEM_INVALID_REQUEST, "/price:range " },
    { "a third decimal", "{\"price\":399.999}", 0, PROBLEM_INVALID_REQUEST, "/price:format " },
    { "below the smallest", "{\"price\":0.001}", 0, PROBLEM_INVALID_REQUEST, "/price:format " },
    { "as a string", "{\"price\":\"400\"}", 0, PROBLEM_INVALID_REQUEST, "/price:type " },
    { "as a boolean", "{\"price\":true}", 0, PROBLEM_INVALID_REQUEST, "/price:type " },
    { "as a list", "{\"price\":[400]}", 0, PROBLEM_INVALID_REQUEST, "/price:type " },
    { "missing", "{}", 0, PROBLEM_INVALID_REQUEST, "/price:required " },
    { "something more", "{\"price\":400,\"userId\":\"x\"}", 0, PROBLEM_INVALID_REQUEST,
      "/userId:unknown " },
    { "all faults at once", "{\"prize\":400}", 0, PROBLEM_INVALID_REQUEST,
      "/price:required /prize:unknown " },
    { "no object", "[400]", 0, PROBLEM_INVALID_REQUEST, ":type " },
    { "no JSON", "{\"price\":400", 0, PROBLEM_MALFORMED_JSON, "" },
    { "not a number", "{\"price\":NaN}", 0, PROBLEM_MALFORMED_JSON, "" },
    { "beyond a double", "{\"price\":1e400}", 0, PROBLEM_MALFORMED_JSON, "" },
    { "twice", "{\"price\":400,\"price\":400}", 0, PROBLEM_MALFORMED_JSON, "" },
    { "empty", "", 0, PROBLEM_MALFORMED_JSON, "" },
};

static void a_body_is_judged(void **state)
{
    const struct body_case *c = *state;
    struct request request;
    struct problem problem = { 0 };
    struct place_order place = { 0 };

    request_open(&request);
    add_header(&request, "X-Request-Id", "req-1");
    request.body = slice_of(c->body);
    assert_int_equal(decode_place_order(&request, &place, &problem), c->price != 0);
    assert_int_equal(problem.type, c->problem);
    assert_faults(&problem, c->faults);
    if (c->price) {
        assert_int_equal(place.price, c->price);
        assert_true(id_equal(&place.user_id, &user));
        assert_string_equal(place.request_id, "req-1");
        assert_string_equal(place.traceparent.text, request.traceparent.text);
        assert_int_equal(place.result, ORDER_NOT_ACCEPTED); /* the safe one, until it has run */
    }
    problem_done(&problem);
}

static void the_key_comes_before_the_body(void **state)
{
    (void)state;
    struct request request;
    struct problem problem = { 0 };
    struct place_order place = { 0 };

    request_open(&request);
    request.body = slice_of("{");
    assert_false(decode_place_order(&request, &place, &problem));
    assert_int_equal(problem.type, PROBLEM_REQUEST_ID_REQUIRED);
    problem_done(&problem);
}

/* A price must never be another one because memory was short. */
static void missing_memory_is_told(void **state)
{
    (void)state;
    bool failed = true;
    unsigned n = 0;

    while (failed) {
        struct request request;
        struct problem problem = { 0 };
        struct place_order place = { 0 };

        request_open(&request);
        add_header(&request, "X-Request-Id", "req-1");
        request.body = slice_of("{\"price\":123456789012.25}");
        oom_fail_at(++n);
        bool decoded = decode_place_order(&request, &place, &problem);
        failed = oom_stop();
        if (decoded)
            assert_int_equal(place.price, INT64_C(12345678901225));
        else
            assert_int_equal(problem.type, PROBLEM_NOT_ACCEPTED);
        assert_true(decoded || failed);
        problem_done(&problem);
    }
    assert_true(n > 2);
}

/* ---- GET, the list ---- */

#define CURSOR "000001a31bd6e27b0f0f0f0f0f0f0f0f0f0f0f0f"

static const struct query_case {
    const char *name, *query;
    size_t limit; /* 0: refused */
    bool with_status;
    enum order_status status;
    int64_t after;
    const char *faults;
} queries[] = {
    { "nothing asked", "", 100, false, 0, 0, "" },
    { "the least", "?limit=1", 1, false, 0, 0, "" },
    { "the most", "?limit=1000", 1000, false, 0, 0, "" },
    { "new ones", "?status=new", 100, true, ORDER_NEW, 0, "" },
    { "processing ones", "?status=processing", 100, true, ORDER_PROCESSING, 0, "" },
    { "from a cursor", "?cursor=" CURSOR, 100, false, 0, 0x1A31BD6E27B, "" },
    { "all three", "?status=new&cursor=" CURSOR "&limit=7", 7, true, ORDER_NEW, 0x1A31BD6E27B, "" },
    { "limit 0", "?limit=0", 0, false, 0, 0, ":range " },
    { "limit above the most", "?limit=1001", 0, false, 0, 0, ":range " },
    { "limit negative", "?limit=-1", 0, false, 0, 0, ":range " },
    { "limit no number", "?limit=ten", 0, false, 0, 0, ":range " },
    { "limit with a fraction", "?limit=1.5", 0, false, 0, 0, ":range " },
    { "limit empty", "?limit=", 0, false, 0, 0, ":range " },
    { "limit beyond a long", "?limit=99999999999999999999", 0, false, 0, 0, ":range " },
    { "limit twice", "?limit=5&limit=5", 0, false, 0, 0, ":range " },
    { "status unknown", "?status=done", 0, false, 0, 0, ":format " },
    { "status in upper case", "?status=NEW", 0, false, 0, 0, ":format " },
    { "status empty", "?status=", 0, false, 0, 0, ":format " },
    { "status twice", "?status=new&status=new", 0, false, 0, 0, ":format " },
    { "cursor broken", "?cursor=" CURSOR "0", 0, false, 0, 0, ":format " },
    { "cursor empty", "?cursor=", 0, false, 0, 0, ":format " },
    { "cursor twice", "?cursor=" CURSOR "&cursor=" CURSOR, 0, false, 0, 0, ":format " },
    { "all faults at once", "?limit=0&status=x&cursor=y", 0, false, 0, 0,
      ":range :format :format " },
};

static void a_query_is_judged(void **state)
{
    const struct query_case *c = *state;
    struct request request;
    struct problem problem = { 0 };
    struct list_orders list = { 0 };
    char raw[256];

    request_open(&request);
    snprintf(raw, sizeof raw, "/api/v1/order%s", c->query);
    set_target(&request, raw);
    assert_int_equal(decode_list_orders(&request, &list, &problem), c->limit != 0);
    assert_int_equal(problem.type, c->limit ? PROBLEM_NONE : PROBLEM_INVALID_REQUEST);
    assert_faults(&problem, c->faults);
    if (c->limit) {
        assert_int_equal(list.query.limit, c->limit);
        assert_int_equal(list.query.with_status, c->with_status);
        assert_int_equal(list.query.status, c->status);
        assert_int_equal(list.query.after.date, c->after);
        assert_true(id_equal(&list.query.user_id, &user));
        assert_int_equal(list.result, READ_NOT_ACCEPTED);
    }
    problem_done(&problem);
    target_done(&request.target);
}

/* ---- GET, one ---- */

static void an_order_is_asked_for_by_its_owner(void **state)
{
    (void)state;
    struct request request;
    struct problem problem = { 0 };
    struct get_order get = { 0 };

    request_open(&request);
    request.id_parameter = (struct id){ { 9, 8, 7 } };
    assert_true(decode_get_order(&request, &get, &problem));
    assert_true(id_equal(&get.user_id, &user));
    assert_true(id_equal(&get.order_id, &request.id_parameter));
    assert_int_equal(get.result, READ_NOT_ACCEPTED);
}

int main(void)
{
    struct tests tests = { 0 };
    ADD_ROWS(&tests, a_body_is_judged, bodies);
    ADD_TEST(&tests, the_key_comes_before_the_body);
    ADD_TEST(&tests, missing_memory_is_told);
    ADD_ROWS(&tests, a_query_is_judged, queries);
    ADD_TEST(&tests, an_order_is_asked_for_by_its_owner);
    return tests_run("decode", &tests);
}
