/* What a struct request is made of. For the http room (and its tests) only. */
#ifndef HTTP_REQUEST_PARTS_H
#define HTTP_REQUEST_PARTS_H

#include "base/address.h"
#include "http/gate.h"
#include "http/proxies.h"
#include "http/request.h"
#include "http/target.h"

enum {
    CORRELATION_ID_MAX = 128, /* what we take from a client */
    PEER_BYTES = 46,          /* INET6_ADDRSTRLEN */
};

struct request {
    struct head head;
    struct body_framing framing;
    struct target target;
    struct id id_parameter;
    struct caller caller;
    struct traceparent traceparent;
    char correlation_id[CORRELATION_ID_MAX + 1];
    const char *peer;
    struct address_text source; /* empty: the peer */
    struct slice body;
};

/* The client's X-Request-Id where it sent one valid one, else a new one. Needs the headers. */
void request_identify(struct request *request, const struct random *random);

/* Where the peer is a trusted proxy: the rightmost address of X-Forwarded-For that is none. Needs
 * the headers. */
void request_take_source(struct request *request, const struct proxies *trusted);

/* The client's traceparent where it sent a valid one. Needs the headers. */
void request_take_trace(struct request *request);

#endif
