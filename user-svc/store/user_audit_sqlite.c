/* The audit log, and the sweeping of what has had its time. */
#include "store/user_rows_sqlite.h"
#include "store/user_tables_sqlite.h"

/* NULL where there is none. */
static int bind_maybe_id(sqlite3_stmt *statement, int index, bool has, const struct id *id)
{
    return has ? sqlite_bind_id(statement, index, id) : sqlite3_bind_null(statement, index);
}

static bool read_maybe_id(sqlite3_stmt *row, int column, bool *has, struct id *id)
{
    *has = sqlite3_column_type(row, column) != SQLITE_NULL;
    return !*has || sqlite_column_id(row, column, id);
}

static int bind_event(sqlite3_stmt *statement, const void *what)
{
    const struct audit_event *event = what;

    return SQLITE_FIRST_FAILURE(sqlite3_bind_int64(statement, 1, event->date),
                                sqlite_bind_id(statement, 2, &event->id),
                                bind_maybe_id(statement, 3, event->has_actor, &event->actor),
                                bind_maybe_id(statement, 4, event->has_target, &event->target),
                                sqlite_bind_text(statement, 5, event->action),
                                sqlite_bind_text(statement, 6, event->outcome),
                                sqlite_bind_text(statement, 7, event->source.text));
}

static bool read_event(sqlite3_stmt *row, void *out)
{
    struct audit_event event = { .date = sqlite3_column_int64(row, 0) };

    if (!sqlite_column_id(row, 1, &event.id) ||
        !read_maybe_id(row, 2, &event.has_actor, &event.actor) ||
        !read_maybe_id(row, 3, &event.has_target, &event.target) ||
        !sqlite_column_string(row, 4, event.action, sizeof event.action) ||
        !sqlite_column_string(row, 5, event.outcome, sizeof event.outcome) ||
        !sqlite_column_string(row, 6, event.source.text, sizeof event.source.text))
        return false;
    *(struct audit_event *)out = event;
    return true;
}

bool audit_sqlite_add(struct user_store *store, const struct audit_event *event, struct error *err)
{
    int changed = 0;

    return user_tables_write(store, ADD_AUDIT, bind_event, event, &changed, err);
}

/* A struct audit_query: date and id that all come before, limit, user. */
static int bind_query(sqlite3_stmt *statement, const void *what)
{
    const struct audit_query *query = what;

    return SQLITE_FIRST_FAILURE(
        sqlite3_bind_int64(statement, 1, query->has_before ? query->before_date : INT64_MAX),
        sqlite_bind_id(statement, 2, &query->before_id),
        sqlite3_bind_int64(statement, 3, (sqlite3_int64)query->limit),
        query->by_user ? sqlite_bind_id(statement, 4, &query->user) : SQLITE_OK);
}

bool audit_sqlite_list(struct user_store *store, const struct audit_query *query,
                       struct audit_event events[], size_t *count, struct error *err)
{
    return user_tables_list(store, query->by_user ? LIST_AUDIT_OF_USER : LIST_AUDIT, bind_query,
                            query, read_event, events, sizeof *events, count, err);
}

/* --- Sweeping. --- */

static const enum user_statement sweeps[] = {
    [SWEEP_SESSIONS] = SWEEP_SESSIONS_TABLE,
    [SWEEP_COUNTERS] = SWEEP_COUNTERS_TABLE,
    [SWEEP_AUDIT] = SWEEP_AUDIT_TABLE,
};

struct sweeping {
    int64_t before;
    size_t limit;
};

static int bind_sweeping(sqlite3_stmt *statement, const void *what)
{
    const struct sweeping *sweeping = what;

    return SQLITE_FIRST_FAILURE(sqlite3_bind_int64(statement, 1, sweeping->before),
                                sqlite3_bind_int64(statement, 2, (sqlite3_int64)sweeping->limit));
}

bool audit_sqlite_sweep(struct user_store *store, enum sweep what, int64_t before, size_t limit,
                        size_t *deleted, struct error *err)
{
    const struct sweeping sweeping = { before, limit };
    int changed = 0;

    if (!user_tables_write(store, sweeps[what], bind_sweeping, &sweeping, &changed, err))
        return false;
    *deleted = (size_t)changed;
    return true;
}
