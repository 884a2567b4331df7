/* The keeper accepts clients as soon as its thread runs, which is before the server is open. */
#include "unit/common/http/toy_server.h"

#include <dlfcn.h>

static struct toy toy;
static struct client client;
static struct answer answer;
static bool came_early;

/* The port that this process listens at, for whom has no server to ask yet. */
static uint16_t listening_port(void)
{
    enum { FILES = 256 };

    for (int fd = 0; fd < FILES; fd++) {
        struct sockaddr_in address = { 0 };
        int listens = 0;
        socklen_t size = sizeof listens;
        if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || !listens)
            continue;
        size = sizeof address;
        assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
        return ntohs(address.sin_port);
    }
    fail();
    return 0;
}

/* A body that nobody wants to read: the keeper takes over its connection. */
static void come_early(void)
{
    wire_open(&client, listening_port());
    wire_send(&client, "POST /things HTTP/1.1\r\n" TOY_JSON "Content-Length: 1000000\r\n\r\n");
    wire_read(&client, &answer);
    assert_int_equal(answer.status, 413);
    wire_expect_closed(&client);
    wire_close(&client);
    came_early = true;
}

/* Found before the C library's own, which it calls: the thread has just been started. */
int pthread_setname_np(pthread_t thread, const char *name)
{
    int (*set_name)(pthread_t, const char *);

    *(void **)&set_name = dlsym(RTLD_NEXT, "pthread_setname_np");
    if (strcmp(name, "http-keeper") == 0)
        come_early();
    return set_name(thread, name);
}

static void a_client_may_come_before_the_server_is_open(void **state)
{
    (void)state;
    toy_init(&toy);
    toy_open(&toy);
    assert_true(came_early);
    toy_close(&toy);
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_TEST(&tests, a_client_may_come_before_the_server_is_open);
    return tests_run("keeper", &tests);
}
