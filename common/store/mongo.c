/* The pool, its sessions, the store's time, and its silence. */
#include "store/mongo.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/test_point.h"
#include "store/mongo_parts.h"

enum {
    /* Clocks of good hosts drift by some milliseconds a minute at most. */
    MEASURE_EVERY_MS = 30 * SECOND_MS,
    /* A failure that took that long was waited for. One at once is of a connection: the next has
     * another. */
    SILENCE_MS = SECOND_MS,
    /* How long nobody asks a silent store. Short, for a store that is back is found back by asking;
     * long enough for all who stand in a queue to be told at once. */
    REST_MS = SECOND_MS,
};

struct mongo {
    const struct clock *clock;
    mongoc_client_pool_t *pool;
    char *database;

    pthread_mutex_t time_lock;
    int64_t ahead_ms;    /* the store's clock, of our monotonic one */
    int64_t measured_at; /* or begun to be, so that one thread does it; monotonic */
    bool measured;

    atomic_int_fast64_t answered_at; /* when the store last did, to anybody; monotonic */
    atomic_int_fast64_t rests_until; /* it was silent: not to be asked before; monotonic */

    atomic_uint_fast64_t flushes;
};

/* --- libmongoc. --- */

static void start_library(void)
{
    mongoc_init();
    mongoc_log_set_handler(NULL, NULL); /* what matters comes as an error */
}

void mongo_start(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start_library);
}

const char *mongo_database(const struct mongo_session *session)
{
    return session->mongo->database;
}

void mongo_count_flush(struct mongo *mongo)
{
    atomic_fetch_add(&mongo->flushes, 1);
}

uint64_t mongo_flushes(const struct mongo *mongo)
{
    return atomic_load(&mongo->flushes);
}

/* --- Silence. ---
 *
 * Each call waits for its answer for some seconds. In a store that hangs the calls of one request
 * would add up, and behind the threads that wait, requests would wait for a thread. So when a call
 * was waited for in vain while nobody else had an answer either, all others fail at once for a
 * moment: a request's whole wait is that of one call. */

bool mongo_may_ask(struct mongo *mongo, int64_t *asked_at, bson_error_t *fault)
{
    *asked_at = clock_monotonic_ms(mongo->clock);
    if (*asked_at >= atomic_load(&mongo->rests_until))
        return true;
    bson_set_error(fault, MONGOC_ERROR_SERVER_SELECTION, MONGOC_ERROR_SERVER_SELECTION_FAILURE,
                   "the store was silent a moment ago");
    return false;
}

void mongo_note_answer(struct mongo *mongo, int64_t asked_at, bool answered)
{
    const int64_t now = clock_monotonic_ms(mongo->clock);

    if (answered)
        atomic_store(&mongo->answered_at, now);
    else if (now - asked_at >= SILENCE_MS && atomic_load(&mongo->answered_at) <= asked_at)
        atomic_store(&mongo->rests_until, now + REST_MS);
}

/* --- The store's time. --- */

int64_t mongo_now(struct mongo *mongo)
{
    LOCKED(&mongo->time_lock);
    return clock_monotonic_ms(mongo->clock) + mongo->ahead_ms;
}

/* Whether it is this thread's turn to measure. */
static bool take_measuring(struct mongo *mongo)
{
    const int64_t now = clock_monotonic_ms(mongo->clock);

    LOCKED(&mongo->time_lock);
    if (mongo->measured && now - mongo->measured_at < MEASURE_EVERY_MS)
        return false;
    mongo->measured = true;
    mongo->measured_at = now;
    return true;
}

static void give_measuring_back(struct mongo *mongo)
{
    LOCKED(&mongo->time_lock);
    mongo->measured = false;
}

static bool say_hello(struct mongo_session *session, int64_t *asked_at, bson_t *reply,
                      bson_error_t *fault)
{
    AUTO(bson) bson_t *hello = BCON_NEW("hello", BCON_INT32(1));

    if (!mongo_may_ask(session->mongo, asked_at, fault))
        return false;
    bool done = mongoc_client_command_simple(session->client, "admin", hello, NULL, reply, fault);
    mongo_note_answer(session->mongo, *asked_at, done || mongo_is_answer(fault));
    return done;
}

