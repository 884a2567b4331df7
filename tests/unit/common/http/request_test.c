/* The request as decode functions see it. */
#include "unit/support/tests.h"

#include <string.h>

#include "http/request_parts.h"
#include "json/decode.h"

static void fill_with_seven(const struct random *random, void *bytes, size_t count)
{
    (void)random;
    memset(bytes, 7, count);
}

static const struct random sevens = { fill_with_seven };

static void add_header(struct request *request, const char *name, const char *value)
{
    request->head.headers[request->head.count++] =
        (struct header){ { name, strlen(name) }, { value, strlen(value) } };
}

static void headers_are_found_without_regard_to_case(void **state)
{
    (void)state;
    struct request request = { .peer = "127.0.0.1" };
    size_t count;

    add_header(&request, "If-Match", "\"1\"");
    add_header(&request, "IF-MATCH", "\"2\"");
    assert_string_equal(request_header(&request, "if-match", &count).text, "\"1\"");
    assert_int_equal(count, 2);
    assert_null(request_header(&request, "If-Matc", &count).text);
    assert_int_equal(count, 0);
    assert_null(request_header(&request, "ETag", NULL).text);
    assert_string_equal(request_header_at(&request, "if-match", 1).text, "\"2\"");
    assert_null(request_header_at(&request, "if-match", 2).text);
}

static void query_parameters_are_found_by_their_exact_name(void **state)
{
    (void)state;
    struct request request = { .peer = "" };
    size_t count;

    assert_int_equal(target_parse("/?a=1&b=2&a=3", &request.target), TARGET_OK);
    assert_string_equal(request_query(&request, "a", &count).text, "1");
    assert_int_equal(count, 2);
    assert_null(request_query(&request, "A", &count).text);
    assert_int_equal(count, 0);
    target_done(&request.target);
}

static const struct number_case {
    const char *name, *target;
    bool good;
    long number;
} numbers[] = {
    { "not given", "/", true, 50 },
    { "given", "/?limit=7", true, 7 },
    { "the least", "/?limit=1", true, 1 },
    { "the most", "/?limit=200", true, 200 },
    { "below", "/?limit=0", false, -1 },
    { "above", "/?limit=201", false, -1 },
    { "negative", "/?limit=-7", false, -1 },
    { "beyond a long", "/?limit=99999999999999999999", false, -1 },
    { "beyond a long, negative", "/?limit=-99999999999999999999", false, -1 },
    { "empty", "/?limit=", false, -1 },
    { "a plus", "/?limit=+7", false, -1 },
    { "a blank", "/?limit=%207", false, -1 },
    { "a fraction", "/?limit=7.5", false, -1 },
    { "hex", "/?limit=0x7", false, -1 },
    { "minus alone", "/?limit=-", false, -1 },
    { "a minus inside", "/?limit=1-2", false, -1 },
    { "twice", "/?limit=7&limit=7", false, -1 },
};

static void it_is_a_number(void **state)
{
    const struct number_case *c = *state;
    struct request request = { .peer = "" };
    struct problem problem = { 0 };
    long number = -1;

    assert_int_equal(target_parse(c->target, &request.target), TARGET_OK);
    assert_int_equal(request_query_number(&request, "limit", 1, 200, 50, &number, &problem),
                     c->good);
    assert_int_equal(number, c->number);
    if (!c->good) {
        const char *pointer, *code, *detail;
        assert_int_equal(problem.type, PROBLEM_INVALID_REQUEST);
        assert_int_equal(json_unpack(json_array_get(problem.faults.list, 0), "{s:s, s:s, s:s}",
                                     "pointer", &pointer, "code", &code, "detail", &detail),
                         0);
        assert_string_equal(pointer, "");
        assert_string_equal(code, "range");
        assert_non_null(strstr(detail, "limit: give a whole number from 1 to 200"));
    } else {
        assert_int_equal(problem.type, PROBLEM_NONE);
    }
    problem_done(&problem);
    target_done(&request.target);
}

#define NEW_ID     "070707070707070707070707"
#define SIXTY_FOUR "0123456789012345678901234567890123456789012345678901234567890123"

