/* What the tables hold as rows: columns; users and sessions bound and read back. */
#ifndef STORE_USER_ROWS_SQLITE_H
#define STORE_USER_ROWS_SQLITE_H

#include <stdbool.h>
#include "store/user_tables_sqlite.h"

/* Of `users u`, in the order in which they are read: what clients see, and the whole. */
#define USER_COLUMNS                                                                               \
    "u.id, u.username, u.first_name, u.last_name, u.email, u.phone, u.photo, u.role, u.active,"    \
    " u.version"
#define ACCOUNT_COLUMNS                                                                            \
    USER_COLUMNS ", u.password, u.epoch, u.created_at, u.revision, u.reset_digest,"                \
                 " u.reset_requested_at, u.reset_expires_at"
/* Of `sessions s`. */
#define SESSION_COLUMNS                                                                            \
    "s.id, s.user_id, s.epoch, s.current, s.parent, s.rotated_at, s.created_at, s.expires_at,"     \
    " s.older"

/* Of the other tables. */
#define COUNTER_COLUMNS  "revision, count, since, blocked_until, expires_at"
#define RECOVERY_COLUMNS "id, email, created_at, due_at, attempts"
#define AUDIT_COLUMNS    "date, id, actor, target, action, outcome, source"

/* For a statement without parameters. */
int bind_nothing(sqlite3_stmt *statement, const void *nothing);

/* ?1: a struct id. */
int bind_id(sqlite3_stmt *statement, const void *id);

/* ?1: a struct user_key. */
int bind_user_key(sqlite3_stmt *statement, const void *key);

int bind_digest(sqlite3_stmt *statement, int index, const struct digest *digest);

/* A struct account: ?1 to ?17 in the order of ACCOUNT_COLUMNS, ?18 the username's and ?19 the
 * e-mail's key. */
int bind_account(sqlite3_stmt *statement, const void *account);

/* A struct session: in the order of SESSION_COLUMNS. */
int bind_session(sqlite3_stmt *statement, const void *session);

/* A struct rotation: session, from, to, rotated_at, expires_at, older. */
int bind_rotation(sqlite3_stmt *statement, const void *rotation);

/* USER_COLUMNS -> a struct user. */
bool read_user(sqlite3_stmt *row, void *user);

/* ACCOUNT_COLUMNS -> a struct account. */
bool read_account(sqlite3_stmt *row, void *account);

struct session_and_account {
    struct session session;
    struct account account;
};

/* ACCOUNT_COLUMNS, SESSION_COLUMNS -> a struct session_and_account. */
bool read_session_and_account(sqlite3_stmt *row, void *both);

#endif
