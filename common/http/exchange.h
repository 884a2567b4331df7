/* One request and its answer, from the request line to the answer's last byte.
 *
 * It belongs to the connection's thread, but while it waits in a lane: then a worker has it, and
 * the connection is suspended. Who ends the wait is decided by one compare-and-swap on `outcome`,
 * and that one resumes the connection: the worker, or the keeper that gave up on it. The worker's
 * answer is then dropped when it comes; so connection and job hold a reference each. */
#ifndef HTTP_EXCHANGE_H
#define HTTP_EXCHANGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "http/request_parts.h"
#include "http/response.h"
#include "http/router.h"
#include "lane/lane.h"

struct MHD_Connection;
struct MHD_Response;
struct http_server;
struct connection;

enum stage {
    STAGE_HEAD,    /* the headers are to be judged */
    STAGE_BODY,    /* a body may come; the request is not whole */
    STAGE_WAITING, /* handed to a lane; the next call is after the resume */
    STAGE_ANSWERED,
};

enum outcome {
    OUTCOME_NONE,     /* in no lane */
    OUTCOME_OPEN,     /* suspended, nobody ended the wait yet */
    OUTCOME_FINISHED, /* by the job: response and problem are its */
    OUTCOME_GIVEN_UP, /* by the keeper: response and problem may still be written, by the job */
};

struct exchange {
    struct request request; /* what decode functions see */
    struct job job;
    struct http_server *server;
    struct connection *connection;
    struct MHD_Connection *mhd;
    int fd;
    atomic_int references;
    _Atomic(enum outcome) outcome;

    enum stage stage;
    enum target_result target;
    const char *raw, *raw_end; /* the target's place in the library's memory, by now overwritten */
    struct match match;
    bool asks_token; /* 401 without a token: no error in the challenge */
    bool close;      /* the connection ends with this answer */
    bool discard;    /* a problem is known; the body is only read off the wire */
    uint64_t body_bytes;
    struct buffer body;

    void *state;            /* the route's, or NULL */
    struct problem problem; /* known before the route ran, or in place of its answer */
    struct response response;
    struct buffer text; /* a problem's JSON */
    int status;         /* of the answer that was queued; 0: none was */
    int64_t queued_ms;
    int64_t started_us;
};

/* `raw` is the target as the library read it. NULL: no memory. */
struct exchange *exchange_open(struct http_server *server, struct connection *connection,
                               struct MHD_Connection *mhd, const char *raw) MUST_USE;

/* Gives one reference back. */
void exchange_release(struct exchange *exchange);

/* The library's calls: the headers are there, some of the body came, the request is whole or the
 * connection was resumed. False: end the connection without an answer. */
bool exchange_head(struct exchange *exchange, const char *method, const char *version) MUST_USE;
bool exchange_body(struct exchange *exchange, const char *bytes, size_t count) MUST_USE;
bool exchange_whole(struct exchange *exchange) MUST_USE;

/* Under the connection's mutex: if it waits in a lane, it is answered 503 now. */
bool exchange_give_up(struct exchange *exchange);

static inline struct exchange *exchange_of(struct job *job)
{
    return (struct exchange *)(void *)((char *)job - offsetof(struct exchange, job));
}

/* Whether the token alone does not decide: authorize is asked on the lane's thread. */
bool exchange_needs_authorize(const struct exchange *exchange);

#endif
