/* What an order is, and the id that makes its request repeatable.
 *
 * Money is held in hundredths, time in milliseconds since 1970 (UTC). */
#ifndef ORDER_H
#define ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/id.h"
#include "obs/trace.h"

enum { REQUEST_ID_MAX = 128 };

enum order_status {
    ORDER_NEW,        /* stored; its event may or may not be out */
    ORDER_PROCESSING, /* its event was acknowledged by the broker */
};

/* "new", "processing". */
const char *order_status_name(enum order_status status);
bool order_status_parse(const char *text, size_t length, enum order_status *out);

/* Once written, an order is the truth of its key: nothing but its status ever changes. */
struct order {
    struct id id;
    struct id user_id;
    int64_t price; /* hundredths */
    int64_t date;
    enum order_status status;
};

enum record_state {
    RECORD_PENDING, /* its order is to be stored and published */
    RECORD_DONE,    /* its order is `processing`; may be purged */
    RECORD_PARKED,  /* the broker refuses this very event: counted, shown, never purged */
};

/* The idempotency record (IdempotentAction), written before its order: a promise that the order
 * will exist. It carries all that the order needs, so whoever finds it can fulfil it. */
struct record {
    struct id order_id; /* the document's _id */
    struct id user_id;
    char request_id[REQUEST_ID_MAX + 1];
    int64_t price;
    int64_t date;
    struct traceparent traceparent; /* of the request; empty text: it had none */
    enum record_state state;
    int64_t due_at;    /* the scheduler takes it from then on */
    uint32_t attempts; /* how often it was released; sets the backoff */
    int64_t created_at;
    struct id owner; /* token of the claim that holds it; all zero: nobody */
};

/* The order that a request with this id of this user makes: the first 12 bytes of BLAKE2b-256 over
 * 0x01, the user's id in hex, 0x00, the request id. Every replica and retry computes the same. */
struct id order_id_of(const struct id *user_id, const char *request_id);

/* The order that the record promises: status new. */
struct order order_of_record(const struct record *record);

/* A JSON number to hundredths: 0 < price <= 1e12, at most two decimals, judged by the double.
 * False: `hundredths` untouched, `in_range` (may be NULL) tells which of the two it was. */
bool price_from_number(double number, int64_t *hundredths, bool *in_range);

#endif
