/* The outbox on SQLite: each call is one transaction, so between "these are due" and "they are
 * mine" nobody else gets in. */
#include <string.h>

#include "base/test_point.h"
#include "store/order_tables_sqlite.h"

static struct sqlite_pool *pool_of(struct order_store *store)
{
    return ((struct order_store_sqlite *)store)->pool;
}

static bool end(struct order_store *store, struct sqlite_session *session, bool done,
                struct error *err)
{
    if (done)
        return sqlite_commit(pool_of(store), session, err);
    sqlite_rollback(pool_of(store), session);
    return false;
}

/* Runs an update whose binds ended in `code`; adds the rows that it changed. */
static bool update(sqlite3_stmt *statement, int code, size_t *changed, struct error *err)
{
    sqlite3 *db = sqlite3_db_handle(statement);

    if (code == SQLITE_OK)
        code = sqlite_run(statement);
    if (code != SQLITE_OK)
        return sqlite_failed(db, code, "cannot update", err);
    *changed += (size_t)sqlite3_changes(db);
    return true;
}

/* --- Claiming. --- */

static bool read_due(sqlite3_stmt *statement, int64_t now, size_t max, struct record records[],
                     size_t *count, struct error *err)
{
    int code = sqlite3_bind_int64(statement, 1, now);

    if (code == SQLITE_OK)
        code = sqlite3_bind_int64(statement, 2, (sqlite3_int64)max);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    for (; code == SQLITE_ROW; code = sqlite3_step(statement))
        if (!record_read(statement, &records[(*count)++], err))
            return false;
    sqlite3_reset(statement);
    return code == SQLITE_DONE ||
           sqlite_failed(sqlite3_db_handle(statement), code, "cannot read what is due", err);
}

static bool claim_one(sqlite3_stmt *statement, const struct id *owner, int64_t now,
                      int64_t lease_until, struct record *record, struct error *err)
{
    size_t changed = 0;
    int code = sqlite_bind_id(statement, 1, owner);

    if (code == SQLITE_OK)
        code = sqlite3_bind_int64(statement, 2, lease_until);
    if (code == SQLITE_OK)
        code = sqlite_bind_id(statement, 3, &record->order_id);
    if (code == SQLITE_OK)
        code = sqlite3_bind_int64(statement, 4, now);
    if (!update(statement, code, &changed, err))
        return false;
    if (changed != 1)
        return error_set(err, ERR_BUG, 0, "a record changed under the writer's lock");
    record->owner = *owner;
    record->due_at = lease_until;
    return true;
}

bool outbox_claim(struct order_store *store, const struct id *owner, int64_t now,
                  int64_t lease_until, size_t max, struct record records[], size_t *count,
                  struct error *err)
{
    struct sqlite_session *session = sqlite_begin(pool_of(store), err);
    size_t claimed = 0;

    if (!session)
        return false;
    bool done = read_due(session->statements[DUE_RECORDS], now, max, records, &claimed, err);
    for (size_t i = 0; done && i < claimed; i++)
        done =
            claim_one(session->statements[CLAIM_RECORD], owner, now, lease_until, &records[i], err);
    if (!end(store, session, done, err))
        return false;
    *count = claimed;
    return true;
}

/* --- Confirming. --- */

/* new -> processing; where nothing changed, reads what it is. */
static bool confirm_order(struct sqlite_session *session, const struct id *id, bool *processing,
                          struct error *err)
{
    sqlite3_stmt *confirm = session->statements[CONFIRM_ORDER];
    sqlite3_stmt *find = session->statements[FIND_ORDER];
    struct order order = { .status = ORDER_NEW };
    size_t changed = 0;

    if (!update(confirm, sqlite_bind_id(confirm, 1, id), &changed, err))
        return false;
    if (changed == 1) {
        *processing = true;
        return true;
    }
    int code = sqlite_bind_id(find, 1, id);
    if (code == SQLITE_OK)
        code = sqlite3_step(find);
    bool read = code == SQLITE_DONE || (code == SQLITE_ROW && order_read(find, &order, err));
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        sqlite_failed(session->db, code, "cannot find", err);
    sqlite3_reset(find);
    *processing = order.status == ORDER_PROCESSING;
    return read;
}

bool outbox_confirm_orders(struct order_store *store, const struct id ids[], size_t count,
                           bool processing[], struct error *err)
{
    struct sqlite_session *session = sqlite_begin(pool_of(store), err);
    bool known[ORDER_UNIT_MAX];
    bool done = true;

    if (!session)
        return false;
    for (size_t i = 0; done && i < count; i++)
        done = confirm_order(session, &ids[i], &known[i], err);
    if (!end(store, session, done, err))
        return false;
    memcpy(processing, known, count * sizeof *processing);
    return true;
}

