/* What the files of common/store/mongo*.c share; nobody else includes it. */
#ifndef STORE_MONGO_PARTS_H
#define STORE_MONGO_PARTS_H

#include "store/mongo.h"

/* Starts libmongoc, once. */
void mongo_start(void);

AUTO_DEFINE(mongo_uri, mongoc_uri_t *, mongoc_uri_destroy);

/* The URI with our limits and durability in it. NULL: ERR_CONFIG, as mongo_uri_check() says. */
mongoc_uri_t *mongo_uri_make(const char *text, struct error *err) MUST_USE;

/* The database that a session works on. */
const char *mongo_database(const struct mongo_session *session);

/* One more acknowledged write. */
void mongo_count_flush(struct mongo *mongo);

/* Around each command. False: not to be sent now, `fault` is filled. */
bool mongo_may_ask(struct mongo *mongo, int64_t *asked_at, bson_error_t *fault) MUST_USE;
void mongo_note_answer(struct mongo *mongo, int64_t asked_at, bool answered);

/* Makes or checks the schema; see mongo_migrate.c. */
bool mongo_migrate(struct mongo_session *session, const struct mongo_options *options,
                   struct error *err) MUST_USE;

/* --- What a failure means. --- */

enum mongo_fault {
    MONGO_FAULT_UNKNOWN,     /* it may be done (or what was read is of no use) */
    MONGO_FAULT_INTERNAL,    /* the same, and a change that is safe to repeat may go well */
    MONGO_FAULT_DUPLICATE,   /* one with that _id is there */
    MONGO_FAULT_AGAIN,       /* not done, for it met another's work: at once again */
    MONGO_FAULT_UNAVAILABLE, /* not done */
    MONGO_FAULT_BUG,         /* the store does not understand us */
};

/* Of a server's error code. */
enum mongo_fault mongo_fault_of_code(int32_t code);
enum mongo_fault mongo_fault_of(const bson_error_t *fault);

/* Whether it is the server's word, good or bad. */
bool mongo_is_answer(const bson_error_t *fault);

/* Fills err; returns false. `wrote`: it was a write, so "unknown" stays unknown. */
bool mongo_failed(const bson_error_t *fault, bool wrote, const char *what, struct error *err);

#endif
