/* Stopping: who is in flight is answered, once, and honestly. */
#include "unit/common/http/toy_server.h"

enum { IN_FLIGHT = 20 };

#define GATED_POST "POST /gated HTTP/1.1\r\n" TOY_JSON "Content-Length: 2\r\n\r\n{}"

static struct toy toy;
static struct client clients[IN_FLIGHT];
static struct answer answer;

static int setup(void **state)
{
    (void)state;
    toy_init(&toy);
    toy.lanes[TOY_GATED].queue_max = IN_FLIGHT;
    return 0;
}

struct closing {
    pthread_t thread;
    int64_t deadline_ms;
};

static void *close_server(void *argument)
{
    const struct closing *closing = argument;

    http_server_close(toy.server, closing->deadline_ms);
    return NULL;
}

static void begin_closing(struct closing *closing, int64_t deadline_ms)
{
    closing->deadline_ms = deadline_ms;
    assert_int_equal(pthread_create(&closing->thread, NULL, close_server, closing), 0);
}

static void end_closing(struct closing *closing)
{
    assert_int_equal(pthread_join(closing->thread, NULL), 0);
    toy_done(&toy);
}

/* All of them wait in the gated lane, the first one at its gate. */
static void bring_in_flight(int count)
{
    toy_shut_gate(&toy, true);
    for (int i = 0; i < count; i++) {
        toy_connect(&toy, &clients[i]);
        wire_send(&clients[i], GATED_POST);
        WAIT_UNTIL(atomic_load(&toy.decoded) == i + 1);
    }
    WAIT_UNTIL(atomic_load(&toy.at_gate) == 1);
}

static void while_draining_each_answer_closes(void **state)
{
    (void)state;
    toy_open(&toy);
    toy_connect(&toy, &clients[0]);
    wire_send(&clients[0], TOY_GET("/things"));
    wire_read(&clients[0], &answer);
    assert_null(wire_header(&answer, "Connection"));
    http_server_drain(toy.server);
    wire_send(&clients[0], TOY_GET("/things"));
    wire_read(&clients[0], &answer);
    assert_int_equal(answer.status, 200);
    assert_string_equal(wire_header(&answer, "Connection"), "close");
    wire_expect_closed(&clients[0]);
    wire_close(&clients[0]);

    toy_connect(&toy, &clients[0]); /* new ones are still served */
    wire_send(&clients[0], TOY_GET("/no"));
    wire_expect(&clients[0], 404);
    wire_expect_closed(&clients[0]);
    wire_close(&clients[0]);
    toy_close(&toy);
}

static void a_quiet_server_listens_no_more_but_serves(void **state)
{
    (void)state;
    struct sockaddr_in address = { .sin_family = AF_INET };

    toy_open(&toy);
    toy_connect(&toy, &clients[0]);
    wire_send(&clients[0], TOY_GET("/now"));
    wire_expect(&clients[0], 200);
    http_server_quiesce(toy.server);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(http_server_port(toy.server));
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), -1);
    close(fd);
    wire_send(&clients[0], TOY_GET("/things"));
    wire_expect(&clients[0], 200);
    wire_close(&clients[0]);
    toy_close(&toy);
}

static void all_in_flight_are_answered(void **state)
{
    (void)state;
    struct closing closing;

    toy_open(&toy);
    bring_in_flight(IN_FLIGHT);
    begin_closing(&closing, WIRE_PATIENCE_MS);
    toy_shut_gate(&toy, false);
    for (int i = 0; i < IN_FLIGHT; i++) {
        wire_read(&clients[i], &answer);
        assert_int_equal(answer.status, 200);
        wire_close(&clients[i]);
    }
    end_closing(&closing);
    assert_int_equal(atomic_load(&toy.ran), IN_FLIGHT);
    assert_int_equal(atomic_load(&toy.released), IN_FLIGHT);
}

static void a_stuck_job_is_unknown_and_queued_ones_are_not_accepted(void **state)
{
    (void)state;
    struct closing closing;

    toy_open(&toy);
    bring_in_flight(IN_FLIGHT);
    begin_closing(&closing, 100);
    for (int i = 0; i < IN_FLIGHT; i++) {
        wire_read(&clients[i], &answer);
        assert_int_equal(answer.status, 503);
        assert_true(wire_is_problem(&answer, i == 0 ? "outcome-unknown" : "not-accepted"));
        wire_expect_closed(&clients[i]);
        wire_close(&clients[i]);
    }
    toy_shut_gate(&toy, false);
    end_closing(&closing);
    assert_int_equal(atomic_load(&toy.ran), 1);
    assert_int_equal(atomic_load(&toy.released), IN_FLIGHT);
}

static void who_sends_nothing_holds_nobody_up(void **state)
{
    (void)state;
    const int64_t begin_ms = wire_now_ms();

    toy_open(&toy);
    toy_connect(&toy, &clients[0]);
    toy_connect(&toy, &clients[1]);
    wire_send(&clients[1], "GET /now HTTP/1.1\r\n"); /* half a header is no request */
    toy_connect(&toy, &clients[2]);
    wire_send(&clients[2], TOY_GET("/now"));
    wire_expect(&clients[2], 200);
    toy_close(&toy);
    assert_true(wire_now_ms() - begin_ms < WIRE_PATIENCE_MS);
    for (int i = 0; i < 3; i++) {
        assert_false(wire_fill(&clients[i]));
        wire_close(&clients[i]);
    }
}

/* Clients that ask without pause while the server stops get whole answers or a closed door. */
static void busy_clients_get_whole_answers(void **state)
{
    (void)state;
    enum { BUSY = 4, ROUNDS = 50 };
    struct closing closing;
    int open = BUSY;

    toy_open(&toy);
    for (int i = 0; i < BUSY; i++)
        toy_connect(&toy, &clients[i]);
    for (int round = 0; open > 0; round++) {
        if (round == ROUNDS)
            begin_closing(&closing, WIRE_PATIENCE_MS);
        for (int i = 0; i < BUSY; i++)
            if (clients[i].fd >= 0)
                (void)wire_send_bytes(&clients[i], TOY_GET("/things"), strlen(TOY_GET("/things")));
        for (int i = 0; i < BUSY; i++) {
            if (clients[i].fd < 0)
                continue;
            wire_read(&clients[i], &answer);
            if (answer.status == 200)
                continue;
            assert_int_equal(answer.status, 0);
            wire_close(&clients[i]);
            open--;
        }
    }
    end_closing(&closing);
    assert_true(atomic_load(&toy.ran) >= BUSY * ROUNDS);
    assert_int_equal(atomic_load(&toy.released), atomic_load(&toy.decoded));
}

static void closing_nothing_is_fine(void **state)
{
    (void)state;
    http_server_close(NULL, 0);
}

int main(void)
{
    const struct CMUnitTest list[] = {
        cmocka_unit_test_setup(while_draining_each_answer_closes, setup),
        cmocka_unit_test_setup(a_quiet_server_listens_no_more_but_serves, setup),
        cmocka_unit_test_setup(all_in_flight_are_answered, setup),
        cmocka_unit_test_setup(a_stuck_job_is_unknown_and_queued_ones_are_not_accepted, setup),
        cmocka_unit_test_setup(who_sends_nothing_holds_nobody_up, setup),
        cmocka_unit_test_setup(busy_clients_get_whole_answers, setup),
        cmocka_unit_test(closing_nothing_is_fine),
    };

    return cmocka_run_group_tests_name("server, stopping", list, NULL, NULL);
}
