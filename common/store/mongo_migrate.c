/* The schema and its version.
 *
 * One document says which version made the schema and which is the oldest program that still runs
 * on it. One replica migrates at a time: whoever puts its turn into that document. Nothing rests on
 * it, for every step may be done twice: a collection or an index that is there is made again
 * without effect, and the version only grows. So a turn may end by time, and a replica that dies in
 * the middle is followed by another. */
#include <string.h>
#include <time.h>

#include "store/mongo_parts.h"

static const char schemas[] = "schema";

enum {
    /* Whoever dies in its turn keeps the others waiting for that long; twice what one step may
     * take. */
    TURN_MS = 10 * SECOND_MS,
    /* A turn that seems to last longer was taken by a clock that ran ahead, and may be over for
     * long. Replicas' readings of one store's clock differ by less than a turn. */
    TURN_LEFT_MAX_MS = 2 * TURN_MS,
    /* How long another's turn is waited for, 2 s: an empty store is done in less. After it the
     * caller decides, as when the store is away. */
    PATIENCE_TRIES = 40,
    PATIENCE_PAUSE_MS = 50,
};

struct schema_version {
    int64_t version; /* 0: none yet */
    int64_t oldest_reader;
};

static bool read_schema(struct mongo_session *session, const char *name, struct schema_version *out,
                        struct error *err)
{
    AUTO(bson) bson_t *filter = BCON_NEW("_id", BCON_UTF8(name));
    const struct mongo_query query = { .collection = schemas, .filter = filter, .limit = 1 };
    AUTO(mongo_rows) struct mongo_rows rows = MONGO_NO_ROWS;
    bson_t row;

    if (!mongo_find(session, &query, &rows, err))
        return false;
    if (!mongo_next(&rows, &row))
        return true;
    return (mongo_field_number(&row, "version", &out->version) &&
            mongo_field_number(&row, "oldestReader", &out->oldest_reader) && out->version >= 0) ||
           error_set(err, ERR_CONFIG, 0, "the schema's version of %s is not one of ours", name);
}

static bool change_schema(struct mongo_session *session, const bson_t *filter, const bson_t *change,
                          size_t *matched, struct error *err)
{
    AUTO(bson)
    bson_t *command = BCON_NEW("update", BCON_UTF8(schemas), "updates", "[", "{", "q",
                               BCON_DOCUMENT(filter), "u", BCON_DOCUMENT(change), "}", "]");

    return mongo_change(session, command, matched, err);
}

/* Only ever up: whoever is ahead of us stays so. */
static bool write_schema(struct mongo_session *session, const struct mongo_options *options,
                         struct error *err)
{
    const size_t count = options->migration_count;
    const int64_t oldest = options->migrations[count - 1].oldest_reader;
    AUTO(bson) bson_t *filter = BCON_NEW("_id", BCON_UTF8(options->name));
    AUTO(bson)
    bson_t *change = BCON_NEW("$max", "{", "version", BCON_INT64((int64_t)count), "oldestReader",
                              BCON_INT64(oldest), "}");
    size_t matched = 0;

    return change_schema(session, filter, change, &matched, err);
}

/* --- Collections. --- */

/* Before anything is in it: DocumentDB may refuse a write that makes its collection while other
 * collections are made, and a client would be told that the store is away. */
static bool ensure_collection(struct mongo_session *session, const char *name, struct error *err)
{
    enum { NAMESPACE_EXISTS = 48 };
    AUTO(bson) bson_t *command = BCON_NEW("create", BCON_UTF8(name));
    struct error fault = { 0 };
    size_t ignored = 0;

    if (mongo_change(session, command, &ignored, &fault) || fault.cause == NAMESPACE_EXISTS)
        return true;
    if (err)
        *err = fault;
    return false;
}

/* --- Indexes. --- */

static bson_t *index_command(const struct mongo_index *index, bool partial)
{
    AUTO(bson) bson_t *key = bson_new();
    AUTO(bson) bson_t *spec = bson_new();

    for (size_t i = 0; i < MONGO_INDEX_FIELDS_MAX && index->fields[i]; i++)
        BSON_APPEND_INT32(key, index->fields[i], 1);
    BSON_APPEND_DOCUMENT(spec, "key", key);
    BSON_APPEND_UTF8(spec, "name", index->name);
    if (partial) {
        AUTO(bson) bson_t *filter = BCON_NEW(index->only.field, BCON_UTF8(index->only.value));
        BSON_APPEND_DOCUMENT(spec, "partialFilterExpression", filter);
    }
    return BCON_NEW("createIndexes", BCON_UTF8(index->collection), "indexes", "[",
                    BCON_DOCUMENT(spec), "]");
}

static bool create_index(struct mongo_session *session, const struct mongo_index *index,
                         bool partial, struct error *err)
{
    AUTO(bson) bson_t *command = index_command(index, partial);
    size_t ignored = 0;

    return mongo_change(session, command, &ignored, err);
}

