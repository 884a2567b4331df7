/* The collections of user-svc on MongoDB: schema, and users and sessions as documents. */
#ifndef STORE_USER_DOCUMENTS_MONGO_H
#define STORE_USER_DOCUMENTS_MONGO_H

#include <stdbool.h>
#include <stdint.h>
#include "store/documents_mongo.h"
#include "store/user_store.h"

#define USERS      "users"
#define NAMES      "names"
#define GUARDS     "guards"
#define SESSIONS   "sessions"
#define COUNTERS   "counters"
#define RECOVERIES "recoveries"
#define AUDIT      "audit"

extern const struct mongo_options user_collections; /* without a URI */

/* Appends all fields but _id, the revision as given. */
void account_append(bson_t *document, const struct account *account, uint32_t revision);

/* Appends all fields. */
void session_append(bson_t *document, const struct session *session);

/* As `older`: the used tokens, as many as there are. */
void older_append(bson_t *document, const struct used_token older[USED_TOKENS_KEPT - 1]);

/* Reads a document; false: it is not one of ours (ERR_BUG), `out` untouched. */
bool account_of_document(const bson_t *document, struct account *out, struct error *err) MUST_USE;
bool session_of_document(const bson_t *document, struct session *out, struct error *err) MUST_USE;

/* A user's document outlives it: as a tombstone it says that no user of this id will be (again).
 * The change that makes one of what is there; the filter that sorts them out. */
void tombstone_append(bson_t *change);
void no_tombstone_append(bson_t *filter);

enum presence {
    USER_ABSENT, /* not yet, perhaps */
    USER_THERE,
    USER_BURIED, /* a tombstone */
};

/* `account` is filled where the user is there. */
bool user_look(struct mongo_session *session, const struct id *id, enum presence *presence,
               struct account *account, struct error *err) MUST_USE;

/* The same for whom only a user who is there counts. */
bool user_read(struct mongo_session *session, const struct id *id, struct account *account,
               bool *found, struct error *err) MUST_USE;

/* Raises the revision of the user, or of its tombstone: from the return on, no put of an account
 * that was read before can succeed any more. It is a write always, even where a put has raised the
 * revision already: once a majority has it, it has that put, too, and no election undoes either. */
bool user_fence(struct mongo_session *session, const struct id *id, struct error *err) MUST_USE;

#endif
