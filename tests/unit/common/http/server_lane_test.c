/* Requests that wait in a lane: suspended and resumed, batched, turned away, given up on. */
#include "unit/common/http/toy_server.h"

static struct toy toy;
static struct answer answer;
static struct client clients[8];

#define GATED TOY_GET("/gated")

static int setup(void **state)
{
    (void)state;
    toy_init(&toy);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    toy_shut_gate(&toy, false);
    toy_close(&toy);
    return 0;
}

/* One job at the gate, by clients[0]. */
static void occupy_the_gate(const char *request)
{
    toy_shut_gate(&toy, true);
    toy_connect(&toy, &clients[0]);
    wire_send(&clients[0], request);
    WAIT_UNTIL(atomic_load(&toy.at_gate) == 1);
}

static void thousands_are_suspended_and_resumed(void **state)
{
    (void)state;
    enum { CLIENTS = 4, ROUNDS = 50, IN_A_ROW = 50 };
    static char requests[IN_A_ROW * sizeof TOY_GET("/things")];

    toy_open(&toy);
    for (int i = 0; i < IN_A_ROW; i++)
        strcat(requests, TOY_GET("/things"));
    for (int i = 0; i < CLIENTS; i++)
        toy_connect(&toy, &clients[i]);
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < CLIENTS; i++)
            wire_send(&clients[i], requests);
        for (int i = 0; i < CLIENTS * IN_A_ROW; i++)
            wire_expect(&clients[i % CLIENTS], 200);
    }
    for (int i = 0; i < CLIENTS; i++)
        wire_close(&clients[i]);
    assert_int_equal(atomic_load(&toy.ran), CLIENTS * ROUNDS * IN_A_ROW);
    WAIT_UNTIL(atomic_load(&toy.released) == CLIENTS * ROUNDS * IN_A_ROW);
}

static void what_waits_is_run_together(void **state)
{
    (void)state;
    toy.lanes[TOY_GATED].queue_max = 16;
    toy.lanes[TOY_GATED].batch_max = 16;
    toy_open(&toy);
    occupy_the_gate(GATED);
    for (int i = 1; i < 4; i++) {
        toy_connect(&toy, &clients[i]);
        wire_send(&clients[i], GATED);
    }
    WAIT_UNTIL(atomic_load(&toy.decoded) == 4);
    toy_shut_gate(&toy, false);
    for (int i = 0; i < 4; i++) {
        wire_expect(&clients[i], 200);
        wire_close(&clients[i]);
    }
    assert_int_equal(atomic_load(&toy.ran), 4);
    assert_true(atomic_load(&toy.largest_batch) >= 2);
}

static void a_full_lane_turns_away_at_once(void **state)
{
    (void)state;
    int turned_away = 0;

    toy_open(&toy);
    occupy_the_gate(GATED);
    for (int i = 1; i <= TOY_GATED_QUEUE + 1; i++) {
        toy_connect(&toy, &clients[i]);
        wire_send(&clients[i], GATED);
    }
    /* One too many; which one depends on the threads that read them. */
    struct pollfd fds[TOY_GATED_QUEUE + 1];
    for (int i = 0; i <= TOY_GATED_QUEUE; i++)
        fds[i] = (struct pollfd){ .fd = clients[i + 1].fd, .events = POLLIN };
    assert_int_equal(poll(fds, TOY_GATED_QUEUE + 1, WIRE_PATIENCE_MS), 1);
    toy_shut_gate(&toy, false);
    for (int i = 0; i <= TOY_GATED_QUEUE + 1; i++) {
        wire_read(&clients[i], &answer);
        if (answer.status != 200) {
            turned_away++;
            assert_int_equal(answer.status, 503);
            assert_true(wire_is_problem(&answer, "not-accepted"));
            assert_string_equal(wire_header(&answer, "Retry-After"), "1");
        }
        wire_send(&clients[i], TOY_GET("/now")); /* the connection is kept */
        wire_expect(&clients[i], 200);
        wire_close(&clients[i]);
    }
    assert_int_equal(turned_away, 1);
}

