/* The schema and its version.
 *
 * One document says which version made the schema and which is the oldest program that still runs
 * on it. Where SQLite keeps others out while it migrates, here every step may be done twice: an
 * index that is there is made again without effect, and the version only grows. So two replicas
 * that start together do the same work, and one that dies in the middle is followed by another. */
#include <string.h>

#include "store/mongo_parts.h"

static const char schemas[] = "schema";

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
            mongo_field_number(&row, "oldestReader", &out->oldest_reader)) ||
           error_set(err, ERR_CONFIG, 0, "the schema's version of %s is not one of ours", name);
}

/* Only ever up: whoever is ahead of us stays so. */
static bool write_schema(struct mongo_session *session, const struct mongo_options *options,
                         struct error *err)
{
    const size_t count = options->migration_count;
    AUTO(bson)
    bson_t *command = BCON_NEW("update", BCON_UTF8(schemas), "updates", "[", "{", "q", "{", "_id",
                               BCON_UTF8(options->name), "}", "u", "{", "$max", "{", "version",
                               BCON_INT64((int64_t)count), "oldestReader",
                               BCON_INT64((int64_t)options->migrations[count - 1].oldest_reader),
                               "}", "}", "upsert", BCON_BOOL(true), "}", "]");
    size_t matched = 0;

    return mongo_change(session, command, &matched, err);
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
    for (size_t i = 0; i < migration->index_count; i++)
        if (!ensure_index(session, &migration->indexes[i], err))
            return false;
    return true;
}

bool mongo_migrate(struct mongo_session *session, const struct mongo_options *options,
                   struct error *err)
{
    const int64_t ours = (int64_t)options->migration_count;
    struct schema_version schema = { 0 };

    if (!read_schema(session, options->name, &schema, err))
        return false;
    if (schema.oldest_reader > ours)
        return error_set(err, ERR_CONFIG, 0,
                         "the store has schema version %lld of %s, which needs a program of "
                         "version %lld or later; this one is %lld",
                         (long long)schema.version, options->name, (long long)schema.oldest_reader,
                         (long long)ours);
    if (schema.version >= ours)
        return true;
    for (int64_t i = schema.version; i < ours; i++)
        if (!apply(session, &options->migrations[i], err))
            return false;
    return write_schema(session, options, err);
}
