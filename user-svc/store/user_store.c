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

bool user_store_replace_password(struct user_store *store, const struct id *id,
                                 const struct password_hash *from, const struct password_hash *to,
                                 struct error *err)
{
    return store->functions->replace_password(store, id, from, to, err);
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

bool user_store_probe(struct user_store *store, struct error *err)
{
    return store->functions->probe(store, err);
}