static void what_waits_too_long_is_told_that_nothing_was_done(void **state)
{
    (void)state;
    toy.lanes[TOY_GATED].deadline_ms = 100;
    toy_open(&toy);
    occupy_the_gate(GATED);
    toy_connect(&toy, &clients[1]);
    wire_send(&clients[1], "POST /gated HTTP/1.1\r\n" TOY_JSON "Content-Length: 2\r\n\r\n{}");
    wire_read(&clients[1], &answer);
    assert_int_equal(answer.status, 503);
    assert_true(wire_is_problem(&answer, "not-accepted"));
    toy_shut_gate(&toy, false);
    wire_expect(&clients[0], 200);
    assert_int_equal(atomic_load(&toy.ran), 1);
    wire_close(&clients[0]);
    wire_close(&clients[1]);
}

static void nothing_is_run_for_a_client_that_left(void **state)
{
    (void)state;
    toy_open(&toy);
    occupy_the_gate(GATED);
    toy_connect(&toy, &clients[1]);
    wire_send(&clients[1], GATED);
    WAIT_UNTIL(atomic_load(&toy.decoded) == 2);
    wire_close(&clients[1]);
    const int64_t until_ms = wire_now_ms() + 100; /* the server looks after 50 */
    WAIT_UNTIL(wire_now_ms() >= until_ms);
    toy_shut_gate(&toy, false);
    wire_expect(&clients[0], 200);
    WAIT_UNTIL(atomic_load(&toy.released) == 2);
    assert_int_equal(atomic_load(&toy.ran), 1);
    wire_close(&clients[0]);
}

/* As before, but at once: what is costly is worth a look each time. */
static void nothing_costly_is_run_for_a_client_that_just_left(void **state)
{
    (void)state;
    toy.lanes[TOY_GATED].costly = true;
    toy_open(&toy);
    occupy_the_gate(GATED);
    toy_connect(&toy, &clients[1]);
    wire_send(&clients[1], GATED);
    WAIT_UNTIL(atomic_load(&toy.decoded) == 2);
    wire_close(&clients[1]);
    toy_shut_gate(&toy, false);
    wire_expect(&clients[0], 200);
    WAIT_UNTIL(atomic_load(&toy.released) == 2);
    assert_int_equal(atomic_load(&toy.ran), 1);
    wire_close(&clients[0]);
}

static void a_client_that_stays_is_served_however_long_it_waited(void **state)
{
    (void)state;
    toy_open(&toy);
    occupy_the_gate(GATED);
    toy_connect(&toy, &clients[1]);
    wire_send(&clients[1], GATED);
    WAIT_UNTIL(atomic_load(&toy.decoded) == 2);
    const int64_t until_ms = wire_now_ms() + 100;
    WAIT_UNTIL(wire_now_ms() >= until_ms);
    toy_shut_gate(&toy, false);
    wire_expect(&clients[0], 200);
    wire_expect(&clients[1], 200);
    wire_close(&clients[0]);
    wire_close(&clients[1]);
}

static const struct stuck_case {
    const char *name, *request, *problem;
} stuck[] = {
    { "a stuck read was not accepted", GATED, "not-accepted" },
    { "a stuck write has an unknown outcome",
      "POST /gated HTTP/1.1\r\n" TOY_JSON "Content-Length: 2\r\n\r\n{}", "outcome-unknown" },
};

static void it_is_given_up_on_and_its_own_answer_dropped(void **state)
{
    const struct stuck_case *c = *state;

    setup(NULL);
    toy.options.request_ms = 300;
    toy_open(&toy);
    occupy_the_gate(c->request);
    wire_read(&clients[0], &answer);
    assert_int_equal(answer.status, 503);
    assert_true(wire_is_problem(&answer, c->problem));
    wire_send(&clients[0], TOY_GET("/now"));
    wire_expect(&clients[0], 200);
    toy_shut_gate(&toy, false);
    WAIT_UNTIL(atomic_load(&toy.released) == 2);
    wire_send(&clients[0], TOY_GET("/now")); /* nothing else came on the connection */
    wire_expect(&clients[0], 200);
    wire_close(&clients[0]);
    teardown(NULL);
}

