/* The port to where records and orders live. Two adapters, SQLite and MongoDB, pass one suite.
 *
 * Only what one document's atomicity can give is promised: each write to one record or order is
 * atomic and durable when it returned `ok`; nothing spans two of them. An adapter may give more
 * (SQLite: a unit is one transaction), but nobody may rely on it.
 *
 * Any thread may use a store. Functions that return false leave their outputs untouched (what an
 * array holds beyond `count` or without `found` means nothing) and fill `err`: ERR_UNAVAILABLE (not
 * done), ERR_UNKNOWN (it may be done), ERR_NO_MEMORY, ERR_BUG. All times are milliseconds since
 * 1970 by the store's clock, order_store_now(). */
#ifndef STORE_ORDER_STORE_H
#define STORE_ORDER_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/auto.h"
#include "base/error.h"
#include "order.h"

enum write_outcome {
    WRITE_OK,        /* durable */
    WRITE_DUPLICATE, /* one with that id is there, durably; nothing was changed */
    WRITE_FAILED,    /* not written */
    WRITE_UNKNOWN,   /* no answer: it may be there now, or later */
};

struct order_store; /* an adapter begins with this */

/* One run of steps by one thread; an adapter's unit begins with this. */
struct order_store_unit {
    struct order_store *store;
};

/* What the outbox holds, for metrics. */
struct outbox_stats {
    uint64_t pending;
    uint64_t parked;
    int64_t oldest_pending_at; /* created_at of the oldest pending one; 0: none */
};

/* Where a page of a user's orders begins: after this (date, id). All zero: from the start. */
struct order_cursor {
    int64_t date;
    struct id id;
};

struct order_query {
    struct id user_id;
    bool with_status; /* only orders in `status` */
    enum order_status status;
    struct order_cursor after;
    size_t limit; /* > 0 */
};

struct order_store_functions {
    void (*close)(struct order_store *store);
    int64_t (*now)(struct order_store *store);
    uint64_t (*flushes)(struct order_store *store);

    struct order_store_unit *(*begin)(struct order_store *store, struct error *err);
    bool (*commit)(struct order_store_unit *unit, struct error *err);
    void (*rollback)(struct order_store_unit *unit);
    void (*add_records)(struct order_store_unit *unit, const struct record *const records[],
                        size_t count, enum write_outcome outcomes[]);
    void (*add_orders)(struct order_store_unit *unit, const struct order orders[], size_t count,
                       enum write_outcome outcomes[]);
    bool (*find_orders)(struct order_store_unit *unit, const struct id ids[], size_t count,
                        struct order orders[], bool found[], struct error *err);
    bool (*find_records)(struct order_store_unit *unit, const struct id ids[], size_t count,
                         struct record records[], bool found[], struct error *err);

    bool (*get_order)(struct order_store *store, const struct id *id, struct order *order,
                      bool *found, struct error *err);
    bool (*list_orders)(struct order_store *store, const struct order_query *query,
                        struct order orders[], size_t *count, struct error *err);

    bool (*claim)(struct order_store *store, const struct id *owner, int64_t now,
                  int64_t lease_until, size_t max, struct record records[], size_t *count,
                  struct error *err);
    bool (*confirm_orders)(struct order_store *store, const struct id ids[], size_t count,
                           bool processing[], struct error *err);
    bool (*confirm_records)(struct order_store *store, const struct id *owner,
                            const struct id ids[], size_t count, size_t *confirmed,
                            struct error *err);
    bool (*release)(struct order_store *store, const struct id *owner, const struct id ids[],
                    const int64_t due_at[], size_t count, struct error *err);
    bool (*park)(struct order_store *store, const struct id *owner, const struct id *id,
                 struct error *err);
    bool (*purge)(struct order_store *store, int64_t created_before, size_t max, size_t *purged,
                  struct error *err);
    bool (*stats)(struct order_store *store, struct outbox_stats *stats, struct error *err);
    bool (*probe)(struct order_store *store, struct error *err);
};

struct order_store {
    const struct order_store_functions *functions;
};

/* NULL is fine. */
void order_store_close(struct order_store *store);
AUTO_DEFINE(order_store, struct order_store *, order_store_close);

/* The store's clock: what created_at, due_at and dates are set from, the same for all replicas. */
int64_t order_store_now(struct order_store *store);

/* How many commits (SQLite) or acknowledged bulks (MongoDB) there were: store_flushes_total. */
uint64_t order_store_flushes(struct order_store *store);

