/* The port to where users and sessions live. Two adapters, SQLite and MongoDB, pass one suite.
 *
 * Every write is one step: it happened whole and is durable, or it did not happen. No step spans
 * two calls. An account changes by compare and swap of the whole: read it, change the copy, put it;
 * when another was faster, read again.
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

enum put_account_outcome {
    ACCOUNT_PUT,
    ACCOUNT_MOVED_ON,   /* it was changed or deleted since it was read: read it again */
    ACCOUNT_NAME_TAKEN, /* the new username or e-mail belongs to another user */
    ACCOUNT_LAST_ADMIN, /* no other active admin would be left */
};

/* By id, in ascending order. */
struct user_query {
    bool has_after;
    struct id after; /* users behind that one */
    bool by_role, by_active, by_username;
    enum role role;
    bool active;
    struct user_key username; /* the user with exactly this name */
    size_t limit;
};

/* Newest first, by date and then id. */
struct audit_query {
    bool has_before;
    int64_t before_date; /* events behind this one, in that order */
    struct id before_id;
    bool by_user;
    struct id user; /* as actor or target */
    size_t limit;
};

enum sweep {
    SWEEP_SESSIONS, /* by expires_at */
    SWEEP_COUNTERS, /* by expires_at */
    SWEEP_AUDIT,    /* by date */
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
    bool (*put_account)(struct user_store *store, const struct account *from,
                        const struct account *to, enum put_account_outcome *outcome,
                        struct error *err);
    bool (*delete_account)(struct user_store *store, const struct account *from,
                           enum put_account_outcome *outcome, struct error *err);
    bool (*list_users)(struct user_store *store, const struct user_query *query,
                       struct user users[], size_t *count, struct error *err);
    bool (*has_admin)(struct user_store *store, bool *has, struct error *err);

    bool (*add_session)(struct user_store *store, const struct session *session, struct error *err);
    bool (*get_session)(struct user_store *store, const struct id *id, struct session *session,
                        struct account *account, bool *found, struct error *err);
    bool (*rotate_session)(struct user_store *store, const struct rotation *rotation,
                           enum rotate_outcome *outcome, struct error *err);
    bool (*end_session)(struct user_store *store, const struct id *id, struct error *err);
    bool (*end_session_as_read)(struct user_store *store, const struct session *from, bool *ended,
                                struct error *err);

    bool (*get_counter)(struct user_store *store, const struct digest *key, struct counter *counter,
                        struct error *err);
    bool (*put_counter)(struct user_store *store, const struct digest *key,
                        const struct counter *from, const struct counter *to, bool *put,
                        struct error *err);
    bool (*delete_counter)(struct user_store *store, const struct digest *key, struct error *err);

    bool (*add_recovery)(struct user_store *store, const struct recovery *recovery,
                         struct error *err);
    bool (*claim_recovery)(struct user_store *store, const struct id *claim, int64_t now,
                           int64_t lease_until, struct recovery *recovery, bool *found,
                           struct error *err);
    bool (*postpone_recovery)(struct user_store *store, const struct id *id, const struct id *claim,
                              int64_t due_at, struct error *err);
    bool (*delete_recovery)(struct user_store *store, const struct id *id, const struct id *claim,
                            struct error *err);

    bool (*add_audit)(struct user_store *store, const struct audit_event *event, struct error *err);
    bool (*list_audit)(struct user_store *store, const struct audit_query *query,
                       struct audit_event events[], size_t *count, struct error *err);
    bool (*sweep)(struct user_store *store, enum sweep what, int64_t before, size_t limit,
                  size_t *deleted, struct error *err);

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

/* Adds the user under its two keys, user_key_of() its username and its e-mail; its revision becomes
 * 1. An active admin counts as one from then on. */
bool user_store_add_user(struct user_store *store, const struct account *account,
                         enum add_user_outcome *outcome, struct error *err) MUST_USE;

bool user_store_get_account(struct user_store *store, const struct id *id, struct account *account,
                            bool *found, struct error *err) MUST_USE;

/* By a username's or an e-mail's key. */
bool user_store_find_account(struct user_store *store, const struct user_key *key,
                             struct account *account, bool *found, struct error *err) MUST_USE;

/* Replaces the account that was read as `from`, only if its revision is still that one's; `to` has
 * the same id, and its revision becomes from->revision + 1. Names, if they change, are claimed
 * first and the old ones freed. An account that is an active admin can only cease to be one, or
 * be deleted, while another active admin is left, whatever else happens at the same time. */
bool user_store_put_account(struct user_store *store, const struct account *from,
                            const struct account *to, enum put_account_outcome *outcome,
                            struct error *err) MUST_USE;

/* Deletes the account that was read as `from`, with its names and sessions, on the same conditions.
 */
bool user_store_delete_account(struct user_store *store, const struct account *from,
                               enum put_account_outcome *outcome, struct error *err) MUST_USE;

/* Room for query->limit users. Each user that is there all the while comes on exactly one page. */
bool user_store_list_users(struct user_store *store, const struct user_query *query,
                           struct user users[], size_t *count, struct error *err) MUST_USE;

/* Whether there is an active admin. */
bool user_store_has_admin(struct user_store *store, bool *has, struct error *err) MUST_USE;

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

/* Only if its current digest is still the one that was read. Not `ended`: it moved on or is over
 * already, read it again. */
bool user_store_end_session_as_read(struct user_store *store, const struct session *from,
                                    bool *ended, struct error *err) MUST_USE;

/* --- Counters: limits by time, shared by all replicas. --- */

/* Zeroed when it is not there. */
bool user_store_get_counter(struct user_store *store, const struct digest *key,
                            struct counter *counter, struct error *err) MUST_USE;

/* Only if it is still as it was read, in every member (a counter that was deleted and made anew has
 * the same revisions again); its revision becomes from->revision + 1. */
bool user_store_put_counter(struct user_store *store, const struct digest *key,
                            const struct counter *from, const struct counter *to, bool *put,
                            struct error *err) MUST_USE;

/* There or not: both fine. */
bool user_store_delete_counter(struct user_store *store, const struct digest *key,
                               struct error *err) MUST_USE;

/* --- Recoveries: an outbox, as the one of orders. --- */

bool user_store_add_recovery(struct user_store *store, const struct recovery *recovery,
                             struct error *err) MUST_USE;

/* The one that is due longest, as it is now: from now on it is `claim`'s (an id unique to this
 * call), due at `lease_until`, its attempts counted. Not found: none is due. */
bool user_store_claim_recovery(struct user_store *store, const struct id *claim, int64_t now,
                               int64_t lease_until, struct recovery *recovery, bool *found,
                               struct error *err) MUST_USE;

/* Both change nothing when the recovery is no longer that claim's. */
bool user_store_postpone_recovery(struct user_store *store, const struct id *id,
                                  const struct id *claim, int64_t due_at, struct error *err)
    MUST_USE;
bool user_store_delete_recovery(struct user_store *store, const struct id *id,
                                const struct id *claim, struct error *err) MUST_USE;

/* --- Audit. --- */

bool user_store_add_audit(struct user_store *store, const struct audit_event *event,
                          struct error *err) MUST_USE;

/* Room for query->limit events. */
bool user_store_list_audit(struct user_store *store, const struct audit_query *query,
                           struct audit_event events[], size_t *count, struct error *err) MUST_USE;

/* --- Sweeping. --- */

/* Deletes at most `limit` whose time is before `before`; fewer deleted than that: no more is there.
 */
bool user_store_sweep(struct user_store *store, enum sweep what, int64_t before, size_t limit,
                      size_t *deleted, struct error *err) MUST_USE;

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
