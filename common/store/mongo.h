/* MongoDB as a real store: a pool of clients, durable writes, majority reads, errors mapped once.
 *
 * Writes are acknowledged by a majority, journaled, within 3 s; reads are the primary's majority
 * reads. Every call ends within 6 s, and at once when the store was silent a moment
 * ago, so that waits do not add up. A call is one command of the wire protocol: what the reply
 * to it means is decided in mongo_command.c and mongo_fault.c, nowhere else. libbson ends the
 * process when memory ends; ERR_NO_MEMORY is of our own allocations. */
#ifndef STORE_MONGO_H
#define STORE_MONGO_H

#include <mongoc/mongoc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/auto.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"

#define MONGO_PROBES "probe" /* the collection that mongo_probe() writes to */

enum { MONGO_INDEX_FIELDS_MAX = 4, MONGO_COLLECTIONS_MAX = 8 };

/* An ascending index. `only`: it holds documents whose `only.field` has this value, where the store
 * can do that; else it holds all, so what is asked by it names the field too. */
struct mongo_index {
    const char *collection;
    const char *name;
    const char *fields[MONGO_INDEX_FIELDS_MAX]; /* NULL after the last */
    struct {
        const char *field, *value;
    } only;
};

/* One step of a schema: version n is what steps 1..n make. Migrations only add, so that version N
 * runs on N+1's schema. */
struct mongo_migration {
    const char *collections[MONGO_COLLECTIONS_MAX]; /* NULL after the last */
    const struct mongo_index *indexes;
    size_t index_count;
    /* The oldest program version (its count of migrations) that still runs on this schema. */
    unsigned oldest_reader;
};

struct mongo_options {
    const char *uri;
    const char *name;     /* whose schema it is: two services may share a database */
    const char *database; /* where the URI names none */
    const struct mongo_migration *migrations;
    size_t migration_count;
};

struct mongo; /* any thread may use it */

/* Reaches the store and migrates it. Borrows nothing but `clock`. NULL: ERR_CONFIG (the URI, who
 * may log in, a newer schema that we cannot run on), ERR_UNAVAILABLE, ERR_NO_MEMORY, ERR_BUG (it
 * does not understand us). */
struct mongo *mongo_open(const struct mongo_options *options, const struct clock *clock,
                         struct error *err) MUST_USE;
void mongo_close(struct mongo *mongo);
AUTO_DEFINE(mongo, struct mongo *, mongo_close);

/* The store's time, milliseconds since 1970: our monotonic clock and what its clock was ahead of
 * that when we last asked, at most 30 s of use ago. The same for all replicas, whatever their
 * hosts' clocks say. */
int64_t mongo_now(struct mongo *mongo);

/* How many writes were acknowledged. */
uint64_t mongo_flushes(const struct mongo *mongo);

/* A client of the pool, for one thread and one operation. */
struct mongo_session {
    struct mongo *mongo;
    mongoc_client_t *client;
};

/* NULL: ERR_UNAVAILABLE (all clients in use too long, no store), ERR_NO_MEMORY. */
struct mongo_session *mongo_begin(struct mongo *mongo, struct error *err) MUST_USE;
void mongo_end(struct mongo_session *session);
AUTO_DEFINE(mongo_session, struct mongo_session *, mongo_end);

AUTO_DEFINE(bson, bson_t *, bson_destroy);

/* AUTO(bson_local) bson_t reply = BSON_INITIALIZER; */
static inline void auto_bson_local(bson_t *local)
{
    bson_destroy(local);
}

/* --- Reading. --- */

struct mongo_query {
    const char *collection;
    const bson_t *filter;
    const bson_t *sort;   /* NULL: as they come */
    const bson_t *fields; /* NULL: all */
    size_t limit;         /* > 0; all of them come in one reply, so well under 16 MiB */
};

/* AUTO(mongo_rows) struct mongo_rows rows = MONGO_NO_ROWS;
 * if (!mongo_find(session, &query, &rows, err)) …
 * while (mongo_next(&rows, &document)) …             document is borrowed from rows */
struct mongo_rows {
    bson_t reply;
    bson_iter_t batch;
};
#define MONGO_NO_ROWS                                                                              \
    {                                                                                              \
        .reply = BSON_INITIALIZER                                                                  \
    }

bool mongo_find(struct mongo_session *session, const struct mongo_query *query,
                struct mongo_rows *rows, struct error *err) MUST_USE;
bool mongo_next(struct mongo_rows *rows, bson_t *document);

static inline void auto_mongo_rows(struct mongo_rows *rows)
{
    bson_destroy(&rows->reply);
}

bool mongo_count(struct mongo_session *session, const char *collection, const bson_t *filter,
                 uint64_t *count, struct error *err) MUST_USE;

/* --- Writing. --- */

enum mongo_outcome {
    MONGO_INSERTED,
    MONGO_DUPLICATE, /* one with that _id is there, durably */
    MONGO_REFUSED,   /* not written */
    MONGO_UNKNOWN,   /* may be there now, or later */
};

/* Inserts `count` documents, an array; each ends by itself. `err` is of the first that was refused
 * or is unknown, and untouched when there is none. */
void mongo_insert(struct mongo_session *session, const char *collection, const bson_t *documents,
                  size_t count, enum mongo_outcome outcomes[], struct error *err);

/* Runs an `update`, `delete`, `create` or `createIndexes`; it must be safe to repeat, for what
 * meets another's work is. `count`: how many documents it matched or deleted. False: at least a
 * part of it failed: ERR_UNAVAILABLE, ERR_UNKNOWN, ERR_BUG. */
bool mongo_change(struct mongo_session *session, const bson_t *command, size_t *count,
                  struct error *err) MUST_USE;

/* The same for an update whose condition its own success makes false: only what was not done is
 * repeated. So `count` 0 says that it was not done by us. */
bool mongo_swap(struct mongo_session *session, const bson_t *command, size_t *count,
                struct error *err) MUST_USE;

/* Runs a `findAndModify`, repeated like a swap. `found`: one matched, and `document` is what the
 * command asks for of it, borrowed from `rows`. */
bool mongo_find_and_modify(struct mongo_session *session, const bson_t *command,
                           struct mongo_rows *rows, bson_t *document, bool *found,
                           struct error *err) MUST_USE;

/* A small durable write that changes nothing anybody sees, to a document of that name. */
bool mongo_probe(struct mongo_session *session, const char *name, struct error *err) MUST_USE;

/* --- Documents. --- */

bson_oid_t mongo_oid(const struct id *id);

/* An array of them; the caller's. */
bson_t *mongo_ids(const struct id ids[], size_t count);

/* Fields of a document. False: not there, or of another type or length; `out` untouched. */
bool mongo_field_id(const bson_t *document, const char *name, struct id *out);
bool mongo_field_number(const bson_t *document, const char *name, int64_t *out);
bool mongo_field_number32(const bson_t *document, const char *name, uint32_t *out);
bool mongo_field_date(const bson_t *document, const char *name, int64_t *out);
bool mongo_field_flag(const bson_t *document, const char *name, bool *out);
bool mongo_field_text(const bson_t *document, const char *name, char *out, size_t size);
bool mongo_field_bytes(const bson_t *document, const char *name, void *out, size_t size);
bool mongo_field_is(const bson_t *document, const char *name);

#endif
