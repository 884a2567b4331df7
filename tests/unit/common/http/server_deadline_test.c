/* Slow senders: each phase of a request has an absolute deadline, however steadily bytes drip. */
#include "unit/common/http/toy_server.h"

enum {
    SHORT_MS = 300, /* the deadline under test; the others stay long */
    DRIP_MS = 40,   /* between two bytes: never inactive */
};

static struct toy toy;
static struct client client;
static struct answer answer;

static int setup(void **state)
{
    (void)state;
    toy_init(&toy);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    wire_close(&client);
    toy_close(&toy);
    return 0;
}

/* Sends `text`, repeated for ever, byte by byte, until the server says something. */
static void drip(const char *text)
{
    const int64_t until_ms = wire_now_ms() + WIRE_PATIENCE_MS;
    struct pollfd readable = { .fd = client.fd, .events = POLLIN };

    for (size_t i = 0; poll(&readable, 1, DRIP_MS) == 0; i++) {
        (void)wire_send_bytes(&client, text + i % strlen(text), 1);
        assert_true(wire_now_ms() < until_ms);
    }
}

static void expect_timeout(void)
{
    wire_read(&client, &answer);
    assert_int_equal(answer.status, 408);
    assert_true(wire_is_problem(&answer, "request-timeout"));
    assert_string_equal(wire_header(&answer, "Connection"), "close");
    assert_non_null(wire_header(&answer, "X-Request-Id"));
    assert_non_null(wire_header(&answer, "Date"));
    assert_non_null(strstr(answer.body, "\"instance\":\""));
    wire_expect_closed(&client);
}

static void a_connection_that_says_nothing_ends(void **state)
{
    (void)state;
    toy.options.header_ms = SHORT_MS;
    toy_open(&toy);
    const int64_t begin_ms = wire_now_ms();
    toy_connect(&toy, &client);
    expect_timeout();
    assert_true(wire_now_ms() - begin_ms >= SHORT_MS);
}

static void a_dripping_request_line_ends(void **state)
{
    (void)state;
    toy.options.header_ms = SHORT_MS;
    toy_open(&toy);
    toy_connect(&toy, &client);
    drip("GET/");
    expect_timeout();
}

static void dripping_headers_end(void **state)
{
    (void)state;
    toy.options.header_ms = SHORT_MS;
    toy_open(&toy);
    toy_connect(&toy, &client);
    wire_send(&client, "GET /now HTTP/1.1\r\nHost: x\r\n");
    drip("A: b\r\n");
    expect_timeout();
    assert_int_equal(atomic_load(&toy.decoded), 0);
}

static void a_further_request_that_drips_ends(void **state)
{
    (void)state;
    toy.options.header_ms = SHORT_MS;
    toy_open(&toy);
    toy_connect(&toy, &client);
    wire_send(&client, TOY_GET("/now"));
    wire_expect(&client, 200);
    drip("GET/");
    expect_timeout();
}

static void an_idle_connection_is_kept_beyond_the_header_deadline(void **state)
{
    (void)state;
    toy.options.header_ms = SHORT_MS;
    toy_open(&toy);
    toy_connect(&toy, &client);
    for (int i = 0; i < 2; i++) {
        wire_send(&client, TOY_GET("/now"));
        wire_expect(&client, 200);
        struct pollfd readable = { .fd = client.fd, .events = POLLIN };
        assert_int_equal(poll(&readable, 1, 3 * SHORT_MS), 0);
    }
    wire_send(&client, TOY_GET("/now"));
    wire_expect(&client, 200);
}

static const struct body_case {
    const char *name, *head, *drip;
} bodies[] = {
    { "a dripping body ends", "Content-Length: 16000\r\n\r\n", " " },
    { "dripping chunks end", "Transfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n" },
    { "a body that never comes ends", "Content-Length: 1\r\n\r\n", NULL },
};

static void a_slow_body_ends(void **state)
{
    const struct body_case *c = *state;

    setup(NULL);
    toy.options.body_ms = SHORT_MS;
    toy_open(&toy);
    toy_connect(&toy, &client);
    wire_send(&client, "POST /things HTTP/1.1\r\n" TOY_JSON);
    wire_send(&client, c->head);
    if (c->drip)
        drip(c->drip);
    expect_timeout();
    assert_int_equal(atomic_load(&toy.decoded), 0);
    teardown(NULL);
}

static void the_whole_request_has_a_deadline_of_its_own(void **state)
{
    (void)state;
    toy.options.request_ms = SHORT_MS;
    toy_open(&toy);
    toy_connect(&toy, &client);
    wire_send(&client, "POST /things HTTP/1.1\r\n" TOY_JSON "Content-Length: 16000\r\n\r\n");
    drip(" ");
    expect_timeout();
}

static void one_connection_too_many_is_told_so(void **state)
{
    (void)state;
    enum { LIMIT = 16 };
    static struct client crowd[LIMIT];

    toy.options.connections_max = LIMIT;
    toy_open(&toy);
    for (int i = 0; i < LIMIT; i++) {
        toy_connect(&toy, &crowd[i]);
        wire_send(&crowd[i], TOY_GET("/now"));
        wire_expect(&crowd[i], 200);
    }
    toy_connect(&toy, &client);
    (void)wire_send_bytes(&client, TOY_GET("/now"), strlen(TOY_GET("/now")));
    wire_read(&client, &answer);
    assert_int_equal(answer.status, 503);
    assert_true(wire_is_problem(&answer, "not-accepted"));
    assert_string_equal(wire_header(&answer, "Connection"), "close");
    assert_string_equal(wire_header(&answer, "Retry-After"), "1");
    wire_expect_closed(&client);

    wire_close(&crowd[0]);
    for (answer.status = 503; answer.status == 503;) {
        wire_close(&client);
        toy_connect(&toy, &client);
        (void)wire_send_bytes(&client, TOY_GET("/now"), strlen(TOY_GET("/now")));
        wire_read(&client, &answer);
    }
    assert_int_equal(answer.status, 200);
    for (int i = 1; i < LIMIT; i++)
        wire_close(&crowd[i]);
}

int main(void)
{
    const struct CMUnitTest list[] = {
        cmocka_unit_test_setup_teardown(a_connection_that_says_nothing_ends, setup, teardown),
        cmocka_unit_test_setup_teardown(a_dripping_request_line_ends, setup, teardown),
        cmocka_unit_test_setup_teardown(dripping_headers_end, setup, teardown),
        cmocka_unit_test_setup_teardown(a_further_request_that_drips_ends, setup, teardown),
        cmocka_unit_test_setup_teardown(an_idle_connection_is_kept_beyond_the_header_deadline,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(the_whole_request_has_a_deadline_of_its_own, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(one_connection_too_many_is_told_so, setup, teardown),
    };
    struct tests tests = { 0 };

    ADD_ROWS(&tests, a_slow_body_ends, bodies);
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        tests.list[tests.count++] = list[i];
    return tests_run("server, deadlines", &tests);
}
