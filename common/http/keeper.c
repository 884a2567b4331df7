/* One poll() over the listener, a wake-up, and the lingering sockets; the sweep between. */
#include "http/keeper.h"

#include <errno.h>
#include <microhttpd.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/exchange.h"
#include "http/raw_answer.h"
#include "http/server_parts.h"

enum {
    LINGER_MAX = 64,               /* at a time; more are closed at once */
    LINGER_MS = 2 * SECOND_MS,     /* for a client to notice that it has its answer */
    LINGER_BYTES = 4 * 1024 * KIB, /* no honest client of ours sends so much */
    ACCEPT_MAX = 64,               /* in one go, before the sweep gets its turn */
    LAST_ACCEPTS_MAX = 4096,       /* when closing: as many as the backlog holds */
    SWEEP_MS_MAX = 250,            /* deadlines of seconds, held to a quarter of one */
    SWEEP_MS_MIN = 5,
    WAKE = 0,
    LISTENER = 1,
    LINGERS = 2, /* in the array for poll() */
};

struct leaver {
    int fd;
    int64_t until_ms;
    size_t bytes;
};

struct keeper {
    struct http_server *server;
    pthread_t thread;
    int wake; /* eventfd */
    int64_t sweep_ms;

    struct leaver leavers[LINGER_MAX]; /* the thread's own, as is what follows */
    size_t linger_count;
    int64_t swept_ms;
    bool out_of_files; /* no descriptor was left: the listener rests until the next sweep */

    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t closed; /* the listener was */
    int listener;          /* -1: closed */
    bool quiescing, closing;
    int handed[LINGER_MAX]; /* to keeper_linger(), not yet taken */
    size_t handed_count;
};

static int64_t now_of(const struct keeper *keeper)
{
    return clock_monotonic_ms(keeper->server->options.clock);
}

static void linger_add(struct keeper *keeper, int fd)
{
    if (keeper->linger_count == LINGER_MAX) {
        close(fd);
        return;
    }
    keeper->leavers[keeper->linger_count++] =
        (struct leaver){ .fd = fd, .until_ms = now_of(keeper) + LINGER_MS };
}

