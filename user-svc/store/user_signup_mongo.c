/* A new user: its names are claimed, then it is inserted, and from then on it is there; see
 * user_names_mongo.c. */
#include "store/user_names_mongo.h"
#include "store/user_rooms_mongo.h"

enum { NAMES_EACH = 2 }; /* username, e-mail */

/* Both names from the user's first revision on; in this order always. */
static void make_claims(const struct account *account, struct name_claim claims[NAMES_EACH])
{
    const char *const names[NAMES_EACH] = { account->user.username, account->user.email };

    for (size_t i = 0; i < NAMES_EACH; i++)
        claims[i] = (struct name_claim){ user_key_of(names[i]), account->user.id, FIRST_REVISION };
}

/* Others took us for dead. Whoever did has one of our names, if it lives; else the names are free
 * for the next try, which needs another id. */
static bool was_buried(struct mongo_session *session, const struct name_claim claims[NAMES_EACH],
                       enum add_user_outcome *outcome, struct error *err)
{
    for (size_t i = 0; i < NAMES_EACH; i++) {
        enum holder holder = HOLDER_NONE;
        names_free(session, &claims[i]);
        if (!names_wait(session, &claims[i], &holder, err))
            return false;
        if (holder == HOLDER_USER) {
            *outcome = USER_NAME_TAKEN;
            return true;
        }
    }
    return error_set(err, ERR_UNAVAILABLE, 0, "too slow: another sign-up took the names over");
}

/* A document with our id is there: our own, whose answer was lost, or a tombstone. */
static bool was_duplicate(struct mongo_session *session, const struct name_claim claims[NAMES_EACH],
                          enum add_user_outcome *outcome, struct error *err)
{
    struct account account;
    struct error fault = { 0 };
    bool found = false;

    if (!user_read(session, &claims[0].user_id, &account, &found, &fault))
        return error_set(err, ERR_UNKNOWN, fault.cause, "%s", fault.detail);
    if (!found)
        return was_buried(session, claims, outcome, err);
    *outcome = USER_ADDED;
    return true;
}

static bool insert_user(struct mongo_session *session, const struct account *account,
                        const struct name_claim claims[NAMES_EACH], enum add_user_outcome *outcome,
                        struct error *err)
{
    AUTO(bson) bson_t *document = document_by_id(&account->user.id);

    account_append(document, account, FIRST_REVISION);
    switch (document_insert(session, USERS, document, err)) {
    case MONGO_INSERTED:
        *outcome = USER_ADDED;
        return true;
    case MONGO_DUPLICATE:
        return was_duplicate(session, claims, outcome, err);
    case MONGO_REFUSED:
    case MONGO_UNKNOWN: /* it may come yet, so its names stay its own */
        break;
    }
    return false;
}

bool user_mongo_add_user(struct user_store *store, const struct account *account,
                         enum add_user_outcome *outcome, struct error *err)
{
    AUTO(mongo_session) struct mongo_session *session = user_mongo_begin(store, err);
    struct name_claim claims[NAMES_EACH];

    if (!session)
        return false;
    make_claims(account, claims);
    for (size_t i = 0; i < NAMES_EACH; i++) {
        const enum claim_outcome claimed = names_claim(session, &claims[i], err);
        if (claimed == CLAIM_OURS || claimed == CLAIM_MOVED_ON)
            continue; /* a user who is there already is found by inserting it */
        for (size_t held = i; held-- > 0;)
            names_free(session, &claims[held]);
        if (claimed == CLAIM_TAKEN)
            *outcome = USER_NAME_TAKEN;
        return claimed == CLAIM_TAKEN;
    }
    return insert_user(session, account, claims, outcome, err);
}
