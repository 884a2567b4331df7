/* Whose a name is: see user_names_mongo.c. */
#ifndef STORE_USER_NAMES_MONGO_H
#define STORE_USER_NAMES_MONGO_H

#include "store/user_documents_mongo.h"

/* Whether it is its username's or its e-mail's key. */
bool account_uses(const struct account *account, const struct user_key *key);

/* Who claims the name; zero: nobody. Whether that user uses it is to be seen. */
bool names_find(struct mongo_session *session, const struct user_key *key, struct id *user_id,
                struct error *err) MUST_USE;

enum { FIRST_REVISION = 1 }; /* a user's, when it signs up */

/* That this user may use the name from that revision of its own on. */
struct name_claim {
    struct user_key key;
    struct id user_id;
    uint32_t revision;
};

enum claim_outcome {
    CLAIM_OURS,     /* a put that makes the user this revision may use the name */
    CLAIM_TAKEN,    /* the name is another's */
    CLAIM_MOVED_ON, /* the user is at that revision already, or deleted */
    CLAIM_FAILED,   /* `err` says why, and never ERR_UNKNOWN */
};

/* Waits a second at most for whoever is in the midst of it, some times over only where a name
 * changes hands under our eyes. */
enum claim_outcome names_claim(struct mongo_session *session, const struct name_claim *claim,
                               struct error *err) MUST_USE;

/* Deletes the claim if it is still that user's and of that revision or an older one: when the user
 * is at that revision and does not use the name, or when the claim is ours and led to nothing.
 * Where it fails, the name is taken over by whoever needs it. */
void names_free(struct mongo_session *session, const struct name_claim *claim);

enum holder {
    HOLDER_NONE,    /* nobody has the name */
    HOLDER_USER,    /* a user who is there and uses it */
    HOLDER_PENDING, /* one who may come to use it yet */
    HOLDER_NEVER,   /* one who cannot, by this claim */
};

/* Whose the claim's name is. While that is open, waits for it to be decided, a second at most; but
 * not for a sign-up's own claim. */
bool names_wait(struct mongo_session *session, const struct name_claim *claim, enum holder *holder,
                struct error *err) MUST_USE;

#endif
