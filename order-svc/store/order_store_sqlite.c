/* Orders and records on SQLite: intake and reading. The outbox is in outbox_sqlite.c.
 *
 * A unit is one transaction: the records and orders of a batch share one flush, and none of them is
 * there before it. A row that fails takes no neighbour with it, unless SQLite undid the whole
 * transaction (a full disk): then all that follows fails, and so does the commit. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/order_tables_sqlite.h"

typedef struct order_store_unit_sqlite sqlite_unit;

static struct order_store_sqlite *of(struct order_store *store)
{
    return (struct order_store_sqlite *)store; /* its first member */
}

static void store_close(struct order_store *store)
{
    struct order_store_sqlite *self = of(store);

    sqlite_pool_close(self->pool);
    free(self->path);
    free(self);
}

static int64_t store_now(struct order_store *store)
{
    return clock_wall_ms(of(store)->clock);
}

static uint64_t store_flushes(struct order_store *store)
{
    return sqlite_flushes(of(store)->pool);
}

/* --- A unit. --- */

static struct order_store_unit *store_begin(struct order_store *store, struct error *err)
{
    struct order_store_sqlite *self = of(store);
    struct sqlite_session *session = sqlite_begin(self->pool, err);

    if (!session)
        return NULL;
    self->unit = (sqlite_unit){ { store }, session, { 0 } };
    return &self->unit.unit;
}

/* The unit's memory is the next one's as soon as the writer's turn is given away. */
static bool unit_commit(struct order_store_unit *unit, struct error *err)
{
    const struct error fault = ((sqlite_unit *)unit)->fault;
    bool undone = sqlite3_get_autocommit(((sqlite_unit *)unit)->session->db);
    bool committed = sqlite_commit(of(unit->store)->pool, ((sqlite_unit *)unit)->session, err);

    /* Why it was undone says more than that it was. */
    if (!committed && undone && err && fault.code != ERR_NONE)
        *err = fault;
    return committed;
}

static void unit_rollback(struct order_store_unit *unit)
{
    sqlite_rollback(of(unit->store)->pool, ((sqlite_unit *)unit)->session);
}

/* The statement, for use in the unit's transaction; NULL when SQLite has undone it. */
static sqlite3_stmt *unit_statement(const sqlite_unit *unit, enum order_statement which)
{
    if (sqlite3_get_autocommit(unit->session->db))
        return NULL;
    return unit->session->statements[which];
}

static enum write_outcome row_failed(sqlite_unit *unit, int code)
{
    if (unit->fault.code == ERR_NONE)
        sqlite_failed(unit->session->db, code, "cannot insert", &unit->fault);
    return WRITE_FAILED;
}

/* `code` is of the binds. */
static enum write_outcome insert(sqlite_unit *unit, sqlite3_stmt *statement, int code)
{
    if (code == SQLITE_OK)
        code = sqlite_run(statement);
    if (code != SQLITE_OK)
        return row_failed(unit, code);
    return sqlite3_changes(unit->session->db) == 1 ? WRITE_OK : WRITE_DUPLICATE;
}

static void unit_add_records(struct order_store_unit *unit, const struct record *const records[],
                             size_t count, enum write_outcome outcomes[])
{
    sqlite_unit *self = (sqlite_unit *)unit;

    for (size_t i = 0; i < count; i++) {
        sqlite3_stmt *statement = unit_statement(self, ADD_RECORD);
        outcomes[i] = WRITE_FAILED;
        if (statement)
            outcomes[i] = insert(self, statement, record_bind(statement, records[i]));
    }
}

static void unit_add_orders(struct order_store_unit *unit, const struct order orders[],
                            size_t count, enum write_outcome outcomes[])
{
    sqlite_unit *self = (sqlite_unit *)unit;

    for (size_t i = 0; i < count; i++) {
        sqlite3_stmt *statement = unit_statement(self, ADD_ORDER);
        outcomes[i] = WRITE_FAILED;
        if (statement)
            outcomes[i] = insert(self, statement, order_bind(statement, &orders[i]));
    }
}

/* --- Finding by id. --- */

/* Where a row goes: one of the two. */
struct target {
    struct order *order;
    struct record *record;
};

static bool read_row(sqlite3_stmt *statement, struct target target, struct error *err)
{
    return target.order ? order_read(statement, target.order, err)
                        : record_read(statement, target.record, err);
}

static bool find_one(sqlite3_stmt *statement, const struct id *id, struct target target,
                     bool *found, struct error *err)
{
    int code = sqlite_bind_id(statement, 1, id);
    bool read = true;

    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        read = read_row(statement, target, err);
    else if (code != SQLITE_DONE)
        read = sqlite_failed(sqlite3_db_handle(statement), code, "cannot find", err);
    sqlite3_reset(statement);
    if (read)
        *found = code == SQLITE_ROW;
    return read;
}

/* A failed read may undo the transaction as well, so it is remembered like a failed insert. */
static bool find_failed(sqlite_unit *unit, const struct error *fault, struct error *err)
{
    if (unit->fault.code == ERR_NONE)
        unit->fault = *fault;
    if (err)
        *err = *fault;
    return false;
}

