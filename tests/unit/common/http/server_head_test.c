/* Requests whose head is as large as it may be, and larger. */
#include "unit/common/http/toy_server.h"

#include "http/gate.h"

static struct toy toy;

/* "?a&a&…" with `count` parameters. */
static char *many_parameters(size_t count, const char *rest)
{
    struct buffer request = { 0 };

    buffer_text(&request, "GET /now?a");
    for (size_t i = 1; i < count; i++)
        buffer_text(&request, "&a");
    buffer_text(&request, rest);
    assert_false(request.failed);
    return buffer_steal(&request);
}

static char *long_header(size_t bytes)
{
    struct buffer request = { 0 };

    buffer_text(&request, "GET /now HTTP/1.1\r\nHost: toy\r\nX-Request-Id: large\r\nX-Long: ");
    while (request.length < bytes - strlen("\r\n\r\n"))
        buffer_text(&request, "x");
    buffer_text(&request, "\r\n\r\n");
    assert_false(request.failed);
    return buffer_steal(&request);
}

static void the_largest_head_is_served(void **state)
{
    (void)state;
    static struct client client;
    AUTO(memory) char *request = long_header(HEAD_BYTES_MAX - 64);

    wire_open(&client, http_server_port(toy.server));
    wire_send(&client, request);
    wire_expect(&client, 200);
    wire_close(&client);
}

static void a_larger_head_is_refused_with_its_request_id(void **state)
{
    (void)state;
    static struct client client;
    static struct answer answer;
    AUTO(memory) char *request = long_header(HEAD_BYTES_MAX + 512);

    wire_open(&client, http_server_port(toy.server));
    wire_send(&client, request);
    wire_read(&client, &answer);
    assert_int_equal(answer.status, 400);
    assert_true(wire_is_problem(&answer, "invalid-request"));
    assert_string_equal(wire_header(&answer, "X-Request-Id"), "large");
    wire_expect_closed(&client);
    wire_close(&client);
}

static void hundreds_of_parameters_are_refused_at_once(void **state)
{
    (void)state;
    static struct client client;
    static struct answer answer;
    AUTO(memory) char *request = many_parameters(500, " HTTP/1.1\r\nHost: toy\r\n\r\n");

    wire_open(&client, http_server_port(toy.server));
    wire_send(&client, request);
    wire_read(&client, &answer);
    assert_int_equal(answer.status, 400);
    assert_true(wire_is_problem(&answer, "invalid-request"));
    wire_close(&client);
}

/* The library then neither hands the request over nor completes it; LeakSanitizer looks. */
static void parameters_beyond_the_librarys_memory_leave_nothing_behind(void **state)
{
    (void)state;
    static struct client client;
    AUTO(memory) char *request = many_parameters(8000, " HTTP/1.1\r\nHost: toy\r\n\r\n");

    for (int i = 0; i < 10; i++) {
        wire_open(&client, http_server_port(toy.server));
        (void)wire_send_bytes(&client, request, strlen(request));
        wire_close(&client);
    }
    wire_open(&client, http_server_port(toy.server));
    wire_send(&client, TOY_GET("/now"));
    wire_expect(&client, 200);
    wire_close(&client);
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_TEST(&tests, the_largest_head_is_served);
    ADD_TEST(&tests, a_larger_head_is_refused_with_its_request_id);
    ADD_TEST(&tests, hundreds_of_parameters_are_refused_at_once);
    ADD_TEST(&tests, parameters_beyond_the_librarys_memory_leave_nothing_behind);

    toy_init(&toy);
    toy_open(&toy);
    const int result = tests_run("server head", &tests);
    toy_close(&toy);
    return result;
}
