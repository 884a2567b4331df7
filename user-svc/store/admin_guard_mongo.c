/* There is always an active admin left, where only single documents are atomic. The whole argument
 * is in docs/adr/0004-last-admin-guard.md; in short:
 *
 *   1. take the guard: one document, {_id, turn, userId}, by compare and swap of the turn;
 *   2. see that there is another active admin, by a write to it;
 *   3. put the account as no active admin, only if it is as it was read;
 *   4. release the guard.
 *
 * Nobody else can cease to be an admin between 2 and 3: that takes the guard, and who takes it from
 * us first fences our user, so that our put fails. So of two, one sees what the other has done. Who
 * becomes an admin needs no guard. */
#include "store/admin_guard_mongo.h"

#include <time.h>

enum {
    /* Together 1 s, for one turn: it is a matter of milliseconds, so who takes longer was stopped.
     */
    PATIENCE_TRIES = 50,
    PAUSE_MS = 20,
    /* Together 3 s, for all turns: a caller's request ends soon after. */
    TRIES_MAX = 150,
};

static const char guard_id[] = "last-admin";

struct guard_seen {
    int64_t turn;
    bool taken;
    struct id user_id;
};

static bson_t *turn_filter(int64_t turn)
{
    return BCON_NEW("_id", BCON_UTF8(guard_id), "turn", BCON_INT64(turn));
}

/* The first who needs it; a duplicate is another's. */
static bool make_guard(struct mongo_session *session, struct error *err)
{
    AUTO(bson) bson_t *document = turn_filter(0);

    return document_insert(session, GUARDS, document, err) <= MONGO_DUPLICATE;
}

static bool look(struct mongo_session *session, struct guard_seen *seen, struct error *err)
{
    AUTO(bson) bson_t *filter = BCON_NEW("_id", BCON_UTF8(guard_id));
    AUTO(mongo_rows) struct mongo_rows rows = MONGO_NO_ROWS;
    bson_t document;
    bool found = false;

    if (!document_find(session, GUARDS, filter, &rows, &document, &found, err))
        return false;
    if (!found) {
        *seen = (struct guard_seen){ .turn = 0 };
        return make_guard(session, err);
    }
    seen->taken = mongo_field_is(&document, "userId");
    return (mongo_field_number(&document, "turn", &seen->turn) &&
            (!seen->taken || mongo_field_id(&document, "userId", &seen->user_id))) ||
           error_set(err, ERR_BUG, 0, "the admins' guard is not as it was written");
}

/* `taken`: it was still at the turn that we saw. */
static bool swap(struct mongo_session *session, const struct guard_seen *seen,
                 const struct admin_guard *guard, bool *taken, struct error *err)
{
    AUTO(bson) bson_t *filter = turn_filter(seen->turn);
    AUTO(bson) bson_t *fields = BCON_NEW("turn", BCON_INT64(guard->turn));

    id_append(fields, "userId", &guard->user_id);
    AUTO(bson) bson_t *change = BCON_NEW("$set", BCON_DOCUMENT(fields));
    return document_swap(session, GUARDS, filter, change, taken, err);
}

/* Takes the guard from whoever has it. */
static bool take_from(struct mongo_session *session, const struct guard_seen *seen,
                      const struct id *user_id, struct admin_guard *guard, bool *taken,
                      struct error *err)
{
    *guard = (struct admin_guard){ *user_id, seen->turn + 1 };
    return (!seen->taken || user_fence(session, &seen->user_id, err)) &&
           swap(session, seen, guard, taken, err);
}

static bool take(struct mongo_session *session, const struct id *user_id, struct admin_guard *guard,
                 struct error *err)
{
    const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000L };
    struct guard_seen seen = { .turn = 0 };
    int64_t turn = -1;
    unsigned patience = 0;

    for (unsigned tries = 0; tries < TRIES_MAX; tries++) {
        bool taken = false;
        if (!look(session, &seen, err))
            return false;
        patience = seen.turn == turn ? patience + 1 : 0;
        turn = seen.turn;
        if (!seen.taken || patience >= PATIENCE_TRIES) {
            if (!take_from(session, &seen, user_id, guard, &taken, err))
                return false;
            if (taken)
                return true;
        }
        nanosleep(&pause, NULL);
    }
    return error_set(err, ERR_BUSY, 0, "others are ceasing to be admins");
}

bool admin_guard_take(struct mongo_session *session, const struct id *user_id,
                      struct admin_guard *guard, struct error *err)
{
    struct error fault = { 0 };

    return take(session, user_id, guard, &fault) || nothing_done(&fault, err);
}

/* A read could miss what was written just before an election. What a write matches is so; and it
 * changes nothing that anybody reads. */
bool admin_guard_another(struct mongo_session *session, const struct admin_guard *guard,
                         bool *another, struct error *err)
{
    const bson_oid_t but = mongo_oid(&guard->user_id);
    AUTO(bson)
    bson_t *filter = BCON_NEW("role", BCON_UTF8(role_name(ROLE_ADMIN)), "active", BCON_BOOL(true),
                              "_id", "{", "$ne", BCON_OID(&but), "}");
    AUTO(bson) bson_t *change = BCON_NEW("$inc", "{", "vouched", BCON_INT64(1), "}");
    struct error fault = { 0 };
    size_t matched = 0;

    no_tombstone_append(filter);
    if (!document_update(session, USERS, filter, change, &matched, &fault))
        return nothing_done(&fault, err);
    *another = matched == 1;
    return true;
}

void admin_guard_release(struct mongo_session *session, const struct admin_guard *guard)
{
    AUTO(bson) bson_t *filter = turn_filter(guard->turn);
    AUTO(bson) bson_t *change = BCON_NEW("$unset", "{", "userId", BCON_BOOL(true), "}");
    size_t matched = 0;
    bool released = document_update(session, GUARDS, filter, change, &matched, NULL);

    (void)released;
}
