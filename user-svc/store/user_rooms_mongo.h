/* The rooms of the user store on MongoDB: the port's calls, which user_store_mongo.c puts into one
 * table. Each is described in user_store.h. */
#ifndef STORE_USER_ROOMS_MONGO_H
#define STORE_USER_ROOMS_MONGO_H

#include "store/user_store.h"

struct mongo_session;

/* A client for one call; NULL as mongo_begin() says. */
struct mongo_session *user_mongo_begin(struct user_store *store, struct error *err) MUST_USE;

/* --- user_signup_mongo.c --- */

bool user_mongo_add_user(struct user_store *store, const struct account *account,
                         enum add_user_outcome *outcome, struct error *err) MUST_USE;

/* --- user_accounts_mongo.c --- */

bool user_mongo_put_account(struct user_store *store, const struct account *from,
                            const struct account *to, enum put_account_outcome *outcome,
                            struct error *err) MUST_USE;
bool user_mongo_delete_account(struct user_store *store, const struct account *from,
                               enum put_account_outcome *outcome, struct error *err) MUST_USE;

/* --- user_finding_mongo.c --- */

bool user_mongo_get_account(struct user_store *store, const struct id *id, struct account *account,
                            bool *found, struct error *err) MUST_USE;
bool user_mongo_find_account(struct user_store *store, const struct user_key *key,
                             struct account *account, bool *found, struct error *err) MUST_USE;
bool user_mongo_list_users(struct user_store *store, const struct user_query *query,
                           struct user users[], size_t *count, struct error *err) MUST_USE;
bool user_mongo_has_admin(struct user_store *store, bool *has, struct error *err) MUST_USE;

/* --- user_sessions_mongo.c --- */

bool user_mongo_add_session(struct user_store *store, const struct session *session,
                            struct error *err) MUST_USE;
bool user_mongo_get_session(struct user_store *store, const struct id *id, struct session *session,
                            struct account *account, bool *found, struct error *err) MUST_USE;
bool user_mongo_rotate_session(struct user_store *store, const struct rotation *rotation,
                               enum rotate_outcome *outcome, struct error *err) MUST_USE;
bool user_mongo_end_session(struct user_store *store, const struct id *id, struct error *err)
    MUST_USE;
bool user_mongo_end_session_as_read(struct user_store *store, const struct session *from,
                                    bool *ended, struct error *err) MUST_USE;

/* --- user_counters_mongo.c --- */

bool user_mongo_get_counter(struct user_store *store, const struct digest *key,
                            struct counter *counter, struct error *err) MUST_USE;
bool user_mongo_put_counter(struct user_store *store, const struct digest *key,
                            const struct counter *from, const struct counter *to, bool *put,
                            struct error *err) MUST_USE;
bool user_mongo_delete_counter(struct user_store *store, const struct digest *key,
                               struct error *err) MUST_USE;

/* --- user_recoveries_mongo.c --- */

bool user_mongo_add_recovery(struct user_store *store, const struct recovery *recovery,
                             struct error *err) MUST_USE;
bool user_mongo_claim_recovery(struct user_store *store, const struct id *claim, int64_t now,
                               int64_t lease_until, struct recovery *recovery, bool *found,
                               struct error *err) MUST_USE;
bool user_mongo_postpone_recovery(struct user_store *store, const struct id *id,
                                  const struct id *claim, int64_t due_at, struct error *err)
    MUST_USE;
bool user_mongo_delete_recovery(struct user_store *store, const struct id *id,
                                const struct id *claim, struct error *err) MUST_USE;

/* --- user_audit_mongo.c --- */

bool user_mongo_add_audit(struct user_store *store, const struct audit_event *event,
                          struct error *err) MUST_USE;
bool user_mongo_list_audit(struct user_store *store, const struct audit_query *query,
                           struct audit_event events[], size_t *count, struct error *err) MUST_USE;

/* --- user_sweep_mongo.c --- */

bool user_mongo_sweep(struct user_store *store, enum sweep what, int64_t before, size_t limit,
                      size_t *deleted, struct error *err) MUST_USE;

#endif
