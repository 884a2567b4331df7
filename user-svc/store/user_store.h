/* The port to where users and sessions live. Two adapters, SQLite and MongoDB, pass one suite.
 *
 * Every write is one step: it happened whole and is durable, or it did not happen. No step spans
 * two calls, and only add_user touches more than one document (a user and its two names).
 *
 * How add_user is one step where only single documents are atomic and only `_id` is unique:
 *   1. insert name {_id: key, userId} for the username, then for the e-mail;
 *   2. insert the user {_id: userId, …}: from then on it is there.
 * A name that is there already: its user is there too: taken. It is not: whoever claimed the name
 * died between 1 and 2, or is slow. Insert a tombstone as that user's document: now it can never
 * come; then take the name over by a conditional update on its userId. The tombstone fails as a
 * duplicate: the user has just come: taken. A claim that led to nothing is deleted the same way,
 * by whom it belongs to. Each step is safe to repeat and none depends on time.
 *
 * Any thread may use a store. Functions that return false leave their outputs untouched and fill
 * `err`: ERR_UNAVAILABLE (not done), ERR_UNKNOWN (it may be done), ERR_NO_MEMORY, ERR_BUG. */
#ifndef STORE_USER_STORE_H
#define STORE_USER_STORE_H

#include <stdbool.h>
#include <stdint.h>
#include "base/auto.h"
#include "base/clock.h"
#include "base/error.h"
#include "user.h"

struct user_store; /* an adapter begins with this */

enum add_user_outcome {
    USER_ADDED,
    USER_NAME_TAKEN, /* the username's or the e-mail's key belongs to another user */
};

/* From `from` to `to`, only if the session's current digest is still `from`. `older` is the whole
 * new value of the session's: it never changes without the digest, so what was read with `from` is
 * what it is made of. */
struct rotation {
    struct id session_id;
    struct digest from, to;
    int64_t rotated_at;
    int64_t expires_at;
    struct used_token older[USED_TOKENS_KEPT - 1];
};

enum rotate_outcome {
    SESSION_ROTATED,
    SESSION_MOVED_ON, /* another rotation was first, or the session is over: read it again */
};

struct user_store_functions {
    void (*close)(struct user_store *store);
    int64_t (*now)(struct user_store *store);

    bool (*add_user)(struct user_store *store, const struct account *account,
                     enum add_user_outcome *outcome, struct error *err);
    bool (*get_account)(struct user_store *store, const struct id *id, struct account *account,
                        bool *found, struct error *err);
    bool (*find_account)(struct user_store *store, const struct user_key *key,
                         struct account *account, bool *found, struct error *err);
    bool (*replace_password)(struct user_store *store, const struct id *id,
                             const struct password_hash *from, const struct password_hash *to,
                             struct error *err);

    bool (*add_session)(struct user_store *store, const struct session *session, struct error *err);
    bool (*get_session)(struct user_store *store, const struct id *id, struct session *session,
                        struct account *account, bool *found, struct error *err);
    bool (*rotate_session)(struct user_store *store, const struct rotation *rotation,
                           enum rotate_outcome *outcome, struct error *err);
    bool (*end_session)(struct user_store *store, const struct id *id, struct error *err);

    bool (*probe)(struct user_store *store, struct error *err);
};

struct user_store {
    const struct user_store_functions *functions;
};

/* NULL is fine. */
void user_store_close(struct user_store *store);
AUTO_DEFINE(user_store, struct user_store *, user_store_close);

/* The store's clock, the same for all replicas: what sessions begin, rotate and expire by. */
int64_t user_store_now(struct user_store *store);

/* --- Users. --- */

/* Adds the user under its two keys, user_key_of() its username and its e-mail. */
bool user_store_add_user(struct user_store *store, const struct account *account,
                         enum add_user_outcome *outcome, struct error *err) MUST_USE;

bool user_store_get_account(struct user_store *store, const struct id *id, struct account *account,
                            bool *found, struct error *err) MUST_USE;

/* By a username's or an e-mail's key. */
bool user_store_find_account(struct user_store *store, const struct user_key *key,
                             struct account *account, bool *found, struct error *err) MUST_USE;

/* The same password at another cost: only if the hash is still `from`, for meanwhile the password
 * itself may have changed; then nothing is done and that is fine. */
bool user_store_replace_password(struct user_store *store, const struct id *id,
                                 const struct password_hash *from, const struct password_hash *to,
                                 struct error *err) MUST_USE;

/* --- Sessions. --- */

bool user_store_add_session(struct user_store *store, const struct session *session,
                            struct error *err) MUST_USE;

/* The session and whose it is; not found when either is gone. Whether it lives (epoch, expiry,
 * active) is for the caller to say. */
bool user_store_get_session(struct user_store *store, const struct id *id, struct session *session,
                            struct account *account, bool *found, struct error *err) MUST_USE;

/* The one step that gives out a child: current becomes parent, `to` becomes current, the rotation's
 * `older` (those with used_at 0 need not be kept) becomes the session's. */
bool user_store_rotate_session(struct user_store *store, const struct rotation *rotation,
                               enum rotate_outcome *outcome, struct error *err) MUST_USE;

/* Ended or not there: both fine. */
bool user_store_end_session(struct user_store *store, const struct id *id, struct error *err)
    MUST_USE;

/* --- Health. --- */

/* A small durable write that changes nothing anybody sees: does the store take writes (again)? */
bool user_store_probe(struct user_store *store, struct error *err) MUST_USE;

/* --- Adapters. --- */

/* `path` of the SQLite file; made and migrated when it is not there. `clock` and `path` are
 * borrowed. NULL: ERR_CONFIG, ERR_UNAVAILABLE, ERR_NO_MEMORY. */
struct user_store *user_store_sqlite_open(const char *path, const struct clock *clock,
                                          struct error *err) MUST_USE;

/* `uri`: mongodb://…; the database is the one that it names, else `users`. `clock` is borrowed.
 * NULL: the same. */
struct user_store *user_store_mongo_open(const char *uri, const struct clock *clock,
                                         struct error *err) MUST_USE;

#endif
