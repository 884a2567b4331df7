/* The tables of order-svc on SQLite: schema, statements, and rows to structs and back. Shared by
 * the two halves of the adapter: order_store_sqlite.c (intake, reading), outbox_sqlite.c. */
#ifndef STORE_ORDER_TABLES_SQLITE_H
#define STORE_ORDER_TABLES_SQLITE_H

#include <stdbool.h>
#include <stddef.h>
#include "base/error.h"
#include "store/order_store.h"
#include "store/sqlite.h"

enum order_statement {
    ADD_RECORD,
    ADD_ORDER,
    FIND_RECORD,
    FIND_ORDER,
    LIST_ORDERS,
    LIST_ORDERS_IN_STATUS,
    DUE_RECORDS,
    CLAIM_RECORD,
    CONFIRM_ORDER,
    CONFIRM_RECORD,
    RELEASE_RECORD,
    PARK_RECORD,
    PURGE_RECORDS,
    PROBE,
    COUNT_RECORDS,
    OLDEST_PENDING,
    ORDER_STATEMENT_COUNT,
};

extern const struct sqlite_options order_tables; /* without a path */

struct order_store_sqlite {
    struct order_store store;
    const struct clock *clock;
    struct sqlite_pool *pool;
    char *path;
    /* The writer's turn is one thread's at a time, so one unit is enough. */
    struct order_store_unit_sqlite {
        struct order_store_unit unit;
        struct sqlite_session *session;
        struct error fault; /* of the first row that failed */
    } unit;
};

/* Binds all columns in the order of ADD_RECORD, ADD_ORDER. SQLITE_OK or the failure. What they
 * point to is borrowed until the statement is reset. */
int record_bind(sqlite3_stmt *statement, const struct record *record);
int order_bind(sqlite3_stmt *statement, const struct order *order);

/* Reads the row that the statement stands on; false: it is not one of ours (ERR_BUG). */
bool record_read(sqlite3_stmt *statement, struct record *out, struct error *err) MUST_USE;
bool order_read(sqlite3_stmt *statement, struct order *out, struct error *err) MUST_USE;

/* The outbox's part of the port. */
bool outbox_claim(struct order_store *store, const struct id *owner, int64_t now,
                  int64_t lease_until, size_t max, struct record records[], size_t *count,
                  struct error *err);
bool outbox_confirm_orders(struct order_store *store, const struct id ids[], size_t count,
                           bool processing[], struct error *err);
bool outbox_confirm_records(struct order_store *store, const struct id *owner,
                            const struct id ids[], size_t count, size_t *confirmed,
                            struct error *err);
bool outbox_release(struct order_store *store, const struct id *owner, const struct id ids[],
                    const int64_t due_at[], size_t count, struct error *err);
bool outbox_park(struct order_store *store, const struct id *owner, const struct id *id,
                 struct error *err);
bool outbox_purge(struct order_store *store, int64_t created_before, size_t max, size_t *purged,
                  struct error *err);
bool outbox_probe(struct order_store *store, struct error *err);
bool outbox_stats(struct order_store *store, struct outbox_stats *stats, struct error *err);

#endif
