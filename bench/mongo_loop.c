/* What the store itself can do: a bare loop of writers, each of which inserts the documents of N
 * orders at a time, records and then orders, as order-svc does, and nothing else. The driver's own
 * way of inserting, with the same documents, indexes and write concern.
 *
 *     STORE_URI=… mongo_loop WRITERS BATCH SECONDS ORDERS     until the time or the orders are over
 *     STORE_URI=… mongo_loop drop                             the database that the URI names
 *
 * The database is one that order-svc has made. BATCH may be a fraction (the mean batch of a run):
 * 12.4 inserts 12, sometimes 13. Prints one JSON line. */
#include <mongoc/mongoc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WRITERS_MAX = 64, BATCH_MAX = 1000, LINGER_MS = 500, ACKNOWLEDGED_MS = 3000, PRICE = 40000 };

struct loop {
    mongoc_client_pool_t *pool;
    const char *database;
    double batch, until_s;
    atomic_long orders_left;
};

struct writer {
    struct loop *loop;
    pthread_t thread;
    uint64_t seed;
    long orders, batches;
};

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void check(bool good, const bson_error_t *fault)
{
    if (good)
        return;
    fprintf(stderr, "mongo_loop: %s\n", fault->message);
    exit(1);
}

/* splitmix64: ids only have to be as spread as the service's. */
static uint64_t next_random(struct writer *writer)
{
    uint64_t z = writer->seed += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

static bson_oid_t next_id(struct writer *writer)
{
    const uint64_t random[2] = { next_random(writer), next_random(writer) };
    bson_oid_t id;

    memcpy(&id, random, sizeof id);
    return id;
}

/* --- Documents, as order_documents_mongo.c makes them. --- */

static const bson_oid_t user = { { 'b', 'e', 'n', 'c', 'h' } };

static bson_t *make_record(const bson_oid_t *id, int64_t now_ms, long number)
{
    char request_id[32];

    snprintf(request_id, sizeof request_id, "loop-%ld", number);
    return BCON_NEW("_id", BCON_OID(id), "userId", BCON_OID(&user), "requestId",
                    BCON_UTF8(request_id), "price", BCON_INT64(PRICE), "date",
                    BCON_DATE_TIME(now_ms), "state", BCON_UTF8("pending"), "dueAt",
                    BCON_DATE_TIME(now_ms + LINGER_MS), "attempts", BCON_INT64(0), "createdAt",
                    BCON_DATE_TIME(now_ms));
}

static bson_t *make_order(const bson_oid_t *id, int64_t now_ms)
{
    return BCON_NEW("_id", BCON_OID(id), "userId", BCON_OID(&user), "price", BCON_INT64(PRICE),
                    "date", BCON_DATE_TIME(now_ms), "status", BCON_UTF8("new"));
}

/* --- Writing. --- */

/* Inserts and frees them. */
static void insert_all(mongoc_client_t *client, const char *database, const char *name,
                       bson_t *documents[], size_t count)
{
    mongoc_collection_t *collection = mongoc_client_get_collection(client, database, name);
    bson_t *unordered = BCON_NEW("ordered", BCON_BOOL(false));
    bson_error_t fault;

    check(mongoc_collection_insert_many(collection, (const bson_t **)documents, count, unordered,
                                        NULL, &fault),
          &fault);
    for (size_t i = 0; i < count; i++)
        bson_destroy(documents[i]);
    bson_destroy(unordered);
    mongoc_collection_destroy(collection);
}

static void add_batch(struct writer *writer, mongoc_client_t *client, size_t count)
{
    const int64_t now_ms = (int64_t)time(NULL) * 1000;
    bson_t *records[BATCH_MAX], *orders[BATCH_MAX];

    for (size_t i = 0; i < count; i++) {
        const bson_oid_t id = next_id(writer);
        records[i] = make_record(&id, now_ms, writer->orders++);
        orders[i] = make_order(&id, now_ms);
    }
    insert_all(client, writer->loop->database, "records", records, count);
    insert_all(client, writer->loop->database, "orders", orders, count);
    writer->batches++;
}

/* As many as are wanted, or as are left. */
static size_t take(struct loop *loop, double wanted)
{
    long count = wanted < BATCH_MAX ? (long)wanted : BATCH_MAX;
    const long left = atomic_fetch_sub(&loop->orders_left, count);

    if (left < count)
        count = left > 0 ? left : 0;
    return (size_t)count;
}

static void *write_batches(void *context)
{
    struct writer *writer = context;
    struct loop *loop = writer->loop;
    mongoc_client_t *client = mongoc_client_pool_pop(loop->pool);
    double owed = 0;

    while (now_s() < loop->until_s) {
        owed += loop->batch;
        const size_t count = take(loop, owed);
        if (count == 0)
            break;
        owed -= (double)count;
        add_batch(writer, client, count);
    }
    mongoc_client_pool_push(loop->pool, client);
    return NULL;
}

static void run(struct loop *loop, size_t writer_count, double seconds)
{
    struct writer writers[WRITERS_MAX];
    const double started = now_s();
    long orders = 0, batches = 0;

    loop->until_s = started + seconds;
    for (size_t i = 0; i < writer_count; i++) {
        writers[i] = (struct writer){ .loop = loop, .seed = (uint64_t)time(NULL) << 8 | i };
        if (pthread_create(&writers[i].thread, NULL, write_batches, &writers[i]) != 0)
            exit(1);
    }
    for (size_t i = 0; i < writer_count; i++) {
        pthread_join(writers[i].thread, NULL);
        orders += writers[i].orders;
        batches += writers[i].batches;
    }
    printf("{\"orders\": %ld, \"batches\": %ld, \"seconds\": %.6f}\n", orders, batches,
           now_s() - started);
}

/* --- The store. --- */

/* Acknowledged as order-svc asks for it; and reached, so that connecting is not measured. */
static void open_pool(struct loop *loop, mongoc_uri_t *uri)
{
    mongoc_write_concern_t *write = mongoc_write_concern_new();
    bson_t *ping = BCON_NEW("ping", BCON_INT32(1));
    bson_error_t fault;

    mongoc_write_concern_set_wmajority(write, ACKNOWLEDGED_MS);
    mongoc_write_concern_set_journal(write, true);
    mongoc_uri_set_write_concern(uri, write);
    mongoc_write_concern_destroy(write);
    loop->pool = mongoc_client_pool_new(uri);
    loop->database = mongoc_uri_get_database(uri);
    mongoc_client_t *client = mongoc_client_pool_pop(loop->pool);
    check(mongoc_client_command_simple(client, "admin", ping, NULL, NULL, &fault), &fault);
    mongoc_client_pool_push(loop->pool, client);
    bson_destroy(ping);
}

static void drop(const struct loop *loop)
{
    mongoc_client_t *client = mongoc_client_pool_pop(loop->pool);
    mongoc_database_t *database = mongoc_client_get_database(client, loop->database);
    bson_error_t fault;

    check(mongoc_database_drop(database, &fault), &fault);
    mongoc_database_destroy(database);
    mongoc_client_pool_push(loop->pool, client);
}

int main(int argc, char *argv[])
{
    const bool drops = argc == 2 && strcmp(argv[1], "drop") == 0;
    const char *text = getenv("STORE_URI");
    mongoc_uri_t *uri = text ? mongoc_uri_new(text) : NULL;
    struct loop loop = { 0 };

    if (!uri || !mongoc_uri_get_database(uri) || (argc != 5 && !drops)) {
        fprintf(stderr, "usage: STORE_URI=mongodb://…/DATABASE mongo_loop WRITERS BATCH SECONDS "
                        "ORDERS | drop\n");
        return 2;
    }
    mongoc_init();
    mongoc_log_set_handler(NULL, NULL); /* what matters ends the run */
    open_pool(&loop, uri);
    if (drops) {
        drop(&loop);
    } else {
        const long writers = strtol(argv[1], NULL, 10);
        loop.batch = strtod(argv[2], NULL);
        loop.orders_left = strtol(argv[4], NULL, 10);
        run(&loop, writers < WRITERS_MAX ? (size_t)writers : WRITERS_MAX, strtod(argv[3], NULL));
    }
    mongoc_client_pool_destroy(loop.pool);
    mongoc_uri_destroy(uri);
    mongoc_cleanup();
    return 0;
}
