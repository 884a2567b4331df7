/* Recoveries: an outbox whose rows are claimed one at a time. */
#include "store/user_rows_sqlite.h"
#include "store/user_tables_sqlite.h"

static int bind_recovery(sqlite3_stmt *statement, const void *what)
{
    const struct recovery *recovery = what;

    return SQLITE_FIRST_FAILURE(sqlite_bind_id(statement, 1, &recovery->id),
                                sqlite_bind_text(statement, 2, recovery->email),
                                sqlite3_bind_int64(statement, 3, recovery->created_at),
                                sqlite3_bind_int64(statement, 4, recovery->due_at),
                                sqlite3_bind_int64(statement, 5, recovery->attempts));
}

static bool read_recovery(sqlite3_stmt *row, void *out)
{
    struct recovery recovery = {
        .created_at = sqlite3_column_int64(row, 2),
        .due_at = sqlite3_column_int64(row, 3),
        .attempts = (uint32_t)sqlite3_column_int64(row, 4),
    };

    if (!sqlite_column_id(row, 0, &recovery.id) ||
        !sqlite_column_string(row, 1, recovery.email, sizeof recovery.email))
        return false;
    *(struct recovery *)out = recovery;
    return true;
}

bool recoveries_sqlite_add(struct user_store *store, const struct recovery *recovery,
                           struct error *err)
{
    int changed = 0;

    return user_tables_write(store, ADD_RECOVERY, bind_recovery, recovery, &changed, err);
}

/* --- Claiming. --- */

struct claiming {
    const struct id *claim;
    int64_t now, lease_until;
};

static int bind_claiming(sqlite3_stmt *statement, const void *what)
{
    const struct claiming *claiming = what;

    return SQLITE_FIRST_FAILURE(sqlite_bind_id(statement, 1, claiming->claim),
                                sqlite3_bind_int64(statement, 2, claiming->now),
                                sqlite3_bind_int64(statement, 3, claiming->lease_until));
}

/* The row that it returns is the one that it changed; one step is all of it. */
bool recoveries_sqlite_claim(struct user_store *store, const struct id *claim, int64_t now,
                             int64_t lease_until, struct recovery *recovery, bool *found,
                             struct error *err)
{
    const struct claiming claiming = { claim, now, lease_until };
    struct sqlite_session *session = user_tables_begin(store, err);
    struct recovery claimed;
    bool any = false;

    if (!session)
        return false;
    const bool done = user_tables_find(session, CLAIM_RECOVERY, bind_claiming, &claiming,
                                       read_recovery, &claimed, &any, err);
    if (!user_tables_end(store, session, done, err))
        return false;
    if (any)
        *recovery = claimed;
    *found = any;
    return true;
}

/* --- What the claim covers. --- */

struct claimed {
    const struct id *id, *claim;
    int64_t due_at;
};

static int bind_claimed(sqlite3_stmt *statement, const void *what)
{
    const struct claimed *claimed = what;

    return SQLITE_FIRST_FAILURE(sqlite_bind_id(statement, 1, claimed->id),
                                sqlite_bind_id(statement, 2, claimed->claim));
}

static int bind_postponed(sqlite3_stmt *statement, const void *what)
{
    const struct claimed *claimed = what;

    return SQLITE_FIRST_FAILURE(bind_claimed(statement, what),
                                sqlite3_bind_int64(statement, 3, claimed->due_at));
}

bool recoveries_sqlite_postpone(struct user_store *store, const struct id *id,
                                const struct id *claim, int64_t due_at, struct error *err)
{
    const struct claimed claimed = { id, claim, due_at };
    int changed = 0;

    return user_tables_write(store, POSTPONE_RECOVERY, bind_postponed, &claimed, &changed, err);
}

bool recoveries_sqlite_delete(struct user_store *store, const struct id *id, const struct id *claim,
                              struct error *err)
{
    const struct claimed claimed = { .id = id, .claim = claim };
    int changed = 0;

    return user_tables_write(store, DELETE_RECOVERY, bind_claimed, &claimed, &changed, err);
}
