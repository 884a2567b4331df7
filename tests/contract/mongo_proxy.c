/* One thread polls all sockets. Bytes pass under the lock that shutting takes, so none is on its
 * way when mongo_proxy_shut() has returned. */
#include "contract/mongo_proxy.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PAIRS_MAX = 512, CHUNK = 1 << 16 };

static struct {
    pthread_t thread;
    int wake[2]; /* closed to stop the thread */
    int listener;
    struct addrinfo *server;
    pthread_mutex_t lock;
    bool shut;
    int sockets[PAIRS_MAX][2]; /* client, server; the thread's own list */
    size_t count;
} proxy = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void close_pair(size_t pair)
{
    close(proxy.sockets[pair][0]);
    close(proxy.sockets[pair][1]);
    memcpy(proxy.sockets[pair], proxy.sockets[--proxy.count], sizeof proxy.sockets[pair]);
}

static void accept_pair(void)
{
    int client = accept4(proxy.listener, NULL, NULL, SOCK_CLOEXEC);
    int server = socket(proxy.server->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert(client >= 0 && server >= 0 && proxy.count < PAIRS_MAX);
    if (proxy.shut || connect(server, proxy.server->ai_addr, proxy.server->ai_addrlen) != 0) {
        close(client);
        close(server);
        return;
    }
    proxy.sockets[proxy.count][0] = client;
    proxy.sockets[proxy.count++][1] = server;
}

/* False: this way is at its end. */
static bool pass(int from, int to)
{
    static char chunk[CHUNK];
    ssize_t got = recv(from, chunk, sizeof chunk, 0);

    for (ssize_t sent = 0, more; sent < got; sent += more) {
        more = send(to, chunk + sent, (size_t)(got - sent), MSG_NOSIGNAL);
        if (more <= 0)
            return false;
    }
    return got > 0;
}

/* From the last to the first: closing one moves the last into its place. */
static void pass_all(const struct pollfd polled[], size_t pairs)
{
    for (size_t pair = pairs; pair-- > 0;) {
        const int *sockets = proxy.sockets[pair];
        bool open = !proxy.shut;
        if (open && polled[2 * pair].revents)
            open = pass(sockets[0], sockets[1]);
        if (open && polled[2 * pair + 1].revents)
            open = pass(sockets[1], sockets[0]);
        if (!open)
            close_pair(pair);
    }
}

static void *run(void *unused)
{
    static struct pollfd polled[2 * PAIRS_MAX + 2];

    for (;;) {
        const size_t pairs = proxy.count;
        for (size_t i = 0; i < 2 * pairs; i++)
            polled[i] = (struct pollfd){ proxy.sockets[i / 2][i % 2], POLLIN, 0 };
        polled[2 * pairs] = (struct pollfd){ proxy.listener, POLLIN, 0 };
        polled[2 * pairs + 1] = (struct pollfd){ proxy.wake[0], POLLIN, 0 };
        if (poll(polled, 2 * pairs + 2, -1) < 0)
            continue;
        if (polled[2 * pairs + 1].revents)
            return unused;
        pthread_mutex_lock(&proxy.lock);
        pass_all(polled, pairs);
        if (polled[2 * pairs].revents)
            accept_pair();
        pthread_mutex_unlock(&proxy.lock);
    }
}

static uint16_t listen_on_loopback(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t length = sizeof address;

    proxy.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int failed = bind(proxy.listener, (struct sockaddr *)&address, sizeof address) |
                 listen(proxy.listener, SOMAXCONN) |
                 getsockname(proxy.listener, (struct sockaddr *)&address, &length);
    assert(failed == 0);
    return ntohs(address.sin_port);
}

uint16_t mongo_proxy_start(const char *host, uint16_t port)
{
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
    char service[8];

    snprintf(service, sizeof service, "%u", port);
    int failed = getaddrinfo(host, service, &hints, &proxy.server) | pipe(proxy.wake);
    assert(failed == 0);
    uint16_t own_port = listen_on_loopback();
    failed = pthread_create(&proxy.thread, NULL, run, NULL);
    assert(failed == 0);
    return own_port;
}

void mongo_proxy_stop(void)
{
    close(proxy.wake[1]);
    pthread_join(proxy.thread, NULL);
    while (proxy.count > 0)
        close_pair(0);
    close(proxy.wake[0]);
    close(proxy.listener);
    freeaddrinfo(proxy.server);
}

void mongo_proxy_shut(void)
{
    pthread_mutex_lock(&proxy.lock);
    proxy.shut = true;
    for (size_t pair = 0; pair < proxy.count; pair++)
        for (size_t side = 0; side < 2; side++)
            shutdown(proxy.sockets[pair][side], SHUT_RDWR); /* which wakes the thread */
    pthread_mutex_unlock(&proxy.lock);
}

void mongo_proxy_open(void)
{
    pthread_mutex_lock(&proxy.lock);
    proxy.shut = false;
    pthread_mutex_unlock(&proxy.lock);
}
