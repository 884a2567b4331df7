/* One client's connection: its deadlines, and the request that it carries now.
 *
 * The library's timeout is for inactivity only, so each phase of a request has an absolute deadline
 * here, and a sweep by the keeper's thread (keeper.h) ends what overstays. It may use the socket
 * because a connection leaves the list, under the list's mutex, before its descriptor is closed. */
#ifndef HTTP_CONNECTION_H
#define HTTP_CONNECTION_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include "http/request_parts.h"

struct exchange;

enum phase {
    PHASE_IDLE,   /* kept alive: nothing of the next request has come */
    PHASE_HEADER, /* from accept, or from the first byte of a further request */
    PHASE_BODY,
    PHASE_ANSWER, /* the request is whole: it waits, runs, or its answer is on its way */
    PHASE_DEAD,   /* the keeper ended it */
};

struct connection {
    struct connection *next, *previous; /* under the list's mutex */
    int fd;
    char peer[PEER_BYTES];

    pthread_mutex_t mutex; /* guards what follows */
    enum phase phase;
    int64_t deadline_ms;         /* of the phase */
    int64_t request_deadline_ms; /* of the whole request */
    int64_t looked_ms;           /* PHASE_IDLE: when received_bytes was read; 0: not yet */
    uint64_t received_bytes;
    struct exchange *exchange; /* NULL between requests */
    bool linger;               /* the client may still be sending when we close */
};

struct deadlines {
    int64_t header_ms, body_ms, request_ms;
};

/* All connections of a server. */
struct connection_list {
    pthread_mutex_t mutex;
    struct connection *first;
    size_t count;
    struct deadlines deadlines;
    const struct clock *clock;
};

/* A new one in the list, in PHASE_HEADER. NULL: no memory. */
struct connection *connection_add(struct connection_list *list, int fd,
                                  const struct sockaddr *address) MUST_USE;
void connection_remove(struct connection_list *list, struct connection *connection);

/* The request line came. False: too late, the keeper has ended the connection. */
bool connection_begin(struct connection_list *list, struct connection *connection,
                      struct exchange *exchange) MUST_USE;
/* A body follows, or the answer. False: as above. */
bool connection_enter(struct connection_list *list, struct connection *connection, enum phase phase)
    MUST_USE;
/* The answer is sent. */
void connection_end(struct connection_list *list, struct connection *connection);

/* The client may not be done sending when we close. */
void connection_linger(struct connection *connection);

/* Ends what is overdue. Who waits in a lane for too long is told so by `give_up`, which is called
 * under both mutexes and says whether it answered; then the answer gets some seconds to leave. */
void connection_sweep(struct connection_list *list, bool (*give_up)(struct exchange *exchange));

/* `give_up` for every request that waits in a lane; under both mutexes. */
void connection_give_up_all(struct connection_list *list,
                            bool (*give_up)(struct exchange *exchange));

/* Requests whose header has come whole and whose answer is not sent. */
size_t connection_open_requests(struct connection_list *list);
size_t connection_count(struct connection_list *list);

#endif
