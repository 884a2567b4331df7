/* The port's calls, handed on to the adapter. */
#include "store/user_store.h"

void user_store_close(struct user_store *store)
{
    if (store)
        store->functions->close(store);
}

int64_t user_store_now(struct user_store *store)
{
    return store->functions->now(store);
}

bool user_store_add_user(struct user_store *store, const struct account *account,
                         enum add_user_outcome *outcome, struct error *err)
{
    return store->functions->add_user(store, account, outcome, err);
}

bool user_store_get_account(struct user_store *store, const struct id *id, struct account *account,
                            bool *found, struct error *err)
{
    return store->functions->get_account(store, id, account, found, err);
}

bool user_store_find_account(struct user_store *store, const struct user_key *key,
                             struct account *account, bool *found, struct error *err)
{
    return store->functions->find_account(store, key, account, found, err);
}

bool user_store_put_account(struct user_store *store, const struct account *from,
                            const struct account *to, enum put_account_outcome *outcome,
                            struct error *err)
{
    return store->functions->put_account(store, from, to, outcome, err);
}

bool user_store_delete_account(struct user_store *store, const struct account *from,
                               enum put_account_outcome *outcome, struct error *err)
{
    return store->functions->delete_account(store, from, outcome, err);
}

bool user_store_list_users(struct user_store *store, const struct user_query *query,
                           struct user users[], size_t *count, struct error *err)
{
    return store->functions->list_users(store, query, users, count, err);
}

bool user_store_has_admin(struct user_store *store, bool *has, struct error *err)
{
    return store->functions->has_admin(store, has, err);
}

bool user_store_add_session(struct user_store *store, const struct session *session,
                            struct error *err)
{
    return store->functions->add_session(store, session, err);
}

bool user_store_get_session(struct user_store *store, const struct id *id, struct session *session,
                            struct account *account, bool *found, struct error *err)
{
    return store->functions->get_session(store, id, session, account, found, err);
}

bool user_store_rotate_session(struct user_store *store, const struct rotation *rotation,
                               enum rotate_outcome *outcome, struct error *err)
{
    return store->functions->rotate_session(store, rotation, outcome, err);
}

bool user_store_end_session(struct user_store *store, const struct id *id, struct error *err)
{
    return store->functions->end_session(store, id, err);
}

bool user_store_end_session_as_read(struct user_store *store, const struct session *from,
                                    bool *ended, struct error *err)
{
    return store->functions->end_session_as_read(store, from, ended, err);
}

bool user_store_get_counter(struct user_store *store, const struct digest *key,
                            struct counter *counter, struct error *err)
{
    return store->functions->get_counter(store, key, counter, err);
}

bool user_store_put_counter(struct user_store *store, const struct digest *key,
                            const struct counter *from, const struct counter *to, bool *put,
                            struct error *err)
{
    return store->functions->put_counter(store, key, from, to, put, err);
}

bool user_store_delete_counter(struct user_store *store, const struct digest *key,
                               struct error *err)
{
    return store->functions->delete_counter(store, key, err);
}

bool user_store_add_recovery(struct user_store *store, const struct recovery *recovery,
                             struct error *err)
{
    return store->functions->add_recovery(store, recovery, err);
}

bool user_store_claim_recovery(struct user_store *store, const struct id *claim, int64_t now,
                               int64_t lease_until, struct recovery *recovery, bool *found,
                               struct error *err)
{
    return store->functions->claim_recovery(store, claim, now, lease_until, recovery, found, err);
}

bool user_store_postpone_recovery(struct user_store *store, const struct id *id,
                                  const struct id *claim, int64_t due_at, struct error *err)
{
    return store->functions->postpone_recovery(store, id, claim, due_at, err);
}

bool user_store_delete_recovery(struct user_store *store, const struct id *id,
                                const struct id *claim, struct error *err)
{
    return store->functions->delete_recovery(store, id, claim, err);
}

bool user_store_add_audit(struct user_store *store, const struct audit_event *event,
                          struct error *err)
{
    return store->functions->add_audit(store, event, err);
}

bool user_store_list_audit(struct user_store *store, const struct audit_query *query,
                           struct audit_event events[], size_t *count, struct error *err)
{
    return store->functions->list_audit(store, query, events, count, err);
}

bool user_store_sweep(struct user_store *store, enum sweep what, int64_t before, size_t limit,
                      size_t *deleted, struct error *err)
{
    return store->functions->sweep(store, what, before, limit, deleted, err);
}

bool user_store_probe(struct user_store *store, struct error *err)
{
    return store->functions->probe(store, err);
}
