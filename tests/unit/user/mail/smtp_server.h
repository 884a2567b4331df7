/* A mail server of canned replies: one connection, one reply to each command, what it heard. */
#ifndef UNIT_USER_MAIL_SMTP_SERVER_H
#define UNIT_USER_MAIL_SMTP_SERVER_H

#include "unit/support/tests.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buffer.h"

enum { SMTP_REPLIES_MAX = 10 };

#define SMTP_HANG_UP "" /* in place of a reply */

struct smtp_server {
    const char *const *replies; /* the greeting, then one a command or a text; NULL: silence */
    int listener, connection;
    char url[64];
    pthread_t thread;
    struct buffer heard;
};

static inline bool smtp_ends(const struct buffer *heard, size_t from, const char *end)
{
    const size_t length = strlen(end);

    return heard->length >= from + length &&
           memcmp(heard->data + heard->length - length, end, length) == 0;
}

/* Reads up to the end of what is said next. False: the client left. */
static inline bool smtp_hear(struct smtp_server *server, const char *end)
{
    const size_t from = server->heard.length;
    char bytes[1024];

    while (!smtp_ends(&server->heard, from, end)) {
        const ssize_t count = recv(server->connection, bytes, sizeof bytes, 0);
        if (count <= 0)
            return false;
        buffer_append(&server->heard, bytes, (size_t)count);
    }
    return true;
}

/* One reply to each thing it hears, as long as there is one. False: hang up. */
static inline bool smtp_converse(struct smtp_server *server)
{
    for (const char *const *reply = server->replies; *reply; reply++) {
        const bool text_follows = strncmp(*reply, "354", 3) == 0;
        if (!**reply || send(server->connection, *reply, strlen(*reply), MSG_NOSIGNAL) < 0 ||
            !smtp_hear(server, text_follows ? "\r\n.\r\n" : "\r\n"))
            return false;
    }
    return true;
}

static inline void *smtp_serve(void *context)
{
    struct smtp_server *server = context;

    server->connection = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
    if (server->connection < 0)
        return NULL;
    if (smtp_converse(server))
        while (smtp_hear(server, "\r\n"))
            ;
    close(server->connection);
    return NULL;
}

/* `host` is what the URL calls it. */
static inline void smtp_server_open(struct smtp_server *server, const char *host,
                                    const char *const *replies)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof address;

    *server = (struct smtp_server){ .replies = replies };
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(server->listener, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(server->listener, 1), 0);
    assert_int_equal(getsockname(server->listener, (struct sockaddr *)&address, &length), 0);
    snprintf(server->url, sizeof server->url, "smtp://%s:%d", host, ntohs(address.sin_port));
    assert_int_equal(pthread_create(&server->thread, NULL, smtp_serve, server), 0);
}

/* Then `heard` is whole. */
static inline void smtp_server_join(struct smtp_server *server)
{
    pthread_join(server->thread, NULL);
    close(server->listener);
}

static inline void smtp_server_done(struct smtp_server *server)
{
    buffer_done(&server->heard);
}

#endif
