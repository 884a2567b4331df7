/* The user store on MongoDB. Each call is one document's write, but where names
 * (user_names_mongo.c) or the last admin (admin_guard_mongo.c) are at stake. */
#include <stdlib.h>

#include "store/user_documents_mongo.h"
#include "store/user_rooms_mongo.h"

struct user_store_mongo {
    struct user_store base;
    struct mongo *mongo;
};

static struct mongo *mongo_of(struct user_store *store)
{
    return ((struct user_store_mongo *)store)->mongo; /* its first member */
}

struct mongo_session *user_mongo_begin(struct user_store *store, struct error *err)
{
    return mongo_begin(mongo_of(store), err);
}

/* --- Health. --- */

static bool probe(struct user_store *store, struct error *err)
{
    AUTO(mongo_session) struct mongo_session *session = user_mongo_begin(store, err);

    return session && mongo_probe(session, user_collections.name, err);
}

/* --- Opening and closing. --- */

static void close_store(struct user_store *store)
{
    mongo_close(mongo_of(store));
    free(store);
}

static int64_t now(struct user_store *store)
{
    return mongo_now(mongo_of(store));
}

static const struct user_store_functions functions = {
    .close = close_store,
    .now = now,
    .add_user = user_mongo_add_user,
    .get_account = user_mongo_get_account,
    .find_account = user_mongo_find_account,
    .put_account = user_mongo_put_account,
    .delete_account = user_mongo_delete_account,
    .list_users = user_mongo_list_users,
    .has_admin = user_mongo_has_admin,
    .add_session = user_mongo_add_session,
    .get_session = user_mongo_get_session,
    .rotate_session = user_mongo_rotate_session,
    .end_session = user_mongo_end_session,
    .end_session_as_read = user_mongo_end_session_as_read,
    .get_counter = user_mongo_get_counter,
    .put_counter = user_mongo_put_counter,
    .delete_counter = user_mongo_delete_counter,
    .add_recovery = user_mongo_add_recovery,
    .claim_recovery = user_mongo_claim_recovery,
    .postpone_recovery = user_mongo_postpone_recovery,
    .delete_recovery = user_mongo_delete_recovery,
    .add_audit = user_mongo_add_audit,
    .list_audit = user_mongo_list_audit,
    .sweep = user_mongo_sweep,
    .probe = probe,
};

struct user_store *user_store_mongo_open(const char *uri, const struct clock *clock,
                                         struct error *err)
{
    AUTO(memory) struct user_store_mongo *store = calloc(1, sizeof *store);
    struct mongo_options options = user_collections;

    if (!store) {
        error_set(err, ERR_NO_MEMORY, 0, "user store");
        return NULL;
    }
    options.uri = uri;
    store->mongo = mongo_open(&options, clock, err);
    if (!store->mongo)
        return NULL;
    store->base.functions = &functions;
    return &STEAL(store)->base;
}