/* Fills orders[i] or records[i], whichever array there is. */
static bool find_each(sqlite_unit *unit, const struct id ids[], size_t count, struct order orders[],
                      struct record records[], bool found[], struct error *err)
{
    sqlite3_stmt *statement = unit_statement(unit, orders ? FIND_ORDER : FIND_RECORD);
    bool there[ORDER_UNIT_MAX];
    struct error fault = unit->fault;

    if (!statement)
        return find_failed(unit, &fault, err);
    for (size_t i = 0; i < count; i++) {
        struct target target = { orders ? &orders[i] : NULL, records ? &records[i] : NULL };
        if (!find_one(statement, &ids[i], target, &there[i], &fault))
            return find_failed(unit, &fault, err);
    }
    memcpy(found, there, count * sizeof *found);
    return true;
}

static bool unit_find_orders(struct order_store_unit *unit, const struct id ids[], size_t count,
                             struct order orders[], bool found[], struct error *err)
{
    return find_each((sqlite_unit *)unit, ids, count, orders, NULL, found, err);
}

static bool unit_find_records(struct order_store_unit *unit, const struct id ids[], size_t count,
                              struct record records[], bool found[], struct error *err)
{
    return find_each((sqlite_unit *)unit, ids, count, NULL, records, found, err);
}

/* --- Reading. --- */

static bool store_get_order(struct order_store *store, const struct id *id, struct order *order,
                            bool *found, struct error *err)
{
    struct sqlite_pool *pool = of(store)->pool;
    struct sqlite_session *session = sqlite_read_begin(pool, err);

    if (!session)
        return false;
    bool read = find_one(session->statements[FIND_ORDER], id, (struct target){ .order = order },
                         found, err);
    sqlite_read_end(pool, session);
    return read;
}

static int bind_query(sqlite3_stmt *statement, const struct order_query *query)
{
    int code = sqlite_bind_id(statement, 1, &query->user_id);

    if (code == SQLITE_OK)
        code = sqlite3_bind_int64(statement, 2, query->after.date);
    if (code == SQLITE_OK)
        code = sqlite_bind_id(statement, 3, &query->after.id);
    if (code == SQLITE_OK)
        code = sqlite3_bind_int64(statement, 4, (sqlite3_int64)query->limit);
    if (code == SQLITE_OK && query->with_status)
        code = sqlite3_bind_int(statement, 5, (int)query->status);
    return code;
}

static bool read_page(sqlite3_stmt *statement, const struct order_query *query,
                      struct order orders[], size_t *count, struct error *err)
{
    int code = bind_query(statement, query);
    size_t read = 0;

    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    for (; code == SQLITE_ROW; code = sqlite3_step(statement))
        if (!order_read(statement, &orders[read++], err))
            return false;
    if (code != SQLITE_DONE)
        return sqlite_failed(sqlite3_db_handle(statement), code, "cannot list", err);
    *count = read;
    return true;
}

static bool store_list_orders(struct order_store *store, const struct order_query *query,
                              struct order orders[], size_t *count, struct error *err)
{
    struct sqlite_pool *pool = of(store)->pool;
    struct sqlite_session *session = sqlite_read_begin(pool, err);

    if (!session)
        return false;
    enum order_statement which = query->with_status ? LIST_ORDERS_IN_STATUS : LIST_ORDERS;
    bool read = read_page(session->statements[which], query, orders, count, err);
    sqlite_read_end(pool, session); /* resets the statement */
    return read;
}

/* --- Opening. --- */

static const struct order_store_functions functions = {
    .close = store_close,
    .now = store_now,
    .flushes = store_flushes,
    .begin = store_begin,
    .commit = unit_commit,
    .rollback = unit_rollback,
    .add_records = unit_add_records,
    .add_orders = unit_add_orders,
    .find_orders = unit_find_orders,
    .find_records = unit_find_records,
    .get_order = store_get_order,
    .list_orders = store_list_orders,
    .claim = outbox_claim,
    .confirm_orders = outbox_confirm_orders,
    .confirm_records = outbox_confirm_records,
    .release = outbox_release,
    .park = outbox_park,
    .purge = outbox_purge,
    .stats = outbox_stats,
    .probe = outbox_probe,
};

struct order_store *order_store_sqlite_open(const char *path, const struct clock *clock,
                                            struct error *err)
{
    AUTO(memory) char *own_path = strdup(path);
    AUTO(memory) struct order_store_sqlite *self = calloc(1, sizeof *self);

    if (!self || !own_path) {
        error_set(err, ERR_NO_MEMORY, 0, "%s", path);
        return NULL;
    }
    struct sqlite_options options = order_tables;
    options.path = own_path;
    self->pool = sqlite_pool_open(&options, err);
    if (!self->pool)
        return NULL;
    self->store.functions = &functions;
    self->clock = clock;
    self->path = STEAL(own_path);
    return &STEAL(self)->store;
}