/* A store that has no partial indexes, or one that made this index without: then over all. */
static bool ensure_index(struct mongo_session *session, const struct mongo_index *index,
                         struct error *err)
{
    struct error fault = { 0 };

    if (!index->only.field)
        return create_index(session, index, false, err);
    if (create_index(session, index, true, &fault))
        return true;
    if (fault.code == ERR_BUG)
        return create_index(session, index, false, err);
    if (err)
        *err = fault;
    return false;
}

static bool apply(struct mongo_session *session, const struct mongo_migration *migration,
                  struct error *err)
{
    for (size_t i = 0; i < MONGO_COLLECTIONS_MAX && migration->collections[i]; i++)
        if (!ensure_collection(session, migration->collections[i], err))
            return false;
    for (size_t i = 0; i < migration->index_count; i++)
        if (!ensure_index(session, &migration->indexes[i], err))
            return false;
    return true;
}

/* --- Turns. --- */

/* The document that a turn is put into; one that is there stays as it is. */
static bool ensure_schema(struct mongo_session *session, const char *name, struct error *err)
{
    AUTO(bson)
    bson_t *command =
        BCON_NEW("update", BCON_UTF8(schemas), "updates", "[", "{", "q", "{", "_id",
                 BCON_UTF8(name), "}", "u", "{", "$max", "{", "version", BCON_INT64(0),
                 "oldestReader", BCON_INT64(0), "}", "}", "upsert", BCON_BOOL(true), "}", "]");
    size_t matched = 0;

    return ensure_collection(session, schemas, err) &&
           mongo_change(session, command, &matched, err);
}

/* `ours`: nobody else has it. */
static bool take_turn(struct mongo_session *session, const char *name, bool *ours,
                      struct error *err)
{
    const int64_t now = mongo_now(session->mongo);
    AUTO(bson)
    bson_t *filter =
        BCON_NEW("_id", BCON_UTF8(name), "turnUntil", "{", "$not", "{", "$gt", BCON_DATE_TIME(now),
                 "$lte", BCON_DATE_TIME(now + TURN_LEFT_MAX_MS), "}", "}");
    AUTO(bson)
    bson_t *change = BCON_NEW("$set", "{", "turnUntil", BCON_DATE_TIME(now + TURN_MS), "}");
    size_t matched = 0;

    if (!ensure_schema(session, name, err) ||
        !change_schema(session, filter, change, &matched, err))
        return false;
    *ours = matched == 1;
    return true;
}

/* One that cannot be given back ends by time. */
static void give_turn_back(struct mongo_session *session, const char *name)
{
    AUTO(bson) bson_t *filter = BCON_NEW("_id", BCON_UTF8(name));
    AUTO(bson) bson_t *change = BCON_NEW("$unset", "{", "turnUntil", BCON_BOOL(true), "}");
    size_t matched = 0;
    bool given = change_schema(session, filter, change, &matched, NULL);

    (void)given;
}

/* --- Migrating. --- */

static bool is_readable(const struct schema_version *schema, const struct mongo_options *options,
                        struct error *err)
{
    const int64_t ours = (int64_t)options->migration_count;

    return schema->oldest_reader <= ours ||
           error_set(err, ERR_CONFIG, 0,
                     "the store has schema version %lld of %s, which needs a program of version "
                     "%lld or later; this one is %lld",
                     (long long)schema->version, options->name, (long long)schema->oldest_reader,
                     (long long)ours);
}

static bool migrate_from(struct mongo_session *session, const struct mongo_options *options,
                         int64_t version, struct error *err)
{
    for (size_t i = (size_t)version; i < options->migration_count; i++)
        if (!apply(session, &options->migrations[i], err))
            return false;
    return write_schema(session, options, err);
}

/* Migrates when that is needed and our turn; `ready`: the schema is what we need. */
static bool try_migrate(struct mongo_session *session, const struct mongo_options *options,
                        bool *ready, struct error *err)
{
    struct schema_version schema = { 0 };
    bool ours = false;

    if (!read_schema(session, options->name, &schema, err) || !is_readable(&schema, options, err))
        return false;
    *ready = schema.version >= (int64_t)options->migration_count;
    if (*ready)
        return true;
    if (!take_turn(session, options->name, &ours, err))
        return false;
    if (!ours)
        return true;
    *ready = migrate_from(session, options, schema.version, err);
    give_turn_back(session, options->name);
    return *ready;
}

bool mongo_migrate(struct mongo_session *session, const struct mongo_options *options,
                   struct error *err)
{
    const struct timespec pause = { .tv_nsec = PATIENCE_PAUSE_MS * 1000000L };
    bool ready = false;

    for (unsigned tries = 0; tries < PATIENCE_TRIES; tries++) {
        if (!try_migrate(session, options, &ready, err))
            return false;
        if (ready)
            return true;
        nanosleep(&pause, NULL);
    }
    return error_set(err, ERR_UNAVAILABLE, 0, "another replica migrates the store");
}