static const struct id_case {
    const char *name, *first, *second; /* X-Request-Id headers */
    const char *expected;
} ids[] = {
    { "a valid one is kept", "req-1!~", NULL, "req-1!~" },
    { "128 characters are kept", SIXTY_FOUR SIXTY_FOUR, NULL, SIXTY_FOUR SIXTY_FOUR },
    { "none: a new one", NULL, NULL, NEW_ID },
    { "an empty one: a new one", "", NULL, NEW_ID },
    { "129 characters: a new one", SIXTY_FOUR SIXTY_FOUR "x", NULL, NEW_ID },
    { "a blank in it: a new one", "a b", NULL, NEW_ID },
    { "beyond ASCII: a new one", "\xC3\xA4", NULL, NEW_ID },
    { "a DEL in it: a new one", "a\x7F", NULL, NEW_ID },
    { "a control character in it: a new one", "a\x01", NULL, NEW_ID },
    { "two: a new one", "a", "a", NEW_ID },
};

static void it_is_identified(void **state)
{
    const struct id_case *c = *state;
    struct request request = { .peer = "" };

    if (c->first)
        add_header(&request, "X-Request-Id", c->first);
    if (c->second)
        add_header(&request, "X-Request-Id", c->second);
    request_identify(&request, &sevens);
    assert_string_equal(request_correlation_id(&request), c->expected);
}

#define PARENT "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

static void a_valid_traceparent_is_kept_and_no_other(void **state)
{
    (void)state;
    struct request request = { .peer = "" };

    request_take_trace(&request);
    assert_string_equal(request_traceparent(&request)->text, "");
    add_header(&request, "traceparent", PARENT);
    request_take_trace(&request);
    assert_string_equal(request_traceparent(&request)->text, PARENT);
    add_header(&request, "traceparent", PARENT);
    request_take_trace(&request);
    assert_string_equal(request_traceparent(&request)->text, "");
    request.head.count = 0;
    add_header(&request, "traceparent", "00-no");
    request_take_trace(&request);
    assert_string_equal(request_traceparent(&request)->text, "");
}

static bool read_flag(const json_t *value, void *out, size_t size, struct field_fault *fault)
{
    (void)size;
    *fault = (struct field_fault){ "type", "give true or false" };
    *(bool *)out = json_is_true(value);
    return json_is_boolean(value);
}

struct flag {
    bool flag;
};

static const struct body_case {
    const char *name, *body;
    bool good;
    enum problem_type problem;
    bool faults;
} bodies[] = {
    { "what was asked for", "{\"flag\":true}", true, PROBLEM_NONE, false },
    { "no JSON", "{", false, PROBLEM_MALFORMED_JSON, false },
    { "nothing", "", false, PROBLEM_MALFORMED_JSON, false },
    { "no object", "[]", false, PROBLEM_INVALID_REQUEST, true },
    { "another type", "{\"flag\":1}", false, PROBLEM_INVALID_REQUEST, true },
    { "missing", "{}", false, PROBLEM_INVALID_REQUEST, true },
};

static void it_is_decoded(void **state)
{
    const struct body_case *c = *state;
    static const struct field fields[] = {
        { "flag", FIELD_REQUIRED, offsetof(struct flag, flag), sizeof(bool), 0, read_flag },
    };
    const struct request request = { .body = { c->body, strlen(c->body) } };
    struct flag flag = { false };
    struct problem problem = { 0 };

    assert_int_equal(request_decode_body(&request, fields, 1, &flag, &problem), c->good);
    assert_int_equal(flag.flag, c->good);
    assert_int_equal(problem.type, c->problem);
    assert_int_equal(faults_any(&problem.faults), c->faults);
    problem_done(&problem);
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_TEST(&tests, headers_are_found_without_regard_to_case);
    ADD_TEST(&tests, query_parameters_are_found_by_their_exact_name);
    ADD_ROWS(&tests, it_is_a_number, numbers);
    ADD_ROWS(&tests, it_is_identified, ids);
    ADD_TEST(&tests, a_valid_traceparent_is_kept_and_no_other);
    ADD_ROWS(&tests, it_is_decoded, bodies);
    return tests_run("request", &tests);
}