/* Its clock was read somewhere between asking and answer: the middle is off by half of that. */
static bool measure(struct mongo_session *session, struct error *err)
{
    struct mongo *mongo = session->mongo;
    AUTO(bson_local) bson_t reply = BSON_INITIALIZER;
    bson_error_t fault = { 0 };
    int64_t asked = 0, local_time = 0;

    if (!say_hello(session, &asked, &reply, &fault))
        return mongo_failed(&fault, false, "cannot reach the store", err);
    const int64_t answered = clock_monotonic_ms(mongo->clock);
    if (!mongo_field_date(&reply, "localTime", &local_time))
        return error_set(err, ERR_BUG, 0, "the store does not tell its time");

    local_time += TEST_OFFSET_MS("TEST_STORE_OFFSET_MS");
    LOCKED(&mongo->time_lock);
    mongo->ahead_ms = local_time - (asked + (answered - asked) / 2);
    return true;
}

/* A store that does not answer this would not answer the operation either. */
static bool keep_time(struct mongo_session *session, struct error *err)
{
    if (!take_measuring(session->mongo))
        return true;
    if (measure(session, err))
        return true;
    give_measuring_back(session->mongo);
    return false;
}

/* --- Sessions. --- */

struct mongo_session *mongo_begin(struct mongo *mongo, struct error *err)
{
    AUTO(mongo_session) struct mongo_session *session = calloc(1, sizeof *session);

    if (!session) {
        error_set(err, ERR_NO_MEMORY, 0, "session");
        return NULL;
    }
    session->mongo = mongo;
    session->client = mongoc_client_pool_pop(mongo->pool);
    if (!session->client) {
        error_set(err, ERR_UNAVAILABLE, 0, "all connections to the store are in use");
        return NULL;
    }
    return keep_time(session, err) ? STEAL(session) : NULL;
}

void mongo_end(struct mongo_session *session)
{
    if (!session)
        return;
    if (session->client)
        mongoc_client_pool_push(session->mongo->pool, session->client);
    free(session);
}

/* --- Opening. --- */

static bool make_pool(struct mongo *mongo, const struct mongo_options *options, struct error *err)
{
    AUTO(mongo_uri) mongoc_uri_t *uri = mongo_uri_make(options->uri, err);
    bson_error_t fault = { 0 };

    if (!uri)
        return false;
    const char *named = mongoc_uri_get_database(uri);
    mongo->database = strdup(named ? named : options->database);
    if (!mongo->database)
        return error_set(err, ERR_NO_MEMORY, 0, "store");
    mongo->pool = mongoc_client_pool_new_with_error(uri, &fault);
    if (!mongo->pool)
        return mongo_failed(&fault, false, "cannot make connections", err);
    mongoc_client_pool_set_error_api(mongo->pool, MONGOC_ERROR_API_VERSION_2);
    mongoc_client_pool_set_appname(mongo->pool, options->name);
    return true;
}

/* What a failure of opening means. Later a refused login is an outage like another; at start it is
 * a setting's fault. A migration that was not answered in time (a large index) is safe to repeat.
 */
static void judge_opening(struct error *err)
{
    enum { UNAUTHORIZED = 13, AUTHENTICATION_FAILED = 18 };

    if (err->cause == MONGOC_ERROR_CLIENT_AUTHENTICATE || err->cause == UNAUTHORIZED ||
        err->cause == AUTHENTICATION_FAILED)
        err->code = ERR_CONFIG;
    else if (err->code == ERR_UNKNOWN)
        err->code = ERR_UNAVAILABLE;
}

static bool reach(struct mongo *mongo, const struct mongo_options *options, struct error *err)
{
    AUTO(mongo_session) struct mongo_session *session = mongo_begin(mongo, err);

    return session && mongo_migrate(session, options, err);
}

struct mongo *mongo_open(const struct mongo_options *options, const struct clock *clock,
                         struct error *err)
{
    AUTO(mongo) struct mongo *mongo = calloc(1, sizeof *mongo);
    struct error fault = { 0 };

    mongo_start();
    if (!mongo) {
        error_set(err, ERR_NO_MEMORY, 0, "store");
        return NULL;
    }
    mongo->clock = clock;
    pthread_mutex_init(&mongo->time_lock, NULL);
    if (make_pool(mongo, options, &fault) && reach(mongo, options, &fault))
        return STEAL(mongo);
    judge_opening(&fault);
    if (err)
        *err = fault;
    return NULL;
}

void mongo_close(struct mongo *mongo)
{
    if (!mongo)
        return;
    if (mongo->pool)
        mongoc_client_pool_destroy(mongo->pool);
    pthread_mutex_destroy(&mongo->time_lock);
    free(mongo->database);
    free(mongo);
}
