/* One thread polls everybody: the listening socket, stdin and a handful of clients. A client that
 * sends no newline within a line's length is dropped, so no buffer grows. */
#include "dev-broker-control.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PEERS_MAX  16  /* a test suite has one or two; a seventeenth waits in the backlog */
#define LINE_BYTES 256 /* the longest command has 20 */

struct peer {
    int in, out; /* -1: free */
    size_t length;
    char line[LINE_BYTES];
};

struct control {
    int listener; /* -1: none */
    struct sockaddr_un address;
    struct peer peers[PEERS_MAX];
};

static bool listen_at(struct control *control, const char *path)
{
    if (strlen(path) >= sizeof control->address.sun_path) {
        errno = ENAMETOOLONG;
        return false;
    }

    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener < 0)
        return false;

    control->address.sun_family = AF_UNIX;
    memcpy(control->address.sun_path, path, strlen(path) + 1);
    if (bind(listener, (struct sockaddr *)&control->address, sizeof control->address) < 0 ||
        listen(listener, PEERS_MAX) < 0) {
        int cause = errno;
        close(listener);
        errno = cause;
        return false;
    }
    control->listener = listener;
    return true;
}

static struct peer *free_peer(struct control *control)
{
    for (size_t i = 0; i < PEERS_MAX; i++) {
        if (control->peers[i].in < 0)
            return &control->peers[i];
    }
    return NULL;
}

static void drop(struct peer *peer)
{
    if (peer->in != STDIN_FILENO)
        close(peer->in);
    *peer = (struct peer){ .in = -1, .out = -1 };
}

struct control *control_open(const char *socket_path, bool with_stdin)
{
    struct control *control = calloc(1, sizeof *control);
    if (!control)
        return NULL;

    control->listener = -1;
    for (size_t i = 0; i < PEERS_MAX; i++)
        control->peers[i] = (struct peer){ .in = -1, .out = -1 };
    if (with_stdin)
        control->peers[0] = (struct peer){ .in = STDIN_FILENO, .out = STDOUT_FILENO };

    if (socket_path && !listen_at(control, socket_path)) {
        int cause = errno;
        free(control);
        errno = cause;
        return NULL;
    }
    return control;
}

static void accept_peer(struct control *control, struct peer *peer)
{
    int connection = accept4(control->listener, NULL, NULL, SOCK_CLOEXEC);
    if (connection >= 0)
        *peer = (struct peer){ .in = connection, .out = connection };
}

/* False: the peer is gone. Answers are short; a peer that does not read them loses its line. */
static bool answer_line(struct peer *peer, char *line, control_command *command, void *context)
{
    char answer[CONTROL_ANSWER_BYTES] = "";

    command(context, line, answer);
    size_t length = strnlen(answer, sizeof answer - 1);
    answer[length++] = '\n';
    if (peer->in == peer->out)
        return send(peer->out, answer, length, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)length;
    return write(peer->out, answer, length) == (ssize_t)length;
}

static bool answer_lines(struct peer *peer, control_command *command, void *context)
{
    char *end;

    while ((end = memchr(peer->line, '\n', peer->length))) {
        size_t used = (size_t)(end - peer->line) + 1;

        *end = '\0';
        if (!answer_line(peer, peer->line, command, context))
            return false;
        peer->length -= used;
        memmove(peer->line, peer->line + used, peer->length);
    }
    return peer->length < sizeof peer->line;
}

static void read_peer(struct peer *peer, control_command *command, void *context)
{
    ssize_t got = read(peer->in, peer->line + peer->length, sizeof peer->line - peer->length);
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (got <= 0) {
        drop(peer);
        return;
    }
    peer->length += (size_t)got;
    if (!answer_lines(peer, command, context))
        drop(peer);
}

bool control_serve(struct control *control, int stop_fd, control_command *command, void *context)
{
    for (;;) {
        struct pollfd polled[PEERS_MAX + 2];
        struct peer *vacant = free_peer(control);

        for (size_t i = 0; i < PEERS_MAX; i++)
            polled[i] = (struct pollfd){ .fd = control->peers[i].in, .events = POLLIN };
        polled[PEERS_MAX] =
            (struct pollfd){ .fd = vacant ? control->listener : -1, .events = POLLIN };
        polled[PEERS_MAX + 1] = (struct pollfd){ .fd = stop_fd, .events = POLLIN };

        if (poll(polled, PEERS_MAX + 2, -1) < 0) {
            if (errno != EINTR)
                return false;
            continue;
        }
        if (polled[PEERS_MAX + 1].revents)
            return true;
        for (size_t i = 0; i < PEERS_MAX; i++) {
            if (polled[i].revents)
                read_peer(&control->peers[i], command, context);
        }
        if (polled[PEERS_MAX].revents)
            accept_peer(control, vacant);
    }
}

void control_close(struct control *control)
{
    if (!control)
        return;
    for (size_t i = 0; i < PEERS_MAX; i++) {
        if (control->peers[i].in >= 0)
            drop(&control->peers[i]);
    }
    if (control->listener >= 0) {
        close(control->listener);
        unlink(control->address.sun_path);
    }
    free(control);
}
