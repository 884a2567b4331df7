/* How SQLite means to run a statement: a promise of speed that a test can keep. */
#ifndef UNIT_SUPPORT_SQLITE_PLAN_H
#define UNIT_SUPPORT_SQLITE_PLAN_H

#include "unit/support/tests.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

/* All steps of the plan in one text. */
static inline void read_plan(sqlite3 *db, const char *sql, char *plan, size_t size)
{
    char explain[1024];
    sqlite3_stmt *statement = NULL;
    size_t used = 0;

    snprintf(explain, sizeof explain, "EXPLAIN QUERY PLAN %s", sql);
    assert_int_equal(sqlite3_prepare_v2(db, explain, -1, &statement, NULL), SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW && used < size)
        used += (size_t)snprintf(plan + used, size - used, "%s\n",
                                 (const char *)sqlite3_column_text(statement, 3));
    sqlite3_finalize(statement);
    assert_true(used > 0 && used < size);
}

/* In the database at `path`: by what `uses` says, without reading or sorting a whole table. */
static inline void assert_goes_by_index(const char *path, const char *sql, const char *uses)
{
    sqlite3 *db = NULL;
    char plan[1024];

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    read_plan(db, sql, plan, sizeof plan);
    if (!strstr(plan, uses) || strstr(plan, "SCAN") || strstr(plan, "TEMP B-TREE"))
        fail_msg("%s", plan);
    sqlite3_close(db);
}

#endif
