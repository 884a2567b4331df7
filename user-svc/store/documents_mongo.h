/* Single documents of the user store on MongoDB, whatever is in them. A failure is told as mongo.h
 * says. */
#ifndef STORE_DOCUMENTS_MONGO_H
#define STORE_DOCUMENTS_MONGO_H

#include <stdbool.h>
#include <stddef.h>
#include "base/error.h"
#include "store/mongo.h"
#include "user.h"

/* Under the name: an id; a digest's bytes. */
void id_append(bson_t *document, const char *name, const struct id *id);
void digest_append(bson_t *document, const char *name, const struct digest *digest);

/* {_id: id}; the caller's. */
bson_t *document_by_id(const struct id *id);

/* The first that matches; `found` and, where it is, `rows` for as long as `document` is used. */
bool document_find(struct mongo_session *session, const char *collection, const bson_t *filter,
                   struct mongo_rows *rows, bson_t *document, bool *found, struct error *err)
    MUST_USE;

enum mongo_outcome document_insert(struct mongo_session *session, const char *collection,
                                   const bson_t *document, struct error *err);

/* Updates the one that matches; `matched` is 0 or 1. */
bool document_update(struct mongo_session *session, const char *collection, const bson_t *filter,
                     const bson_t *change, size_t *matched, struct error *err) MUST_USE;

/* The same where success makes the condition false: `swapped` tells whether it was this call that
 * did it. */
bool document_swap(struct mongo_session *session, const char *collection, const bson_t *filter,
                   const bson_t *change, bool *swapped, struct error *err) MUST_USE;

/* Deletes the one that matches, if it is there. */
bool document_delete(struct mongo_session *session, const char *collection, const bson_t *filter,
                     struct error *err) MUST_USE;

/* The same, never repeated once it may be done: where another like it may come meanwhile, or where
 * it counts who did it. `deleted` tells whether it was this call. */
bool document_delete_once(struct mongo_session *session, const char *collection,
                          const bson_t *filter, bool *deleted, struct error *err) MUST_USE;

/* Deletes all that match. */
bool documents_delete(struct mongo_session *session, const char *collection, const bson_t *filter,
                      size_t *deleted, struct error *err) MUST_USE;

/* For a step before the one that counts: whatever became of it, nothing was done that anybody sees.
 * Fills `err` with the fault, ERR_UNKNOWN as ERR_UNAVAILABLE; returns false. */
bool nothing_done(const struct error *fault, struct error *err);

#endif
