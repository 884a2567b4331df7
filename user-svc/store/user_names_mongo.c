/* How a user comes by its names, where only single documents are atomic and only _id is unique.
 *
 * A name is claimed by a document {_id: key, userId, revision}: that user may use it from that
 * revision of its own on. A claim counts while the user is there and its username or e-mail is that
 * name; any other leads to nothing, or not yet.
 *
 *   sign up  claim both names for revision 1; insert the user, whose revision is 1
 *   rename   of a user at revision r: claim the new names for r + 1; put the account as r + 1, only
 *            if it is still at r; free the old names: delete their claims of r + 1 and older
 *   delete   make the user a tombstone, which no put matches any more; free its names
 *
 * A claim {K, U, R} has one maker, and only its maker puts U as R with K. Two rules keep a name one
 * user's. A claim is deleted, or taken over, only
 *   1. by its maker, who has not put U and will not; or
 *   2. by who has seen U at R or later and not using K, or buried, and only as it was seen.
 * By 2, the put that the claim was for can no longer come; another put needs a claim of a later
 * revision, and with that the document is not as it was seen. So as long as U uses K, K's document
 * is U's: it was when U was put, and nobody has since seen U without K. And whoever renames U back
 * while its old name is being freed has made that claim one of r + 2, which stays.
 *
 * Whoever wants a name that is claimed and not used waits a moment for the slow, then sees to it
 * that the claim leads to nothing: a user who is not there gets a tombstone in its place, one who
 * is there is fenced, so that its put must fail; then rule 2 lets the name be taken over.
 * So it is, too, where another change of the same user made the claim: the fence then stops both.
 * Waiting is politeness, nothing rests on it. All claim the username first: no two can stop each
 * other. */
#include "store/user_names_mongo.h"

#include <string.h>
#include <time.h>

enum {
    /* Together 1 s: a sign-up's own writes take milliseconds, so whoever has not come by then was
     * stopped; a new one waits that long for a name that a crash left behind. */
    PATIENCE_TRIES = 50,
    PATIENCE_PAUSE_MS = 20,
    /* Each is a name that changed hands under our eyes. */
    CLAIM_TRIES_MAX = 10,
};

/* A claim as it was seen, and then its user. */
struct seen {
    enum holder holder;
    struct name_claim claim; /* unless nobody's */
    enum presence presence;
    uint32_t revision; /* where the user is there */
};

/* {_id, userId, revision}: a claim, and the filter for exactly this one. */
static bson_t *claim_document(const struct name_claim *claim)
{
    bson_t *document = BCON_NEW("_id", BCON_UTF8(claim->key.text));

    id_append(document, "userId", &claim->user_id);
    BSON_APPEND_INT64(document, "revision", claim->revision);
    return document;
}

/* --- Who has a name. --- */

bool account_uses(const struct account *account, const struct user_key *key)
{
    const struct user_key username = user_key_of(account->user.username);
    const struct user_key email = user_key_of(account->user.email);

    return strcmp(username.text, key->text) == 0 || strcmp(email.text, key->text) == 0;
}

static bool read_claim(struct mongo_session *session, const struct user_key *key,
                       struct name_claim *claim, bool *found, struct error *err)
{
    AUTO(bson) bson_t *filter = BCON_NEW("_id", BCON_UTF8(key->text));
    AUTO(mongo_rows) struct mongo_rows rows = MONGO_NO_ROWS;
    bson_t document;

    if (!document_find(session, NAMES, filter, &rows, &document, found, err))
        return false;
    claim->key = *key;
    return !*found ||
           (mongo_field_id(&document, "userId", &claim->user_id) &&
            mongo_field_number32(&document, "revision", &claim->revision)) ||
           error_set(err, ERR_BUG, 0, "a name is not as it was written");
}

static enum holder holder_of(const struct name_claim *claim, enum presence presence,
                             const struct account *account)
{
    if (presence != USER_THERE)
        return presence == USER_ABSENT ? HOLDER_PENDING : HOLDER_NEVER;
    if (account_uses(account, &claim->key))
        return HOLDER_USER;
    return account->revision < claim->revision ? HOLDER_PENDING : HOLDER_NEVER;
}

/* The claim first, then its user: seen in this order the rule holds. */
static bool look(struct mongo_session *session, const struct user_key *key, struct seen *seen,
                 struct error *err)
{
    struct account account = { .revision = 0 };
    bool found = false;

    *seen = (struct seen){ .holder = HOLDER_NONE };
    if (!read_claim(session, key, &seen->claim, &found, err))
        return false;
    if (!found)
        return true;
    if (!user_look(session, &seen->claim.user_id, &seen->presence, &account, err))
        return false;
    seen->holder = holder_of(&seen->claim, seen->presence, &account);
    seen->revision = account.revision;
    return true;
}

/* We sign up, and the claim is an earlier try's of ours: the user is not there yet. */
static bool is_own_signup(const struct seen *seen, const struct name_claim *claim)
{
    return claim->revision == FIRST_REVISION && seen->presence == USER_ABSENT &&
           id_equal(&seen->claim.user_id, &claim->user_id);
}

/* Looks until it is no longer open who has it, or patience ends. */
static bool look_patiently(struct mongo_session *session, const struct name_claim *claim,
                           struct seen *seen, struct error *err)
{
    const struct timespec pause = { .tv_nsec = PATIENCE_PAUSE_MS * 1000000L };