/* Throws away what came. False: the client is done, or we are with it. */
static bool linger_on(struct leaver *linger, int64_t now_ms)
{
    char bytes[16 * KIB];
    ssize_t got;

    while ((got = recv(linger->fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0) {
        linger->bytes += (size_t)got;
        if (linger->bytes > LINGER_BYTES)
            return false;
    }
    return got < 0 && (errno == EAGAIN || errno == EINTR) && now_ms < linger->until_ms;
}

static void linger_all(struct keeper *keeper)
{
    const int64_t now_ms = now_of(keeper);
    size_t kept = 0;

    for (size_t i = 0; i < keeper->linger_count; i++) {
        if (linger_on(&keeper->leavers[i], now_ms))
            keeper->leavers[kept++] = keeper->leavers[i];
        else
            close(keeper->leavers[i].fd);
    }
    keeper->linger_count = kept;
}

static void refuse(struct keeper *keeper, int fd)
{
    raw_answer_send(fd, PROBLEM_NOT_ACCEPTED, "Too many connections are open. Try again.", NULL);
    shutdown(fd, SHUT_WR);
    linger_add(keeper, fd);
}

/* On false there is nobody to accept, or no descriptor to do it with. */
static bool accept_one(struct keeper *keeper, int listener)
{
    struct http_server *server = keeper->server;
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    const int fd =
        accept4(listener, (struct sockaddr *)&address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0) {
        keeper->out_of_files =
            errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS;
        /* A client that left in between is not the last one. */
        return errno == ECONNABORTED || errno == EINTR;
    }
    if (connection_count(&server->connections) >= server->options.connections_max)
        refuse(keeper, fd);
    else
        /* On failure the library has closed it; there is nobody to tell. */
        (void)MHD_add_connection(server->daemon, fd, (struct sockaddr *)&address, size);
    return true;
}

static void sweep(struct keeper *keeper)
{
    struct http_server *server = keeper->server;

    keeper->swept_ms = now_of(keeper);
    keeper->out_of_files = false;
    for (size_t i = 0; i < server->lanes_open; i++)
        lane_expire(server->lanes[i]);
    connection_sweep(&server->connections, exchange_give_up);
}

/* Takes what other threads handed over. False: the end. */
static bool take_orders(struct keeper *keeper, int *listener)
{
    LOCKED(&keeper->mutex);
    for (size_t i = 0; i < keeper->handed_count; i++)
        linger_add(keeper, keeper->handed[i]);
    keeper->handed_count = 0;
    if (keeper->quiescing && keeper->listener >= 0) {
        /* Who is connected already may have sent its request: closing would reset it. */
        for (int i = 0; i < LAST_ACCEPTS_MAX && accept_one(keeper, keeper->listener); i++)
            continue;
        close(keeper->listener);
        keeper->listener = -1;
        pthread_cond_broadcast(&keeper->closed);
    }
    *listener = keeper->listener;
    return !keeper->closing;
}

static void wait_for_events(struct keeper *keeper, struct pollfd *fds, int listener)
{
    const int64_t left = keeper->swept_ms + keeper->sweep_ms - now_of(keeper);
    eventfd_t count;

    fds[WAKE] = (struct pollfd){ .fd = keeper->wake, .events = POLLIN };
    fds[LISTENER] = (struct pollfd){ .fd = keeper->out_of_files ? -1 : listener, .events = POLLIN };
    for (size_t i = 0; i < keeper->linger_count; i++)
        fds[LINGERS + i] = (struct pollfd){ .fd = keeper->leavers[i].fd, .events = POLLIN };
    if (poll(fds, LINGERS + keeper->linger_count, left > 0 ? (int)left : 0) > 0 &&
        fds[WAKE].revents)
        (void)eventfd_read(keeper->wake, &count);
}

static void *keep(void *argument)
{
    struct keeper *keeper = argument;
    struct pollfd fds[LINGERS + LINGER_MAX];
    int listener;

    while (take_orders(keeper, &listener)) {
        wait_for_events(keeper, fds, listener);
        if (listener >= 0 && fds[LISTENER].revents)
            for (int i = 0; i < ACCEPT_MAX && accept_one(keeper, listener); i++)
                continue;
        linger_all(keeper);
        if (now_of(keeper) - keeper->swept_ms >= keeper->sweep_ms)
            sweep(keeper);
    }
    return NULL;
}

/* A tenth of the shortest deadline: being that late is no harm. */
static int64_t sweep_interval(const struct http_options *options)
{
    int64_t shortest = options->header_ms;

    if (options->body_ms < shortest)
        shortest = options->body_ms;
    if (options->request_ms < shortest)
        shortest = options->request_ms;
    for (size_t i = 0; i < options->lane_count; i++)
        if (options->lanes[i].deadline_ms < shortest)
            shortest = options->lanes[i].deadline_ms;
    shortest /= 10;
    return shortest > SWEEP_MS_MAX   ? SWEEP_MS_MAX
           : shortest < SWEEP_MS_MIN ? SWEEP_MS_MIN
                                     : shortest;
}

bool keeper_open(struct http_server *server, int listener, struct error *err)
{
    AUTO(fd) int listening = listener;
    AUTO(memory) struct keeper *keeper = calloc(1, sizeof *keeper);
    if (!keeper)
        return error_set(err, ERR_NO_MEMORY, 0, "the keeper of connections");
    AUTO(fd) int wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    keeper->server = server;
    keeper->wake = wake;
    keeper->listener = listening;
    keeper->sweep_ms = sweep_interval(&server->options);
    pthread_mutex_init(&keeper->mutex, NULL);
    pthread_cond_init(&keeper->closed, NULL);
    server->keeper = keeper; /* before anybody is accepted whose connection it may take over */
    const int failure = wake < 0 ? errno : pthread_create(&keeper->thread, NULL, keep, keeper);
    if (failure) {
        server->keeper = NULL;
        return error_set(err, ERR_SYSTEM, failure, "cannot start the keeper of connections");
    }
    pthread_setname_np(keeper->thread, "http-keeper");
    keeper = NULL; /* the server's now */
    listening = wake = -1;
    return true;
}

static void wake_up(struct keeper *keeper)
{
    (void)eventfd_write(keeper->wake, 1);
}

void keeper_quiesce(struct keeper *keeper)
{
    LOCKED(&keeper->mutex);
    keeper->quiescing = true;
    wake_up(keeper);
    while (keeper->listener >= 0)
        pthread_cond_wait(&keeper->closed, &keeper->mutex);
}

void keeper_linger(struct keeper *keeper, int fd)
{
    LOCKED(&keeper->mutex);
    if (keeper->handed_count == LINGER_MAX) {
        close(fd);
        return;
    }
    keeper->handed[keeper->handed_count++] = fd;
    wake_up(keeper);
}

void keeper_close(struct keeper *keeper)
{
    if (!keeper)
        return;
    pthread_mutex_lock(&keeper->mutex);
    keeper->closing = true;
    wake_up(keeper);
    pthread_mutex_unlock(&keeper->mutex);
    pthread_join(keeper->thread, NULL);

    for (size_t i = 0; i < keeper->linger_count; i++)
        close(keeper->leavers[i].fd);
    for (size_t i = 0; i < keeper->handed_count; i++)
        close(keeper->handed[i]);
    if (keeper->listener >= 0)
        close(keeper->listener);
    close(keeper->wake);
    pthread_cond_destroy(&keeper->closed);
    pthread_mutex_destroy(&keeper->mutex);
    free(keeper);
}
