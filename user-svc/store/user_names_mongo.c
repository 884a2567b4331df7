/* How a user comes by its two names, where only single documents are atomic and only _id is unique:
 * the protocol of user_store.h.
 *
 * A name is claimed by a document that tells whose it is; it counts once that user is there. A
 * claim whose user is not there belongs to somebody who is slow or died. We wait a moment for the
 * slow; then a tombstone in the user's place sees to it that it never comes, and the name is taken
 * over. Waiting is politeness, nothing rests on it. */
#include <time.h>

#include "store/user_documents_mongo.h"

enum {
    /* Together 1 s: a sign-up's own writes take milliseconds, so whoever has not come by then was
     * stopped; a new one waits that long for a name that a crash left behind. */
    PATIENCE_TRIES = 50,
    PATIENCE_PAUSE_MS = 20,
    /* Each is a name that changed hands under our eyes. */
    CLAIM_TRIES_MAX = 10,
};

enum holder {
    HOLDER_NONE,    /* nobody has the name */
    HOLDER_USER,    /* a user who is there */
    HOLDER_PENDING, /* one who may come yet */
    HOLDER_NEVER,   /* one who cannot come any more */
};

enum claim { CLAIM_OURS, CLAIM_TAKEN, CLAIM_FAILED };

static bson_t *name_filter(const struct user_key *key)
{
    return BCON_NEW("_id", BCON_UTF8(key->text));
}

static bson_t *claim_document(const struct user_key *key, const struct id *user_id)
{
    bson_t *document = name_filter(key);

    id_append(document, "userId", user_id);
    return document;
}

/* --- Who has a name. --- */

static bool look_for_user(struct mongo_session *session, const struct id *id, enum holder *holder,
                          struct error *err)
{
    AUTO(bson) bson_t *filter = bson_new();
    AUTO(mongo_rows) struct mongo_rows rows = MONGO_NO_ROWS;
    bson_t document;
    bool found = false;

    id_append(filter, "_id", id);
    if (!document_find(session, USERS, filter, &rows, &document, &found, err))
        return false;
    *holder = !found                             ? HOLDER_PENDING
              : document_is_tombstone(&document) ? HOLDER_NEVER
                                                 : HOLDER_USER;
    return true;
}

/* `id`: whose claim it is, unless nobody's. */
static bool look_for_holder(struct mongo_session *session, const struct user_key *key,
                            struct id *id, enum holder *holder, struct error *err)
{
    AUTO(bson) bson_t *filter = name_filter(key);
    AUTO(mongo_rows) struct mongo_rows rows = MONGO_NO_ROWS;
    bson_t document;
    bool found = false;

    if (!document_find(session, NAMES, filter, &rows, &document, &found, err))
        return false;
    if (!found) {
        *holder = HOLDER_NONE;
        return true;
    }
    if (!mongo_field_id(&document, "userId", id))
        return error_set(err, ERR_BUG, 0, "a name is not as it was written");
    return look_for_user(session, id, holder, err);
}

/* Looks until it is no claim of somebody else's that is pending, or patience ends. */
static bool wait_for_holder(struct mongo_session *session, const struct user_key *key,
                            const struct id *ours, struct id *id, enum holder *holder,
                            struct error *err)
{
    const struct timespec pause = { .tv_nsec = PATIENCE_PAUSE_MS * 1000000L };

    for (unsigned tries = 0;; tries++) {
        if (!look_for_holder(session, key, id, holder, err))
            return false;
        if (*holder != HOLDER_PENDING || id_equal(id, ours) || tries == PATIENCE_TRIES)
            return true;
        nanosleep(&pause, NULL);
    }
}

/* --- Claiming. --- */

/* Until the user itself is sent, all that went wrong, or may have, is a claim that leads to
 * nothing: the user was not added. */
static enum claim not_added(const struct error *fault, struct error *err)
{
    if (err) {
        *err = *fault;
        if (err->code == ERR_UNKNOWN)
            err->code = ERR_UNAVAILABLE;
    }
    return CLAIM_FAILED;
}

/* In the place of a user that did not come. A duplicate: it has just come, or another was faster.
 */
static bool bury(struct mongo_session *session, const struct id *user_id, struct error *err)
{
    AUTO(bson) bson_t *document = bson_new();

    tombstone_append(document, user_id);
    return document_insert(session, USERS, document, err) <= MONGO_DUPLICATE;
}

/* From one who can never come; `matched`: it was still that one's. */
static bool take_over(struct mongo_session *session, const struct user_key *key,
                      const struct id *from, const struct id *to, size_t *matched,
                      struct error *err)
{
    const bson_oid_t heir = mongo_oid(to);
    AUTO(bson) bson_t *filter = claim_document(key, from);
    AUTO(bson) bson_t *change = BCON_NEW("$set", "{", "userId", BCON_OID(&heir), "}");

    return document_update(session, NAMES, filter, change, matched, err);
}

