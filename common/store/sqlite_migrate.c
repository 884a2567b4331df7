/* The schema and its version.
 *
 * One row says which version made the schema and which is the oldest program that still runs on it.
 * BEGIN IMMEDIATE keeps other processes out, so whoever comes second finds the work done. */
#include "store/sqlite_session.h"

static const char make_version_table[] = "CREATE TABLE IF NOT EXISTS schema_version ("
                                         " one INTEGER PRIMARY KEY CHECK (one = 1),"
                                         " version INTEGER NOT NULL,"
                                         " oldest_reader INTEGER NOT NULL) STRICT";
static const char read_version[] = "SELECT version, oldest_reader FROM schema_version";
static const char write_version[] = "INSERT OR REPLACE INTO schema_version VALUES (1, ?, ?)";

struct schema_version {
    sqlite3_int64 version; /* 0: a fresh file */
    sqlite3_int64 oldest_reader;
};

static bool migration_failed(sqlite3 *db, int code, struct error *err)
{
    return sqlite_failed(db, code, "cannot migrate", err);
}

static bool read_schema(sqlite3 *db, struct schema_version *out, struct error *err)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_exec(db, make_version_table, NULL, NULL, NULL);

    if (code == SQLITE_OK)
        code = sqlite3_prepare_v2(db, read_version, -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        out->version = sqlite3_column_int64(statement, 0);
        out->oldest_reader = sqlite3_column_int64(statement, 1);
    }
    sqlite3_finalize(statement);
    return code == SQLITE_ROW || code == SQLITE_DONE || migration_failed(db, code, err);
}

static bool write_schema(sqlite3 *db, const struct sqlite_options *options, struct error *err)
{
    size_t count = options->migration_count;
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(db, write_version, -1, &statement, NULL);

    if (code == SQLITE_OK)
        code = sqlite3_bind_int64(statement, 1, (sqlite3_int64)count);
    if (code == SQLITE_OK)
        code = sqlite3_bind_int64(statement, 2, options->migrations[count - 1].oldest_reader);
    if (code == SQLITE_OK)
        code = sqlite_run(statement);
    sqlite3_finalize(statement);
    return code == SQLITE_OK || migration_failed(db, code, err);
}

/* Everything inside the transaction. */
static bool apply(sqlite3 *db, const struct sqlite_options *options, struct error *err)
{
    sqlite3_int64 ours = (sqlite3_int64)options->migration_count;
    struct schema_version schema = { 0 };

    if (!read_schema(db, &schema, err))
        return false;
    if (schema.oldest_reader > ours)
        return error_set(err, ERR_CONFIG, 0,
                         "%s has schema version %lld, which needs a program of version %lld or "
                         "later; this one is %lld",
                         options->path, schema.version, schema.oldest_reader, ours);
    if (schema.version >= ours)
        return true;
    for (sqlite3_int64 i = schema.version; i < ours; i++) {
        int code = sqlite3_exec(db, options->migrations[i].sql, NULL, NULL, NULL);
        if (code != SQLITE_OK)
            return migration_failed(db, code, err);
    }
    return write_schema(db, options, err);
}

bool sqlite_migrate(struct sqlite_connection *connection, const struct sqlite_options *options,
                    struct error *err)
{
    sqlite3 *db = connection->session.db;
    int code = sqlite_run(connection->begin);

    if (code != SQLITE_OK)
        return migration_failed(db, code, err);
    /* On false the connection is closed, which rolls back. */
    if (!apply(db, options, err))
        return false;
    connection->committing = true;
    code = sqlite_run(connection->commit);
    connection->committing = false;
    return code == SQLITE_OK || migration_failed(db, code, err);
}
