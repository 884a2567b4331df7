/* Counters: a row a key, changed only as it was read. */
#include "store/user_rows_sqlite.h"
#include "store/user_tables_sqlite.h"

static int bind_key(sqlite3_stmt *statement, const void *key)
{
    return bind_digest(statement, 1, key);
}

static bool read_counter(sqlite3_stmt *row, void *out)
{
    *(struct counter *)out = (struct counter){
        .revision = (uint32_t)sqlite3_column_int64(row, 0),
        .count = (uint32_t)sqlite3_column_int64(row, 1),
        .since = sqlite3_column_int64(row, 2),
        .blocked_until = sqlite3_column_int64(row, 3),
        .expires_at = sqlite3_column_int64(row, 4),
    };
    return true;
}

bool counters_sqlite_get(struct user_store *store, const struct digest *key,
                         struct counter *counter, struct error *err)
{
    struct counter read = { 0 };
    bool found = false;

    if (!user_tables_read(store, GET_COUNTER, bind_key, key, read_counter, &read, &found, err))
        return false;
    *counter = read;
    return true;
}

struct counter_change {
    const struct digest *key;
    const struct counter *from, *to;
};

/* A struct counter_change: the key and what the counter becomes. */
static int bind_new(sqlite3_stmt *statement, const void *what)
{
    const struct counter_change *change = what;
    const struct counter *to = change->to;

    return SQLITE_FIRST_FAILURE(bind_digest(statement, 1, change->key),
                                sqlite3_bind_int64(statement, 2, to->count),
                                sqlite3_bind_int64(statement, 3, to->since),
                                sqlite3_bind_int64(statement, 4, to->blocked_until),
                                sqlite3_bind_int64(statement, 5, to->expires_at));
}

/* And what it was. */
static int bind_change(sqlite3_stmt *statement, const void *what)
{
    const struct counter *from = ((const struct counter_change *)what)->from;

    return SQLITE_FIRST_FAILURE(bind_new(statement, what),
                                sqlite3_bind_int64(statement, 6, from->revision),
                                sqlite3_bind_int64(statement, 7, from->count),
                                sqlite3_bind_int64(statement, 8, from->since),
                                sqlite3_bind_int64(statement, 9, from->blocked_until),
                                sqlite3_bind_int64(statement, 10, from->expires_at));
}

bool counters_sqlite_put(struct user_store *store, const struct digest *key,
                         const struct counter *from, const struct counter *to, bool *put,
                         struct error *err)
{
    const struct counter_change change = { key, from, to };
    const bool is_new = from->revision == 0;
    int changed = 0;

    if (!user_tables_write(store, is_new ? ADD_COUNTER : PUT_COUNTER,
                           is_new ? bind_new : bind_change, &change, &changed, err))
        return false;
    *put = changed == 1;
    return true;
}

bool counters_sqlite_delete(struct user_store *store, const struct digest *key, struct error *err)
{
    int changed = 0;

    return user_tables_write(store, DELETE_COUNTER, bind_key, key, &changed, err);
}