/* --- What the owner's token covers. --- */

/* Runs a statement whose ?1 is the id, ?2 the owner and, with `due_at`, ?3 when it is due. */
static bool update_owned(struct order_store *store, enum order_statement which,
                         const struct id *owner, const struct id ids[], const int64_t due_at[],
                         size_t count, size_t *changed, struct error *err)
{
    struct sqlite_session *session = sqlite_begin(pool_of(store), err);
    bool done = true;

    if (!session)
        return false;
    sqlite3_stmt *statement = session->statements[which];
    for (size_t i = 0; done && i < count; i++) {
        int code = sqlite_bind_id(statement, 1, &ids[i]);
        if (code == SQLITE_OK)
            code = sqlite_bind_id(statement, 2, owner);
        if (code == SQLITE_OK && due_at)
            code = sqlite3_bind_int64(statement, 3, due_at[i]);
        done = update(statement, code, changed, err);
    }
    return end(store, session, done, err);
}

bool outbox_confirm_records(struct order_store *store, const struct id *owner,
                            const struct id ids[], size_t count, size_t *confirmed,
                            struct error *err)
{
    size_t changed = 0;

    if (!update_owned(store, CONFIRM_RECORD, owner, ids, NULL, count, &changed, err))
        return false;
    *confirmed = changed;
    return true;
}

bool outbox_release(struct order_store *store, const struct id *owner, const struct id ids[],
                    const int64_t due_at[], size_t count, struct error *err)
{
    size_t released = 0;
    return update_owned(store, RELEASE_RECORD, owner, ids, due_at, count, &released, err);
}

bool outbox_park(struct order_store *store, const struct id *owner, const struct id *id,
                 struct error *err)
{
    size_t parked = 0;
    return update_owned(store, PARK_RECORD, owner, id, NULL, 1, &parked, err);
}

bool outbox_purge(struct order_store *store, int64_t created_before, size_t max, size_t *purged,
                  struct error *err)
{
    struct sqlite_session *session = sqlite_begin(pool_of(store), err);
    size_t deleted = 0;

    if (!session)
        return false;
    sqlite3_stmt *statement = session->statements[PURGE_RECORDS];
    int code = sqlite3_bind_int(
        statement, 1, (int)(TEST_FAULT("purge-of-pending") ? RECORD_PENDING : RECORD_DONE));
    if (code == SQLITE_OK)
        code = sqlite3_bind_int64(statement, 2, created_before);
    if (code == SQLITE_OK)
        code = sqlite3_bind_int64(statement, 3, (sqlite3_int64)max);
    if (!end(store, session, update(statement, code, &deleted, err), err))
        return false;
    *purged = deleted;
    return true;
}

bool outbox_probe(struct order_store *store, struct error *err)
{
    struct sqlite_session *session = sqlite_begin(pool_of(store), err);
    size_t written = 0;

    if (!session)
        return false;
    bool done = update(session->statements[PROBE], SQLITE_OK, &written, err);
    return end(store, session, done, err);
}

/* --- Counting: over the index, done records are not looked at. --- */

static bool read_number(sqlite3_stmt *statement, int64_t *number, struct error *err)
{
    int code = sqlite3_step(statement);

    if (code == SQLITE_ROW)
        *number = sqlite3_column_int64(statement, 0); /* min() of none is NULL: 0 */
    sqlite3_reset(statement);
    return code == SQLITE_ROW ||
           sqlite_failed(sqlite3_db_handle(statement), code, "cannot count", err);
}

static bool count_state(struct sqlite_session *session, enum record_state state, uint64_t *count,
                        struct error *err)
{
    sqlite3_stmt *statement = session->statements[COUNT_RECORDS];
    int64_t number = 0;
    int code = sqlite3_bind_int(statement, 1, (int)state);

    if (code != SQLITE_OK)
        return sqlite_failed(session->db, code, "cannot count", err);
    if (!read_number(statement, &number, err))
        return false;
    *count = (uint64_t)number;
    return true;
}

bool outbox_stats(struct order_store *store, struct outbox_stats *stats, struct error *err)
{
    struct sqlite_session *session = sqlite_read_begin(pool_of(store), err);
    struct outbox_stats counted = { 0 };

    if (!session)
        return false;
    bool done = count_state(session, RECORD_PENDING, &counted.pending, err) &&
                count_state(session, RECORD_PARKED, &counted.parked, err) &&
                read_number(session->statements[OLDEST_PENDING], &counted.oldest_pending_at, err);
    sqlite_read_end(pool_of(store), session);
    if (done)
        *stats = counted;
    return done;
}
