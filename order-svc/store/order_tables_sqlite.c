/* The tables of order-svc on SQLite.
 *
 * Records are kept in the order of their coming, with the random id in an index: they are written
 * and purged at the ends of the table. Orders lie together by user and date, so a page of a user's
 * list is one run of neighbours; the unique id beside it keeps the promise. Measured against the
 * other three shapes (id as the key of either table): as fast or faster in batches of 1, 8 and 64.
 */
#include "store/order_tables_sqlite.h"

/* states and statuses are the numbers of enum record_state and enum order_status. */
static const struct sqlite_migration migrations[] = {
    { "CREATE TABLE records ("
      " order_id BLOB NOT NULL UNIQUE,"
      " user_id BLOB NOT NULL,"
      " request_id TEXT NOT NULL,"
      " price INTEGER NOT NULL,"
      " date INTEGER NOT NULL,"
      " traceparent TEXT NOT NULL,"
      " state INTEGER NOT NULL,"
      " due_at INTEGER NOT NULL,"
      " attempts INTEGER NOT NULL,"
      " created_at INTEGER NOT NULL,"
      " owner BLOB) STRICT;"
      "CREATE INDEX records_due ON records (due_at, order_id) WHERE state = 0;"
      "CREATE INDEX records_state ON records (state, created_at);"
      "CREATE TABLE orders ("
      " id BLOB NOT NULL UNIQUE,"
      " user_id BLOB NOT NULL,"
      " price INTEGER NOT NULL,"
      " date INTEGER NOT NULL,"
      " status INTEGER NOT NULL,"
      " PRIMARY KEY (user_id, date, id)) STRICT, WITHOUT ROWID;"
      "CREATE TABLE probe (written INTEGER NOT NULL) STRICT;"
      "INSERT INTO probe VALUES (0);",
      1 },
};

#define RECORD_COLUMNS                                                                             \
    "order_id, user_id, request_id, price, date, traceparent, state, due_at, attempts,"            \
    " created_at, owner"
#define ORDER_COLUMNS "id, user_id, price, date, status"

static const char *const statements[ORDER_STATEMENT_COUNT] = {
    [ADD_RECORD] = "INSERT INTO records (" RECORD_COLUMNS ")"
                   " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    [ADD_ORDER] = "INSERT INTO orders (" ORDER_COLUMNS ")"
                  " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    [FIND_RECORD] = "SELECT " RECORD_COLUMNS " FROM records WHERE order_id = ?",
    [FIND_ORDER] = "SELECT " ORDER_COLUMNS " FROM orders WHERE id = ?",
    [LIST_ORDERS] = "SELECT " ORDER_COLUMNS " FROM orders"
                    " WHERE user_id = ?1 AND (date, id) > (?2, ?3)"
                    " ORDER BY date, id LIMIT ?4",
    [LIST_ORDERS_IN_STATUS] = "SELECT " ORDER_COLUMNS " FROM orders"
                              " WHERE user_id = ?1 AND (date, id) > (?2, ?3) AND status = ?5"
                              " ORDER BY date, id LIMIT ?4",
    /* Told which index: by itself SQLite takes records_state and sorts all that is pending. */
    [DUE_RECORDS] = "SELECT " RECORD_COLUMNS " FROM records INDEXED BY records_due"
                    " WHERE state = 0 AND due_at <= ? ORDER BY due_at, order_id LIMIT ?",
    [CLAIM_RECORD] = "UPDATE records SET owner = ?, due_at = ?"
                     " WHERE order_id = ? AND state = 0 AND due_at <= ?",
    [CONFIRM_ORDER] = "UPDATE orders SET status = 1 WHERE id = ? AND status = 0",
    [CONFIRM_RECORD] = "UPDATE records SET state = 1, owner = NULL"
                       " WHERE order_id = ? AND owner = ? AND state = 0",
    [RELEASE_RECORD] = "UPDATE records SET due_at = ?3, attempts = attempts + 1, owner = NULL"
                       " WHERE order_id = ?1 AND owner = ?2 AND state = 0",
    [PARK_RECORD] = "UPDATE records SET state = 2, owner = NULL"
                    " WHERE order_id = ? AND owner = ? AND state = 0",
    [PURGE_RECORDS] = "DELETE FROM records WHERE rowid IN (SELECT rowid FROM records"
                      " WHERE state = ? AND created_at < ? ORDER BY created_at LIMIT ?)",
    [PROBE] = "UPDATE probe SET written = written + 1",
    [COUNT_RECORDS] = "SELECT count(*) FROM records WHERE state = ?",
    [OLDEST_PENDING] = "SELECT min(created_at) FROM records WHERE state = 0",
};

