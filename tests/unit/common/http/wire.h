/* A client that sends the bytes it is told to, and reads answers one by one. For tests of the
 * server; every wait ends, and a wait that ends is a failure. */
#ifndef UNIT_COMMON_HTTP_WIRE_H
#define UNIT_COMMON_HTTP_WIRE_H

#include "unit/support/tests.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    WIRE_PATIENCE_MS = 20000, /* a server that takes so long has failed */
    WIRE_BYTES = 32 * 1024,
};

struct client {
    int fd;
    size_t length; /* bytes that came and were not looked at yet */
    char bytes[WIRE_BYTES + 1];
};

struct answer {
    int status; /* 0: the connection was closed instead */
    char head[4096];
    char body[WIRE_BYTES];
};

static inline int64_t wire_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Waits until `condition` holds. */
#define WAIT_UNTIL(condition)                                                                      \
    do {                                                                                           \
        const int64_t until_ = wire_now_ms() + WIRE_PATIENCE_MS;                                   \
        while (!(condition)) {                                                                     \
            assert_true(wire_now_ms() < until_);                                                   \
            poll(NULL, 0, 1);                                                                      \
        }                                                                                          \
    } while (0)

static inline void wire_open(struct client *client, uint16_t port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    client->length = 0;
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(client->fd >= 0);
    assert_int_equal(connect(client->fd, (struct sockaddr *)&address, sizeof address), 0);
}

static inline void wire_close(struct client *client)
{
    close(client->fd);
    client->fd = -1;
}

/* False: the server closed before it had taken all. */
static inline bool wire_send_bytes(struct client *client, const void *bytes, size_t count)
{
    const char *at = bytes;

    while (count > 0) {
        const ssize_t sent = send(client->fd, at, count, MSG_NOSIGNAL);
        if (sent < 0)
            return false;
        at += sent;
        count -= (size_t)sent;
    }
    return true;
}

static inline void wire_send(struct client *client, const char *text)
{
    assert_true(wire_send_bytes(client, text, strlen(text)));
}

/* Reads more. False: the connection was closed. */
static inline bool wire_fill(struct client *client)
{
    struct pollfd readable = { .fd = client->fd, .events = POLLIN };

    assert_true(client->length < WIRE_BYTES);
    assert_int_equal(poll(&readable, 1, WIRE_PATIENCE_MS), 1);
    const ssize_t got =
        recv(client->fd, client->bytes + client->length, WIRE_BYTES - client->length, 0);
    if (got <= 0)
        return false;
    client->length += (size_t)got;
    client->bytes[client->length] = '\0';
    return true;
}

static inline void wire_drop(struct client *client, size_t count)
{
    memmove(client->bytes, client->bytes + count, client->length - count + 1);
    client->length -= count;
}

/* The value of a header, up to the line's end, or NULL. */
static inline const char *wire_header(const struct answer *answer, const char *name)
{
    static _Thread_local char value[512];
    char line[128];

    snprintf(line, sizeof line, "\r\n%s: ", name);
    const char *at = strcasestr(answer->head, line);
    if (!at)
        return NULL;
    at += strlen(line);
    snprintf(value, sizeof value, "%.*s", (int)strcspn(at, "\r"), at);
    return value;
}

/* One answer, whole; `to_head`: it has no body whatever its length says. */
static inline void wire_read_any(struct client *client, struct answer *answer, bool to_head)
{
    char *end;

    *answer = (struct answer){ 0 };
    client->bytes[client->length] = '\0';
    while (!(end = strstr(client->bytes, "\r\n\r\n")))
        if (!wire_fill(client)) {
            assert_int_equal(client->length, 0);
            return;
        }
    const size_t head = (size_t)(end - client->bytes) + 4;
    assert_true(head < sizeof answer->head);
    memcpy(answer->head, client->bytes, head);
    wire_drop(client, head);
    assert_int_equal(sscanf(answer->head, "HTTP/1.1 %d ", &answer->status), 1);

    const char *text = wire_header(answer, "Content-Length");
    const size_t length = text && !to_head ? strtoul(text, NULL, 10) : 0;
    assert_true(length < sizeof answer->body);
    while (client->length < length)
        assert_true(wire_fill(client));
    memcpy(answer->body, client->bytes, length);
    wire_drop(client, length);
}

static inline void wire_read(struct client *client, struct answer *answer)
{
    wire_read_any(client, answer, false);
}

static inline void wire_expect(struct client *client, int status)
{
    static struct answer answer;

    wire_read(client, &answer);
    assert_int_equal(answer.status, status);
}

static inline void wire_expect_closed(struct client *client)
{
    assert_int_equal(client->length, 0);
    assert_false(wire_fill(client));
}

static inline bool wire_is_problem(const struct answer *answer, const char *slug)
{
    char type[128];

    snprintf(type, sizeof type, "\"type\":\"/problems/%s\"", slug);
    const char *media = wire_header(answer, "Content-Type");
    return media && strcmp(media, "application/problem+json") == 0 && strstr(answer->body, type);
}

#endif
