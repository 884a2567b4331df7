/* Deadlines of a connection, by a clock that the test turns and with no server around. */
#include "unit/support/tests.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/connection.h"

enum { HEADER_MS = 5 * SECOND_MS, BODY_MS = 10 * SECOND_MS, REQUEST_MS = 30 * SECOND_MS };

static int64_t now_ms;

static int64_t read_now(const struct clock *clock)
{
    (void)clock;
    return now_ms;
}

static const struct clock turned = { read_now, read_now };

/* One connection of a list of its own; the list is to think that a request is `exchange`. */
struct scene {
    struct connection_list list;
    struct connection *connection;
    int client;
    struct exchange *exchange;
};

static struct scene scene_open(void)
{
    static char request;
    const struct sockaddr_in peer = { .sin_family = AF_INET };
    struct scene scene = {
        .list = { .mutex = PTHREAD_MUTEX_INITIALIZER,
                  .deadlines = { HEADER_MS, BODY_MS, REQUEST_MS },
                  .clock = &turned },
        .exchange = (struct exchange *)(void *)&request, /* never looked into */
    };
    int ends[2];

    now_ms = DAY_MS;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    scene.client = ends[0];
    scene.connection = connection_add(&scene.list, ends[1], (const struct sockaddr *)&peer);
    assert_non_null(scene.connection);
    assert_true(connection_begin(&scene.list, scene.connection, scene.exchange));
    return scene;
}

static void scene_close(struct scene *scene)
{
    close(scene->client);
    close(scene->connection->fd);
    connection_remove(&scene->list, scene->connection);
    assert_int_equal(connection_count(&scene->list), 0);
    pthread_mutex_destroy(&scene->list.mutex);
}

static bool is_open(const struct scene *scene)
{
    char byte;
    return recv(scene->client, &byte, sizeof byte, MSG_DONTWAIT) < 0;
}

static int asked;

static bool gives_up(struct exchange *exchange)
{
    assert_non_null(exchange);
    asked++;
    return true;
}

static bool has_nothing_to_give_up(struct exchange *exchange)
{
    assert_non_null(exchange);
    asked++;
    return false;
}

static void an_answer_in_place_of_a_jobs_has_time_to_leave(void **state)
{
    (void)state;
    struct scene scene = scene_open();

    assert_true(connection_enter(&scene.list, scene.connection, PHASE_ANSWER));
    now_ms += REQUEST_MS;
    connection_sweep(&scene.list, gives_up);
    /* The connection's thread, resumed, begins to answer. */
    assert_true(connection_enter(&scene.list, scene.connection, PHASE_ANSWER));
    now_ms += SECOND_MS;
    connection_sweep(&scene.list, has_nothing_to_give_up);
    assert_true(is_open(&scene));

    now_ms += 5 * SECOND_MS;
    connection_sweep(&scene.list, has_nothing_to_give_up);
    assert_false(is_open(&scene));
    assert_false(connection_enter(&scene.list, scene.connection, PHASE_ANSWER));
    scene_close(&scene);
}

/* Its deadline can come when it is on its way into a lane: it is ended, and then waits there. No
 * connection may wait when the server stops. */
static void whoever_carries_a_request_is_given_up_ended_or_not(void **state)
{
    (void)state;
    struct scene scene = scene_open();

    assert_true(connection_enter(&scene.list, scene.connection, PHASE_ANSWER));
    now_ms += REQUEST_MS;
    connection_sweep(&scene.list, has_nothing_to_give_up);
    assert_false(is_open(&scene));

    asked = 0;
    connection_give_up_all(&scene.list, gives_up);
    assert_int_equal(asked, 1);

    connection_end(&scene.list, scene.connection);
    connection_give_up_all(&scene.list, gives_up);
    assert_int_equal(asked, 1);
    scene_close(&scene);
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_TEST(&tests, an_answer_in_place_of_a_jobs_has_time_to_leave);
    ADD_TEST(&tests, whoever_carries_a_request_is_given_up_ended_or_not);
    return tests_run("connection", &tests);
}