/* A name that is there. True: it is decided whose. */
static bool contest(struct mongo_session *session, const struct user_key *key,
                    const struct id *user_id, enum claim *claim, struct error *err)
{
    enum holder holder = HOLDER_NONE;
    struct error fault = { 0 };
    struct id other;
    size_t ours = 0;

    *claim = CLAIM_OURS;
    if (!wait_for_holder(session, key, user_id, &other, &holder, &fault)) {
        *claim = not_added(&fault, err);
        return true;
    }
    if (holder == HOLDER_NONE)
        return false;
    if (id_equal(&other, user_id))
        return true; /* an earlier try of ours, whose answer was lost */
    if (holder == HOLDER_USER) {
        *claim = CLAIM_TAKEN;
        return true;
    }
    bool done = holder == HOLDER_PENDING ? bury(session, &other, &fault)
                                         : take_over(session, key, &other, user_id, &ours, &fault);
    if (!done)
        *claim = not_added(&fault, err);
    return !done || ours == 1;
}

static enum claim claim_name(struct mongo_session *session, const struct user_key *key,
                             const struct id *user_id, struct error *err)
{
    AUTO(bson) bson_t *document = claim_document(key, user_id);
    enum claim claim = CLAIM_FAILED;

    for (unsigned tries = 0; tries < CLAIM_TRIES_MAX; tries++) {
        struct error fault = { 0 };
        enum mongo_outcome outcome = document_insert(session, NAMES, document, &fault);
        if (outcome == MONGO_INSERTED)
            return CLAIM_OURS;
        if (outcome != MONGO_DUPLICATE)
            return not_added(&fault, err);
        if (contest(session, key, user_id, &claim, err))
            return claim;
    }
    error_set(err, ERR_UNAVAILABLE, 0, "a name changed hands too often");
    return CLAIM_FAILED;
}

/* A claim that led to nothing. One that cannot be deleted now is taken over by whoever needs it. */
static void release_name(struct mongo_session *session, const struct user_key *key,
                         const struct id *user_id)
{
    AUTO(bson) bson_t *claim = claim_document(key, user_id);
    bool deleted = document_delete(session, NAMES, claim, NULL);

    (void)deleted;
}

/* --- Adding. --- */

/* Others took us for dead. Whoever did has one of our names, if it lives; else the names are free
 * for the next try, which needs another id. */
static bool was_buried(struct mongo_session *session, const struct user_key keys[2],
                       const struct id *user_id, enum add_user_outcome *outcome, struct error *err)
{
    for (size_t i = 0; i < 2; i++) {
        enum holder holder = HOLDER_NONE;
        struct id other;
        release_name(session, &keys[i], user_id);
        if (!wait_for_holder(session, &keys[i], user_id, &other, &holder, err))
            return false;
        if (holder == HOLDER_USER) {
            *outcome = USER_NAME_TAKEN;
            return true;
        }
    }
    return error_set(err, ERR_UNAVAILABLE, 0, "too slow: another sign-up took the names over");
}

/* A document with our id is there: our own, whose answer was lost, or a tombstone. */
static bool was_duplicate(struct mongo_session *session, const struct user_key keys[2],
                          const struct id *user_id, enum add_user_outcome *outcome,
                          struct error *err)
{
    enum holder holder = HOLDER_NONE;
    struct error fault = { 0 };

    if (!look_for_user(session, user_id, &holder, &fault))
        return error_set(err, ERR_UNKNOWN, fault.cause, "%s", fault.detail);
    if (holder != HOLDER_USER)
        return was_buried(session, keys, user_id, outcome, err);
    *outcome = USER_ADDED;
    return true;
}

static bool insert_user(struct mongo_session *session, const struct account *account,
                        const struct user_key keys[2], enum add_user_outcome *outcome,
                        struct error *err)
{
    AUTO(bson) bson_t *document = bson_new();

    account_append(document, account);
    switch (document_insert(session, USERS, document, err)) {
    case MONGO_INSERTED:
        *outcome = USER_ADDED;
        return true;
    case MONGO_DUPLICATE:
        return was_duplicate(session, keys, &account->user.id, outcome, err);
    case MONGO_REFUSED:
    case MONGO_UNKNOWN: /* it may come yet, so its names stay its own */
        break;
    }
    return false;
}

bool user_names_add_user(struct mongo_session *session, const struct account *account,
                         enum add_user_outcome *outcome, struct error *err)
{
    const struct user_key keys[2] = { user_key_of(account->user.username),
                                      user_key_of(account->user.email) };
    const struct id *id = &account->user.id;

    /* In this order always: so of those that claim both, no two can bury each other. */
    for (size_t i = 0; i < 2; i++) {
        enum claim claim = claim_name(session, &keys[i], id, err);
        if (claim == CLAIM_OURS)
            continue;
        for (size_t held = i; held-- > 0;)
            release_name(session, &keys[held], id);
        if (claim == CLAIM_TAKEN)
            *outcome = USER_NAME_TAKEN;
        return claim == CLAIM_TAKEN;
    }
    return insert_user(session, account, keys, outcome, err);
}
