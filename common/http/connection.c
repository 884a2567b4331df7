/* A request takes its connection's mutex four times, never contended but by the sweep. */
#include "http/connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <linux/tcp.h> /* netinet/tcp.h lacks tcpi_bytes_received */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "http/raw_answer.h"

enum {
    /* Longer than the idle timeouts of proxies (60 s), so that they close first and never send a
     * request into a connection that we are closing. */
    IDLE_MS = 75 * SECOND_MS,
    /* For an answer to leave that we gave in place of a job's. */
    FAREWELL_MS = 5 * SECOND_MS,
    /* How often an idle connection is asked whether bytes have come: a system call each. */
    LOOK_MS = SECOND_MS,
};

static void write_peer(char peer[PEER_BYTES], const struct sockaddr *address)
{
    const struct sockaddr_in6 *six = (const void *)address;
    const struct sockaddr_in *four = (const void *)address;

    peer[0] = '\0';
    if (address->sa_family == AF_INET)
        inet_ntop(AF_INET, &four->sin_addr, peer, PEER_BYTES);
    else if (address->sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&six->sin6_addr))
        inet_ntop(AF_INET, six->sin6_addr.s6_addr + 12, peer, PEER_BYTES);
    else if (address->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &six->sin6_addr, peer, PEER_BYTES);
}

static int64_t now_of(const struct connection_list *list)
{
    return clock_monotonic_ms(list->clock);
}

struct connection *connection_add(struct connection_list *list, int fd,
                                  const struct sockaddr *address)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection)
        return NULL;
    connection->fd = fd;
    connection->phase = PHASE_HEADER;
    connection->deadline_ms = now_of(list) + list->deadlines.header_ms;
    write_peer(connection->peer, address);
    pthread_mutex_init(&connection->mutex, NULL);

    LOCKED(&list->mutex);
    connection->next = list->first;
    if (list->first)
        list->first->previous = connection;
    list->first = connection;
    list->count++;
    return connection;
}

static void unlink_from(struct connection_list *list, struct connection *connection)
{
    LOCKED(&list->mutex);
    if (connection->previous)
        connection->previous->next = connection->next;
    else
        list->first = connection->next;
    if (connection->next)
        connection->next->previous = connection->previous;
    list->count--;
}

void connection_remove(struct connection_list *list, struct connection *connection)
{
    unlink_from(list, connection);
    pthread_mutex_destroy(&connection->mutex);
    free(connection);
}

bool connection_begin(struct connection_list *list, struct connection *connection,
                      struct exchange *exchange)
{
    const int64_t now_ms = now_of(list);

    LOCKED(&connection->mutex);
    connection->exchange = exchange;
    if (connection->phase == PHASE_DEAD)
        return false;
    if (connection->phase == PHASE_IDLE)
        connection->deadline_ms = now_ms + list->deadlines.header_ms;
    connection->phase = PHASE_HEADER;
    connection->request_deadline_ms = now_ms + list->deadlines.request_ms;
    return true;
}

bool connection_enter(struct connection_list *list, struct connection *connection, enum phase phase)
{
    const int64_t body_ms = now_of(list) + list->deadlines.body_ms;

    LOCKED(&connection->mutex);
    if (connection->phase == PHASE_DEAD)
        return false;
    /* The second time after a wait in a lane: an answer that the keeper gave keeps its deadline. */
    if (connection->phase == phase)
        return true;
    connection->phase = phase;
    connection->deadline_ms = connection->request_deadline_ms;
    if (phase == PHASE_BODY && body_ms < connection->deadline_ms)
        connection->deadline_ms = body_ms;
    return true;
}

void connection_end(struct connection_list *list, struct connection *connection)
{
    const int64_t now_ms = now_of(list);

    LOCKED(&connection->mutex);
    connection->exchange = NULL;
    if (connection->phase == PHASE_DEAD)
        return;
    connection->phase = PHASE_IDLE;
    connection->deadline_ms = now_ms + IDLE_MS;
    connection->looked_ms = 0;
}

void connection_linger(struct connection *connection)
{
    LOCKED(&connection->mutex);
    connection->linger = true;
}

/* The library tells of a request once its request line is whole. Whether one has begun shows in
 * what the kernel received: a slow sender of a further request gets header_ms from when that was
 * seen to grow, up to LOOK_MS late. */
static void look_for_bytes(struct connection_list *list, struct connection *connection,
                           int64_t now_ms)
{
    struct tcp_info info = { 0 };
    socklen_t size = sizeof info;

    if (now_ms - connection->looked_ms < LOOK_MS ||
        getsockopt(connection->fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0)
        return;
    if (connection->looked_ms != 0 && info.tcpi_bytes_received != connection->received_bytes) {
        connection->phase = PHASE_HEADER;
        connection->deadline_ms = now_ms + list->deadlines.header_ms;
    }
    connection->looked_ms = now_ms;
    connection->received_bytes = info.tcpi_bytes_received;
}

/* Before its answer has begun a request can be told; nobody else writes to the socket then. */
static void end_overdue(struct connection *connection)
{
    if (connection->phase == PHASE_HEADER || connection->phase == PHASE_BODY)
        raw_answer_send(connection->fd, PROBLEM_REQUEST_TIMEOUT,
                        "The request came too slowly. Send it in one go.", NULL);
    connection->phase = PHASE_DEAD;
    shutdown(connection->fd, SHUT_RDWR);
}

static void sweep_one(struct connection_list *list, struct connection *connection, int64_t now_ms,
                      bool (*give_up)(struct exchange *exchange))
{
    LOCKED(&connection->mutex);
    if (connection->phase == PHASE_IDLE)
        look_for_bytes(list, connection, now_ms);
    if (connection->phase == PHASE_DEAD || now_ms < connection->deadline_ms)
        return;
    if (connection->phase == PHASE_ANSWER && give_up(connection->exchange))
        connection->deadline_ms = now_ms + FAREWELL_MS;
    else
        end_overdue(connection);
}

void connection_sweep(struct connection_list *list, bool (*give_up)(struct exchange *exchange))
{
    const int64_t now_ms = now_of(list);

    LOCKED(&list->mutex);
    for (struct connection *c = list->first; c; c = c->next)
        sweep_one(list, c, now_ms, give_up);
}

void connection_give_up_all(struct connection_list *list,
                            bool (*give_up)(struct exchange *exchange))
{
    LOCKED(&list->mutex);
    for (struct connection *c = list->first; c; c = c->next) {
        pthread_mutex_lock(&c->mutex);
        if (c->exchange) /* in any phase: one that was ended may wait all the same */
            give_up(c->exchange);
        pthread_mutex_unlock(&c->mutex);
    }
}

size_t connection_open_requests(struct connection_list *list)
{
    size_t open = 0;

    LOCKED(&list->mutex);
    for (struct connection *c = list->first; c; c = c->next) {
        pthread_mutex_lock(&c->mutex);
        open += c->phase == PHASE_BODY || c->phase == PHASE_ANSWER;
        pthread_mutex_unlock(&c->mutex);
    }
    return open;
}

size_t connection_count(struct connection_list *list)
{
    LOCKED(&list->mutex);
    return list->count;
}
