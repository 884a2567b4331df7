/* A user and a session as rows of the SQLite store: columns, binding, reading back. */
#ifndef STORE_USER_ROWS_SQLITE_H
#define STORE_USER_ROWS_SQLITE_H

#include <stdbool.h>
#include "store/sqlite.h"
#include "store/user_store.h"
#include "user.h"

/* Of `users u`, in the order in which they are read. */
#define ACCOUNT_COLUMNS                                                                            \
    "u.id, u.username, u.first_name, u.last_name, u.email, u.phone, u.photo, u.role, u.active,"    \
    " u.version, u.password, u.epoch, u.created_at"
/* Of `sessions s`. */
#define SESSION_COLUMNS                                                                            \
    "s.id, s.user_id, s.epoch, s.current, s.parent, s.rotated_at, s.created_at, s.expires_at,"     \
    " s.older"

/* Binds what a statement needs; gives SQLite's code. */
typedef int bind_function(sqlite3_stmt *statement, const void *what);

/* For a statement without parameters. */
int bind_nothing(sqlite3_stmt *statement, const void *nothing);

/* ?1: a struct id. */
int bind_id(sqlite3_stmt *statement, const void *id);

/* ?1: a struct user_key. */
int bind_user_key(sqlite3_stmt *statement, const void *key);

/* A struct account: ?1 to ?13 in the order of ACCOUNT_COLUMNS, ?14 the username's and ?15 the
 * e-mail's key. */
int bind_account(sqlite3_stmt *statement, const void *account);

/* A struct session: in the order of SESSION_COLUMNS. */
int bind_session(sqlite3_stmt *statement, const void *session);

/* A struct rotation: session, from, to, rotated_at, expires_at, older. */
int bind_rotation(sqlite3_stmt *statement, const void *rotation);

struct password_change {
    const struct id *id;
    const struct password_hash *from, *to;
};

/* A struct password_change: id, from, to. */
int bind_password_change(sqlite3_stmt *statement, const void *change);

/* Reads the row that a statement is at. False: no memory, or not what was written. */
typedef bool read_function(sqlite3_stmt *row, void *out);

/* ACCOUNT_COLUMNS -> a struct account. */
bool read_account(sqlite3_stmt *row, void *account);

struct session_and_account {
    struct session session;
    struct account account;
};

/* ACCOUNT_COLUMNS, SESSION_COLUMNS -> a struct session_and_account. */
bool read_session_and_account(sqlite3_stmt *row, void *both);

#endif
