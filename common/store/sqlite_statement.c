/* What adapters need at their statements: binding and reading our types. */
#include "store/sqlite.h"

#include <string.h>

int sqlite_run(sqlite3_stmt *statement)
{
    int code = sqlite3_step(statement);
    sqlite3_reset(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

int sqlite_first_failure(const int codes[])
{
    for (; *codes != -1; codes++)
        if (*codes != SQLITE_OK)
            return *codes;
    return SQLITE_OK;
}

int sqlite_bind_text(sqlite3_stmt *statement, int index, const char *text)
{
    return sqlite3_bind_text(statement, index, text, -1, SQLITE_STATIC);
}

int sqlite_bind_id(sqlite3_stmt *statement, int index, const struct id *id)
{
    return sqlite3_bind_blob(statement, index, id->bytes, ID_BYTES, SQLITE_STATIC);
}

bool sqlite_column_string(sqlite3_stmt *row, int column, char *out, size_t size)
{
    const unsigned char *text = sqlite3_column_text(row, column);
    const size_t length = (size_t)sqlite3_column_bytes(row, column);

    if (!text || length >= size)
        return false;
    memcpy(out, text, length + 1);
    return true;
}

bool sqlite_column_id(sqlite3_stmt *row, int column, struct id *out)
{
    const void *bytes = sqlite3_column_blob(row, column);

    if (!bytes || sqlite3_column_bytes(row, column) != ID_BYTES)
        return false;
    memcpy(out->bytes, bytes, ID_BYTES);
    return true;
}

bool sqlite_unreadable(sqlite3_stmt *row, struct error *err)
{
    sqlite3 *db = sqlite3_db_handle(row);

    if (sqlite3_errcode(db) == SQLITE_NOMEM)
        return sqlite_failed(db, SQLITE_NOMEM, "cannot read a row", err);
    return error_set(err, ERR_BUG, 0, "a row is not as it was written");
}
