/* The URI: what it may ask for, and what we put into it. */
#include "store/mongo_uri.h"

#include <string.h>

#include "store/mongo_parts.h"

/* How long a call may take: 2 s to find the primary, 4 s to be answered by it. The URI may ask for
 * less, never for more: whoever waits for an order is better served by a 503. */
static const struct limit {
    const char *option;
    int32_t max_ms;
} limits[] = {
    { MONGOC_URI_SERVERSELECTIONTIMEOUTMS, 2000 }, /* an election is over or takes much longer */
    { MONGOC_URI_CONNECTTIMEOUTMS, 2000 },
    { MONGOC_URI_SOCKETTIMEOUTMS,
      4000 }, /* above ACKNOWLEDGED_MS: the store's own word is better */
    { MONGOC_URI_WAITQUEUETIMEOUTMS, 2000 },
};

/* wtimeoutMS: how long a write waits for the majority. */
enum { ACKNOWLEDGED_MS = 3000 };

AUTO_DEFINE(write_concern, mongoc_write_concern_t *, mongoc_write_concern_destroy);
AUTO_DEFINE(read_concern, mongoc_read_concern_t *, mongoc_read_concern_destroy);

bool mongo_uri_is(const char *uri)
{
    return strncmp(uri, "mongodb://", strlen("mongodb://")) == 0 ||
           strncmp(uri, "mongodb+srv://", strlen("mongodb+srv://")) == 0;
}

static bool refuse(struct error *err, const char *reason)
{
    return error_set(err, ERR_CONFIG, 0, "%s", reason);
}

static bool check_durability(const mongoc_uri_t *uri, struct error *err)
{
    const mongoc_write_concern_t *write = mongoc_uri_get_write_concern(uri);
    const char *level = mongoc_read_concern_get_level(mongoc_uri_get_read_concern(uri));
    const mongoc_read_mode_t mode = mongoc_read_prefs_get_mode(mongoc_uri_get_read_prefs_t(uri));

    if (!mongoc_write_concern_get_wmajority(write) &&
        mongoc_write_concern_get_w(write) != MONGOC_WRITE_CONCERN_W_DEFAULT)
        return refuse(err, "w must be majority or left out: an order is told of once a majority "
                           "has it");
    if (mongoc_write_concern_journal_is_set(write) && !mongoc_write_concern_get_journal(write))
        return refuse(err, "journal must be true or left out");
    if (level && strcmp(level, MONGOC_READ_CONCERN_LEVEL_MAJORITY) != 0)
        return refuse(err, "readConcernLevel must be majority or left out");
    if (mode != MONGOC_READ_PRIMARY)
        return refuse(err, "readPreference must be primary or left out");
    return true;
}

/* Which writes may be repeated, and how often, is for who knows what each of them does: a compare
 * and swap that may have been done is not one of them (mongo_command.c). */
static bool check_repeats(const mongoc_uri_t *uri, struct error *err)
{
    return !mongoc_uri_get_option_as_bool(uri, MONGOC_URI_RETRYWRITES, false) ||
           refuse(err, "retryWrites must be false or left out: a write that may have been done is "
                       "never repeated unseen");
}

static mongoc_uri_t *parse(const char *text, struct error *err)
{
    bson_error_t fault;

    mongo_start();
    AUTO(mongo_uri) mongoc_uri_t *uri = mongoc_uri_new_with_error(text, &fault);
    if (!uri) {
        refuse(err, "no URI that libmongoc understands (mongodb://user:password@host:port/database;"
                    " percent-encode what is special in user and password)");
        return NULL;
    }
    return check_durability(uri, err) && check_repeats(uri, err) ? STEAL(uri) : NULL;
}

bool mongo_uri_check(const char *text, struct error *err)
{
    AUTO(mongo_uri) mongoc_uri_t *uri = parse(text, err);
    return uri != NULL;
}

/* Left to itself the driver does everything once more, which doubles the wait for a store that
 * hangs; a repeat is the client's, who has a 503 and knows whether it still wants it. Of reads the
 * URI may ask for it. */
static void set_repeats(mongoc_uri_t *uri)
{
    mongoc_uri_set_option_as_bool(uri, MONGOC_URI_RETRYWRITES, false);
    mongoc_uri_set_option_as_bool(uri, MONGOC_URI_RETRYREADS,
                                  mongoc_uri_get_option_as_bool(uri, MONGOC_URI_RETRYREADS, false));
}

static void set_durability(mongoc_uri_t *uri)
{
    AUTO(write_concern) mongoc_write_concern_t *write = mongoc_write_concern_new();
    AUTO(read_concern) mongoc_read_concern_t *read = mongoc_read_concern_new();

    mongoc_write_concern_set_wmajority(write, ACKNOWLEDGED_MS);
    mongoc_write_concern_set_journal(write, true);
    mongoc_uri_set_write_concern(uri, write);
    mongoc_read_concern_set_level(read, MONGOC_READ_CONCERN_LEVEL_MAJORITY);
    mongoc_uri_set_read_concern(uri, read);
}

mongoc_uri_t *mongo_uri_make(const char *text, struct error *err)
{
    AUTO(mongo_uri) mongoc_uri_t *uri = parse(text, err);

    if (!uri)
        return NULL;
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        int32_t asked = mongoc_uri_get_option_as_int32(uri, limits[i].option, 0);
        if (asked <= 0 || asked > limits[i].max_ms)
            mongoc_uri_set_option_as_int32(uri, limits[i].option, limits[i].max_ms);
    }
    set_repeats(uri);
    set_durability(uri);
    return STEAL(uri);
}