/* --- A unit: the steps of intake and of completion, in the order they are called. ---
 * On SQLite one transaction: nothing is durable before commit. On MongoDB every step is durable by
 * itself, commit and rollback do nothing but end the unit: the order of the steps is what protects.
 * Arrays of a call have `count` <= ORDER_UNIT_MAX elements, ids may repeat within a call. */
enum { ORDER_UNIT_MAX = 1000 };

struct order_store_unit *order_store_begin(struct order_store *store, struct error *err) MUST_USE;

/* Ends the unit. False: ERR_UNAVAILABLE: every outcome that the unit gave counts as failed;
 * ERR_UNKNOWN: as unknown. */
bool order_store_commit(struct order_store_unit *unit, struct error *err) MUST_USE;

/* Ends it without a promise; on SQLite nothing stays. NULL is fine. */
void order_store_rollback(struct order_store_unit *unit);

/* Inserts; an existing record or order is never changed. Each gets its own outcome; with one id
 * twice in a call the first is written and the second a duplicate. */
void order_store_add_records(struct order_store_unit *unit, const struct record *const records[],
                             size_t count, enum write_outcome outcomes[]);
void order_store_add_orders(struct order_store_unit *unit, const struct order orders[],
                            size_t count, enum write_outcome outcomes[]);

/* Majority reads, by id; orders[i] is filled where found[i]. */
bool order_store_find_orders(struct order_store_unit *unit, const struct id ids[], size_t count,
                             struct order orders[], bool found[], struct error *err) MUST_USE;
bool order_store_find_records(struct order_store_unit *unit, const struct id ids[], size_t count,
                              struct record records[], bool found[], struct error *err) MUST_USE;

/* --- Reading. --- */
bool order_store_get_order(struct order_store *store, const struct id *id, struct order *order,
                           bool *found, struct error *err) MUST_USE;
/* A user's orders, oldest first (date, then id); room for query->limit in `orders`. */
bool order_store_list_orders(struct order_store *store, const struct order_query *query,
                             struct order orders[], size_t *count, struct error *err) MUST_USE;

/* --- The outbox. Each call is durable by itself when it returns true. --- */

/* Takes up to `max` pending records that are due at `now`, oldest due first: they carry `owner` and
 * are due again at `lease_until`. Never one record to two owners. */
bool order_store_claim(struct order_store *store, const struct id *owner, int64_t now,
                       int64_t lease_until, size_t max, struct record records[], size_t *count,
                       struct error *err) MUST_USE;

/* new -> processing; processing[i] tells of which it is now known, those that were so before
 * included. */
bool order_store_confirm_orders(struct order_store *store, const struct id ids[], size_t count,
                                bool processing[], struct error *err) MUST_USE;

/* pending -> done, only while `owner` still holds them; `confirmed`: how many it held. */
bool order_store_confirm_records(struct order_store *store, const struct id *owner,
                                 const struct id ids[], size_t count, size_t *confirmed,
                                 struct error *err) MUST_USE;

/* Gives claimed ones back, due at due_at[i], one attempt more; what `owner` lost is left alone. */
bool order_store_release(struct order_store *store, const struct id *owner, const struct id ids[],
                         const int64_t due_at[], size_t count, struct error *err) MUST_USE;

/* pending -> parked, only while `owner` still holds it. */
bool order_store_park(struct order_store *store, const struct id *owner, const struct id *id,
                      struct error *err) MUST_USE;

/* Deletes up to `max` records that are done and were created before; never another. */
bool order_store_purge(struct order_store *store, int64_t created_before, size_t max,
                       size_t *purged, struct error *err) MUST_USE;

bool order_store_stats(struct order_store *store, struct outbox_stats *stats, struct error *err)
    MUST_USE;

/* A small durable write that changes nothing anybody sees: does the store take writes (again)? */
bool order_store_probe(struct order_store *store, struct error *err) MUST_USE;

/* --- Adapters. --- */

struct clock;

/* `path` of the SQLite file; made and migrated when it is not there. NULL: ERR_CONFIG,
 * ERR_UNAVAILABLE, ERR_NO_MEMORY. */
struct order_store *order_store_sqlite_open(const char *path, const struct clock *clock,
                                            struct error *err) MUST_USE;

/* `uri`: mongodb://…; the database is the one that it names, else `orders`. Made and migrated when
 * it is not there. NULL: the same. */
struct order_store *order_store_mongo_open(const char *uri, const struct clock *clock,
                                           struct error *err) MUST_USE;

#endif
