/* The tables of user-svc on SQLite: schema, statements, and how a statement is run. Shared by the
 * rooms of the adapter: user_store_sqlite.c (opening, sessions), user_accounts_sqlite.c,
 * user_counters_sqlite.c, user_recoveries_sqlite.c, user_audit_sqlite.c (and the sweeper). */
#ifndef STORE_USER_TABLES_SQLITE_H
#define STORE_USER_TABLES_SQLITE_H

#include <stdbool.h>
#include <stddef.h>
#include "base/clock.h"
#include "base/error.h"
#include "store/sqlite.h"
#include "store/user_store.h"

enum user_statement {
    ADD_USER,
    GET_ACCOUNT,
    FIND_ACCOUNT,
    PUT_ACCOUNT,
    IS_AS_READ,
    DELETE_ACCOUNT,
    END_SESSIONS_OF,
    HAS_ADMIN,
    LIST_USERS,
    LIST_USERS_OF_ROLE,
    LIST_USERS_BY_ACTIVE,
    LIST_USERS_NAMED,
    ADD_SESSION,
    GET_SESSION,
    ROTATE_SESSION,
    END_SESSION,
    END_SESSION_AS_READ,
    GET_COUNTER,
    ADD_COUNTER,
    PUT_COUNTER,
    DELETE_COUNTER,
    ADD_RECOVERY,
    CLAIM_RECOVERY,
    POSTPONE_RECOVERY,
    DELETE_RECOVERY,
    ADD_AUDIT,
    LIST_AUDIT,
    LIST_AUDIT_OF_USER,
    SWEEP_SESSIONS_TABLE,
    SWEEP_COUNTERS_TABLE,
    SWEEP_AUDIT_TABLE,
    PROBE,
    USER_STATEMENT_COUNT,
};

extern const struct sqlite_options user_tables; /* without a path */

struct user_store_sqlite {
    struct user_store base;
    struct sqlite_options options;
    struct sqlite_pool *pool;
    const struct clock *clock;
};

/* --- Running a statement. --- */

/* Binds what a statement needs; gives SQLite's code. */
typedef int bind_function(sqlite3_stmt *statement, const void *what);

/* Reads the row that a statement is at. False: sqlite_unreadable() tells why. */
typedef bool read_function(sqlite3_stmt *row, void *out);

/* Within a transaction of the caller's. `changed`: how many rows the write changed; `read` takes
 * the row, if there is one (NULL: only whether there is). */
bool user_tables_change(struct sqlite_session *session, enum user_statement which,
                        bind_function *bind, const void *what, int *changed, struct error *err);
bool user_tables_find(struct sqlite_session *session, enum user_statement which,
                      bind_function *bind, const void *what, read_function *read, void *out,
                      bool *found, struct error *err);

/* Begins it; ends it: commits what is `done`, else undoes it and returns false. */
struct sqlite_session *user_tables_begin(struct user_store *store, struct error *err);
bool user_tables_end(struct user_store *store, struct sqlite_session *session, bool done,
                     struct error *err);

/* The same as transactions of their own. */
bool user_tables_write(struct user_store *store, enum user_statement which, bind_function *bind,
                       const void *what, int *changed, struct error *err);
bool user_tables_read(struct user_store *store, enum user_statement which, bind_function *bind,
                      const void *what, read_function *read, void *out, bool *found,
                      struct error *err);

/* All rows, into an array with room for them of elements of `size`. */
bool user_tables_list(struct user_store *store, enum user_statement which, bind_function *bind,
                      const void *what, read_function *read, void *rows, size_t size, size_t *count,
                      struct error *err);

/* --- The rooms' parts of the port. --- */

bool accounts_sqlite_add(struct user_store *store, const struct account *account,
                         enum add_user_outcome *outcome, struct error *err);
bool accounts_sqlite_get(struct user_store *store, const struct id *id, struct account *account,
                         bool *found, struct error *err);
bool accounts_sqlite_find(struct user_store *store, const struct user_key *key,
                          struct account *account, bool *found, struct error *err);
bool accounts_sqlite_put(struct user_store *store, const struct account *from,
                         const struct account *to, enum put_account_outcome *outcome,
                         struct error *err);
bool accounts_sqlite_delete(struct user_store *store, const struct account *from,
                            enum put_account_outcome *outcome, struct error *err);
bool accounts_sqlite_list(struct user_store *store, const struct user_query *query,
                          struct user users[], size_t *count, struct error *err);
bool accounts_sqlite_has_admin(struct user_store *store, bool *has, struct error *err);

bool counters_sqlite_get(struct user_store *store, const struct digest *key,
                         struct counter *counter, struct error *err);
bool counters_sqlite_put(struct user_store *store, const struct digest *key,
                         const struct counter *from, const struct counter *to, bool *put,
                         struct error *err);
bool counters_sqlite_delete(struct user_store *store, const struct digest *key, struct error *err);

bool recoveries_sqlite_add(struct user_store *store, const struct recovery *recovery,
                           struct error *err);
bool recoveries_sqlite_claim(struct user_store *store, const struct id *claim, int64_t now,
                             int64_t lease_until, struct recovery *recovery, bool *found,
                             struct error *err);
bool recoveries_sqlite_postpone(struct user_store *store, const struct id *id,
                                const struct id *claim, int64_t due_at, struct error *err);
bool recoveries_sqlite_delete(struct user_store *store, const struct id *id, const struct id *claim,
                              struct error *err);

bool audit_sqlite_add(struct user_store *store, const struct audit_event *event, struct error *err);
bool audit_sqlite_list(struct user_store *store, const struct audit_query *query,
                       struct audit_event events[], size_t *count, struct error *err);
bool audit_sqlite_sweep(struct user_store *store, enum sweep what, int64_t before, size_t limit,
                        size_t *deleted, struct error *err);

#endif