    for (unsigned tries = 0;; tries++) {
        if (!look(session, &claim->key, seen, err))
            return false;
        if (seen->holder != HOLDER_PENDING || is_own_signup(seen, claim) || tries == PATIENCE_TRIES)
            return true;
        nanosleep(&pause, NULL);
    }
}

bool names_wait(struct mongo_session *session, const struct name_claim *claim, enum holder *holder,
                struct error *err)
{
    struct seen seen;

    if (!look_patiently(session, claim, &seen, err))
        return false;
    *holder = seen.holder;
    return true;
}

bool names_find(struct mongo_session *session, const struct user_key *key, struct id *user_id,
                struct error *err)
{
    struct name_claim claim;
    bool found = false;

    if (!read_claim(session, key, &claim, &found, err))
        return false;
    *user_id = found ? claim.user_id : (struct id){ .bytes = { 0 } };
    return true;
}

/* --- Claiming. --- */

/* In the place of a user that did not come. A duplicate: it has just come, or another was faster.
 */
static bool bury(struct mongo_session *session, const struct id *user_id, struct error *err)
{
    AUTO(bson) bson_t *document = document_by_id(user_id);

    tombstone_append(document);
    return document_insert(session, USERS, document, err) <= MONGO_DUPLICATE;
}

/* The user of a pending claim: from now on it cannot come to use the name by it. */
static bool stop(struct mongo_session *session, const struct seen *seen, struct error *err)
{
    return seen->presence == USER_THERE ? user_fence(session, &seen->claim.user_id, err)
                                        : bury(session, &seen->claim.user_id, err);
}

/* `taken`: the claim was still as it was seen, and is `to` now. */
static bool take_over(struct mongo_session *session, const struct name_claim *from,
                      const struct name_claim *to, bool *taken, struct error *err)
{
    AUTO(bson) bson_t *filter = claim_document(from);
    AUTO(bson) bson_t *claim = bson_new();

    id_append(claim, "userId", &to->user_id);
    BSON_APPEND_INT64(claim, "revision", to->revision);
    AUTO(bson) bson_t *change = BCON_NEW("$set", BCON_DOCUMENT(claim));
    return document_swap(session, NAMES, filter, change, taken, err);
}

static enum claim_outcome claim_failed(const struct error *fault, struct error *err)
{
    nothing_done(fault, err);
    return CLAIM_FAILED;
}

/* Our user is past the revision that we want to put. */
static bool has_moved_on(const struct seen *seen, const struct name_claim *claim)
{
    return id_equal(&seen->claim.user_id, &claim->user_id) &&
           (seen->presence == USER_BURIED ||
            (seen->presence == USER_THERE && seen->revision >= claim->revision));
}

/* What there is to say about a name that was seen claimed; false: nothing yet. */
static bool judge(const struct seen *seen, const struct name_claim *claim,
                  enum claim_outcome *outcome)
{
    if (is_own_signup(seen, claim))
        *outcome = CLAIM_OURS;
    else if (has_moved_on(seen, claim))
        *outcome = CLAIM_MOVED_ON;
    else if (seen->holder == HOLDER_USER && !id_equal(&seen->claim.user_id, &claim->user_id))
        *outcome = CLAIM_TAKEN;
    else
        return false;
    return true;
}

/* The next step about a name that was seen claimed. True: it is decided. */
static bool contest(struct mongo_session *session, const struct name_claim *claim,
                    const struct seen *seen, enum claim_outcome *outcome, struct error *err)
{
    struct error fault = { 0 };
    bool taken = false;

    if (judge(seen, claim, outcome))
        return true;
    const bool done = seen->holder == HOLDER_PENDING
                          ? stop(session, seen, &fault)
                          : take_over(session, &seen->claim, claim, &taken, &fault);
    *outcome = done ? CLAIM_OURS : claim_failed(&fault, err);
    return !done || taken;
}

enum claim_outcome names_claim(struct mongo_session *session, const struct name_claim *claim,
                               struct error *err)
{
    AUTO(bson) bson_t *document = claim_document(claim);

    for (unsigned tries = 0; tries < CLAIM_TRIES_MAX; tries++) {
        enum claim_outcome outcome = CLAIM_FAILED;
        struct error fault = { 0 };
        struct seen seen;
        const enum mongo_outcome inserted = document_insert(session, NAMES, document, &fault);
        if (inserted == MONGO_INSERTED)
            return CLAIM_OURS;
        if (inserted != MONGO_DUPLICATE || !look_patiently(session, claim, &seen, &fault))
            return claim_failed(&fault, err);
        if (seen.holder != HOLDER_NONE && contest(session, claim, &seen, &outcome, err))
            return outcome;
    }
    error_set(err, ERR_UNAVAILABLE, 0, "a name changed hands too often");
    return CLAIM_FAILED;
}

void names_free(struct mongo_session *session, const struct name_claim *claim)
{
    AUTO(bson)
    bson_t *filter = BCON_NEW("_id", BCON_UTF8(claim->key.text), "revision", "{", "$lte",
                              BCON_INT64(claim->revision), "}");
    id_append(filter, "userId", &claim->user_id);
    bool ours = false, told = document_delete_once(session, NAMES, filter, &ours, NULL);

    (void)told;
}