_Static_assert(RECORD_PENDING == 0 && RECORD_DONE == 1 && RECORD_PARKED == 2, "as in the SQL");
_Static_assert(ORDER_NEW == 0 && ORDER_PROCESSING == 1, "as in the SQL");

const struct sqlite_options order_tables = {
    .migrations = migrations,
    .migration_count = sizeof migrations / sizeof *migrations,
    .statements = statements,
    .statement_count = ORDER_STATEMENT_COUNT,
    .readers = 8, /* as many as the lane of reads has threads; the metrics wait their turn */
};

/* --- Structs to rows. --- */

static bool is_nobody(const struct id *owner)
{
    static const struct id nobody;
    return id_equal(owner, &nobody);
}

int record_bind(sqlite3_stmt *statement, const struct record *record)
{
    return SQLITE_FIRST_FAILURE(sqlite_bind_id(statement, 1, &record->order_id),
                                sqlite_bind_id(statement, 2, &record->user_id),
                                sqlite_bind_text(statement, 3, record->request_id),
                                sqlite3_bind_int64(statement, 4, record->price),
                                sqlite3_bind_int64(statement, 5, record->date),
                                sqlite_bind_text(statement, 6, record->traceparent.text),
                                sqlite3_bind_int(statement, 7, (int)record->state),
                                sqlite3_bind_int64(statement, 8, record->due_at),
                                sqlite3_bind_int64(statement, 9, record->attempts),
                                sqlite3_bind_int64(statement, 10, record->created_at),
                                is_nobody(&record->owner)
                                    ? sqlite3_bind_null(statement, 11)
                                    : sqlite_bind_id(statement, 11, &record->owner));
}

int order_bind(sqlite3_stmt *statement, const struct order *order)
{
    return SQLITE_FIRST_FAILURE(sqlite_bind_id(statement, 1, &order->id),
                                sqlite_bind_id(statement, 2, &order->user_id),
                                sqlite3_bind_int64(statement, 3, order->price),
                                sqlite3_bind_int64(statement, 4, order->date),
                                sqlite3_bind_int(statement, 5, (int)order->status));
}

/* --- Rows to structs. --- */

bool record_read(sqlite3_stmt *statement, struct record *out, struct error *err)
{
    struct record record = {
        .price = sqlite3_column_int64(statement, 3),
        .date = sqlite3_column_int64(statement, 4),
        .state = (enum record_state)sqlite3_column_int(statement, 6),
        .due_at = sqlite3_column_int64(statement, 7),
        .attempts = (uint32_t)sqlite3_column_int64(statement, 8),
        .created_at = sqlite3_column_int64(statement, 9),
    };
    bool owned = sqlite3_column_type(statement, 10) != SQLITE_NULL;

    if (!sqlite_column_id(statement, 0, &record.order_id) ||
        !sqlite_column_id(statement, 1, &record.user_id) ||
        !sqlite_column_string(statement, 2, record.request_id, sizeof record.request_id) ||
        !sqlite_column_string(statement, 5, record.traceparent.text,
                              sizeof record.traceparent.text) ||
        (owned && !sqlite_column_id(statement, 10, &record.owner)))
        return sqlite_unreadable(statement, err);
    *out = record;
    return true;
}

bool order_read(sqlite3_stmt *statement, struct order *out, struct error *err)
{
    struct order order = {
        .price = sqlite3_column_int64(statement, 2),
        .date = sqlite3_column_int64(statement, 3),
        .status = (enum order_status)sqlite3_column_int(statement, 4),
    };

    if (!sqlite_column_id(statement, 0, &order.id) ||
        !sqlite_column_id(statement, 1, &order.user_id))
        return sqlite_unreadable(statement, err);
    *out = order;
    return true;
}