/* With authorize: the store has the last word on who is calling. */
static void ask(const char *line, const char *fields, int status, bool kept)
{
    static char request[128 * KIB];

    snprintf(request, sizeof request, "%s HTTP/1.1\r\n" TOY_JSON "%s%s", line,
             toy_bearer(&toy, ROLE_PLAYER), fields);
    assert_int_equal(toy_ask(&toy, request, strlen(request), &answer), kept);
    assert_int_equal(answer.status, status);
}

static void authorize_has_the_last_word(void **state)
{
    (void)state;
    toy.options.authorize = toy_authorize;
    toy.role = ROLE_PLAYER;
    toy_open(&toy);
    ask("GET /mine", "\r\n", 200, true);
    ask("GET /admin", "\r\n", 403, true);
    toy.role = ROLE_ADMIN; /* the token still says player */
    ask("GET /admin", "\r\n", 200, true);
    toy.refuses = true;
    ask("GET /mine", "\r\n", 401, true);
    assert_true(wire_is_problem(&answer, "invalid-token"));
    assert_string_equal(wire_header(&answer, "WWW-Authenticate"),
                        "Bearer realm=\"arch.homework\", error=\"invalid_token\"");
    assert_int_equal(atomic_load(&toy.ran), 2 + 4); /* and /now after each */
}

static void authorize_is_not_asked_about_nobody(void **state)
{
    (void)state;
    toy.options.authorize = toy_authorize;
    toy_open(&toy);
    assert_true(toy_ask(&toy, TOY_GET("/mine"), strlen(TOY_GET("/mine")), &answer));
    assert_int_equal(answer.status, 401);
    assert_int_equal(atomic_load(&toy.authorized), 0);
    ask("GET /mine", "\r\n", 200, true);
    assert_int_equal(atomic_load(&toy.authorized), 1);
}

/* What is wrong with a request is told only to whom authorize lets in. */
static void faults_are_held_back_until_the_caller_is_known(void **state)
{
    (void)state;
    static const struct {
        const char *line, *fields;
        int status;
        bool kept;
    } faulty[] = {
        { "GET /mine?bad", "\r\n", 400, true },
        { "GET /mine?a=%", "\r\n", 400, true },
        { "GET /mine", "Content-Length: 2\r\n\r\n{}", 413, true },
        { "POST /mine", "Content-Length: 99999\r\n\r\n", 413, false },
        { "POST /mine", "Expect: 100-continue\r\nContent-Length: 99999\r\n\r\n", 413, false },
        { "POST /mine", "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}", 415, true },
    };

    toy.options.authorize = toy_authorize;
    toy_open(&toy);
    for (size_t i = 0; i < sizeof faulty / sizeof *faulty; i++) {
        toy.refuses = false;
        ask(faulty[i].line, faulty[i].fields, faulty[i].status, faulty[i].kept);
        toy.refuses = true;
        ask(faulty[i].line, faulty[i].fields, 401, faulty[i].kept);
    }
}

int main(void)
{
    const struct CMUnitTest list[] = {
        cmocka_unit_test_setup_teardown(thousands_are_suspended_and_resumed, setup, teardown),
        cmocka_unit_test_setup_teardown(what_waits_is_run_together, setup, teardown),
        cmocka_unit_test_setup_teardown(a_full_lane_turns_away_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(what_waits_too_long_is_told_that_nothing_was_done, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(nothing_is_run_for_a_client_that_left, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_costly_is_run_for_a_client_that_just_left, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_client_that_stays_is_served_however_long_it_waited, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(authorize_has_the_last_word, setup, teardown),
        cmocka_unit_test_setup_teardown(authorize_is_not_asked_about_nobody, setup, teardown),
        cmocka_unit_test_setup_teardown(faults_are_held_back_until_the_caller_is_known, setup,
                                        teardown),
    };
    struct tests tests = { 0 };

    ADD_ROWS(&tests, it_is_given_up_on_and_its_own_answer_dropped, stuck);
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        tests.list[tests.count++] = list[i];
    return tests_run("server, lanes", &tests);
}
