/* Bodies: as large as may be, larger, without end, and those that wait to be asked for. */
#include "unit/common/http/toy_server.h"

static struct toy toy;
static struct answer answer;

#define POST_WITH(fields) "POST /things HTTP/1.1\r\n" TOY_JSON fields "\r\n"

/* Sends a body of `size` bytes, told by its length or in one chunk, and only then reads. */
static void post(size_t size, bool chunked)
{
    static struct client client;
    char head[512];
    char *body = malloc(size);

    assert_non_null(body);
    memset(body, ' ', size);
    snprintf(head, sizeof head,
             chunked ? POST_WITH("Transfer-Encoding: chunked\r\n") "%zx\r\n"
                     : POST_WITH("Content-Length: %zu\r\n"),
             size);
    toy_connect(&toy, &client);
    wire_send(&client, head);
    assert_true(wire_send_bytes(&client, body, size)); /* nobody cuts us off */
    if (chunked)
        wire_send(&client, "\r\n0\r\n\r\n");
    wire_read(&client, &answer);
    wire_close(&client);
    free(body);
}

static const struct body_case {
    const char *name;
    size_t size;
    bool chunked;
    int status;
} bodies[] = {
    { "as large as may be", 16 * KIB, false, 200 },
    { "as large as may be, in chunks", 16 * KIB, true, 200 },
    { "a byte more", 16 * KIB + 1, false, 413 },
    { "a byte more, in chunks", 16 * KIB + 1, true, 413 },
    { "far too large", 1024 * KIB, false, 413 },
    { "far too large, in chunks", 1024 * KIB, true, 413 },
};

static void it_is_large(void **state)
{
    const struct body_case *c = *state;

    post(c->size, c->chunked);
    assert_int_equal(answer.status, c->status);
    if (c->status == 413)
        assert_true(wire_is_problem(&answer, "body-too-large"));
}

static const struct endless_case {
    const char *name, *head;
} endless[] = {
    { "a length without end", POST_WITH("Content-Length: 999999999\r\n") },
    { "a chunk without end", POST_WITH("Transfer-Encoding: chunked\r\n") "7fffffff\r\n" },
};

/* Answered before the body's end, and the client may go on sending for a while: a connection that
 * is reset would take the answer along. */
static void it_is_cut_off_gently(void **state)
{
    const struct endless_case *c = *state;
    static const char piece[32 * KIB] = { ' ' };
    static struct client client;

    toy_connect(&toy, &client);
    wire_send(&client, c->head);
    for (struct pollfd fd = { .fd = client.fd, .events = POLLIN }; poll(&fd, 1, 1) == 0;)
        assert_true(wire_send_bytes(&client, piece, sizeof piece));
    for (int i = 0; i < 10; i++) {
        assert_true(wire_send_bytes(&client, piece, sizeof piece));
        poll(NULL, 0, 1);
    }
    wire_read(&client, &answer);
    assert_int_equal(answer.status, 413);
    assert_true(wire_is_problem(&answer, "body-too-large"));
    assert_string_equal(wire_header(&answer, "Connection"), "close");
    wire_expect_closed(&client);
    wire_close(&client);
}

static void a_body_is_asked_for_with_100_continue(void **state)
{
    (void)state;
    static struct client client;

    toy_connect(&toy, &client);
    wire_send(&client, POST_WITH("Expect: 100-continue\r\nContent-Length: 2\r\n"));
    wire_read(&client, &answer);
    assert_int_equal(answer.status, 100);
    wire_send(&client, "{}");
    wire_expect(&client, 200);
    wire_close(&client);
}

static void no_body_is_asked_for_when_the_answer_is_known(void **state)
{
    (void)state;
    static struct client client;

    toy_connect(&toy, &client);
    wire_send(&client, POST_WITH("Expect: 100-continue\r\nContent-Length: 17000\r\n"));
    wire_expect(&client, 413);
    wire_expect_closed(&client);
    wire_close(&client);
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_ROWS(&tests, it_is_large, bodies);
    ADD_ROWS(&tests, it_is_cut_off_gently, endless);
    ADD_TEST(&tests, a_body_is_asked_for_with_100_continue);
    ADD_TEST(&tests, no_body_is_asked_for_when_the_answer_is_known);

    toy_init(&toy);
    toy_open(&toy);
    const int result = tests_run("server, bodies", &tests);
    toy_close(&toy);
    return result;
}
