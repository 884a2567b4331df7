/* Users, names and sessions as documents of the MongoDB store. Shared by the two halves of the
 * adapter: user_store_mongo.c, user_names_mongo.c (how a user comes by its names). */
#ifndef STORE_USER_DOCUMENTS_MONGO_H
#define STORE_USER_DOCUMENTS_MONGO_H

#include <stdbool.h>
#include "store/mongo.h"
#include "store/user_store.h"

#define USERS    "users"
#define NAMES    "names"
#define SESSIONS "sessions"

extern const struct mongo_options user_collections; /* without a URI */

/* Append all fields. */
void account_append(bson_t *document, const struct account *account);
void session_append(bson_t *document, const struct session *session);

/* Under the name: a digest's bytes; an id. */
void digest_append(bson_t *document, const char *name, const struct digest *digest);
void id_append(bson_t *document, const char *name, const struct id *id);

/* As `older`: the used tokens, as many as there are. */
void older_append(bson_t *document, const struct used_token older[USED_TOKENS_KEPT - 1]);

/* Reads a document; false: it is not one of ours (ERR_BUG), `out` untouched. */
bool account_of_document(const bson_t *document, struct account *out, struct error *err) MUST_USE;
bool session_of_document(const bson_t *document, struct session *out, struct error *err) MUST_USE;

/* The document {_id: id} of the collection; `found` and, where it is, `rows` for as long as
 * `document` is used. */
bool document_find(struct mongo_session *session, const char *collection, const bson_t *filter,
                   struct mongo_rows *rows, bson_t *document, bool *found, struct error *err)
    MUST_USE;

/* A user's document says that no user of this id will ever be: see user_names_mongo.c. */
bool document_is_tombstone(const bson_t *document);
void tombstone_append(bson_t *document, const struct id *user_id);

/* Inserts one document. */
enum mongo_outcome document_insert(struct mongo_session *session, const char *collection,
                                   const bson_t *document, struct error *err);

/* Updates the one that matches; `matched` is 0 or 1. */
bool document_update(struct mongo_session *session, const char *collection, const bson_t *filter,
                     const bson_t *change, size_t *matched, struct error *err) MUST_USE;

/* Deletes the one that matches, if it is there. */
bool document_delete(struct mongo_session *session, const char *collection, const bson_t *filter,
                     struct error *err) MUST_USE;

/* Adds the user under its two names; the part of the port that is more than one document. */
bool user_names_add_user(struct mongo_session *session, const struct account *account,
                         enum add_user_outcome *outcome, struct error *err) MUST_USE;

#endif
