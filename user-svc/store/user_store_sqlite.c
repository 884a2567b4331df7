/* Users and sessions in SQLite: each call is one transaction, most of them of one statement. Here
 * are the sessions; the other rooms are listed in user_tables_sqlite.h. */
#include "store/user_store.h"

#include <stdlib.h>
#include "store/user_rows_sqlite.h"
#include "store/user_tables_sqlite.h"

/* --- Sessions. --- */

static bool add_session(struct user_store *store, const struct session *session, struct error *err)
{
    int changed = 0;

    return user_tables_write(store, ADD_SESSION, bind_session, session, &changed, err);
}

static bool get_session(struct user_store *store, const struct id *id, struct session *session,
                        struct account *account, bool *found, struct error *err)
{
    struct session_and_account both;

    if (!user_tables_read(store, GET_SESSION, bind_id, id, read_session_and_account, &both, found,
                          err))
        return false;
    if (*found) {
        *session = both.session;
        *account = both.account;
    }
    return true;
}

static bool rotate_session(struct user_store *store, const struct rotation *rotation,
                           enum rotate_outcome *outcome, struct error *err)
{
    int changed = 0;

    if (!user_tables_write(store, ROTATE_SESSION, bind_rotation, rotation, &changed, err))
        return false;
    *outcome = changed == 1 ? SESSION_ROTATED : SESSION_MOVED_ON;
    return true;
}

static bool end_session(struct user_store *store, const struct id *id, struct error *err)
{
    int changed = 0;

    return user_tables_write(store, END_SESSION, bind_id, id, &changed, err);
}

static int bind_session_as_read(sqlite3_stmt *statement, const void *what)
{
    const struct session *session = what;

    return SQLITE_FIRST_FAILURE(sqlite_bind_id(statement, 1, &session->id),
                                bind_digest(statement, 2, &session->current));
}

static bool end_session_as_read(struct user_store *store, const struct session *from, bool *ended,
                                struct error *err)
{
    int changed = 0;

    if (!user_tables_write(store, END_SESSION_AS_READ, bind_session_as_read, from, &changed, err))
        return false;
    *ended = changed == 1;
    return true;
}

/* --- Health. --- */

static bool probe(struct user_store *store, struct error *err)
{
    int changed = 0;

    return user_tables_write(store, PROBE, bind_nothing, NULL, &changed, err);
}

/* --- Opening and closing. --- */

static struct user_store_sqlite *of_base(struct user_store *store)
{
    return (struct user_store_sqlite *)store; /* its first member */
}

static void close_store(struct user_store *store)
{
    sqlite_pool_close(of_base(store)->pool);
    free(of_base(store));
}

static int64_t now(struct user_store *store)
{
    return clock_wall_ms(of_base(store)->clock);
}

static const struct user_store_functions functions = {
    .close = close_store,
    .now = now,
    .add_user = accounts_sqlite_add,
    .get_account = accounts_sqlite_get,
    .find_account = accounts_sqlite_find,
    .put_account = accounts_sqlite_put,
    .delete_account = accounts_sqlite_delete,
    .list_users = accounts_sqlite_list,
    .has_admin = accounts_sqlite_has_admin,
    .add_session = add_session,
    .get_session = get_session,
    .rotate_session = rotate_session,
    .end_session = end_session,
    .end_session_as_read = end_session_as_read,
    .get_counter = counters_sqlite_get,
    .put_counter = counters_sqlite_put,
    .delete_counter = counters_sqlite_delete,
    .add_recovery = recoveries_sqlite_add,
    .claim_recovery = recoveries_sqlite_claim,
    .postpone_recovery = recoveries_sqlite_postpone,
    .delete_recovery = recoveries_sqlite_delete,
    .add_audit = audit_sqlite_add,
    .list_audit = audit_sqlite_list,
    .sweep = audit_sqlite_sweep,
    .probe = probe,
};

struct user_store *user_store_sqlite_open(const char *path, const struct clock *clock,
                                          struct error *err)
{
    AUTO(memory) struct user_store_sqlite *store = calloc(1, sizeof *store);

    if (!store) {
        error_set(err, ERR_NO_MEMORY, 0, "user store");
        return NULL;
    }
    store->base.functions = &functions;
    store->clock = clock;
    store->options = user_tables;
    store->options.path = path;
    store->pool = sqlite_pool_open(&store->options, err);
    if (!store->pool)
        return NULL;
    return &STEAL(store)->base;
}
