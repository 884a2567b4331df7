/* The moment between the end of a wait and the resuming of its connection. */
#include "unit/common/http/toy_server.h"

#include <dlfcn.h>
#include <time.h>

/* Well beyond all that a server waits for when it stops with this deadline. */
enum { DEADLINE_MS = 100, SLOW_MS = 1200 };

static struct toy toy;
static struct client client;
static struct answer answer;
static atomic_bool slow;

struct MHD_Connection;
void MHD_resume_connection(struct MHD_Connection *connection);

/* Found before the library's own, which it calls; slow as on a host that has no time for us. */
void MHD_resume_connection(struct MHD_Connection *connection)
{
    const struct timespec pause = { SLOW_MS / 1000, SLOW_MS % 1000 * 1000000L };
    void (*resume)(struct MHD_Connection *);

    *(void **)&resume = dlsym(RTLD_NEXT, "MHD_resume_connection");
    if (atomic_load(&slow))
        nanosleep(&pause, NULL);
    resume(connection);
}

static void stopping_waits_for_who_resumes(void **state)
{
    (void)state;
    toy_init(&toy);
    toy_open(&toy);
    toy_connect(&toy, &client);
    toy_shut_gate(&toy, true);
    wire_send(&client, TOY_GET("/gated"));
    WAIT_UNTIL(atomic_load(&toy.at_gate) == 1);

    atomic_store(&slow, true);
    toy_shut_gate(&toy, false);
    WAIT_UNTIL(atomic_load(&toy.ran) == 1);
    http_server_close(toy.server, DEADLINE_MS);

    wire_read(&client, &answer);
    assert_int_equal(answer.status, 200);
    wire_close(&client);
    assert_int_equal(atomic_load(&toy.released), 1);
    toy_done(&toy);
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_TEST(&tests, stopping_waits_for_who_resumes);
    return tests_run("server, resuming", &tests);
}
