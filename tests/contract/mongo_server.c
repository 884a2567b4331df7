#include "contract/mongo_server.h"

#include <assert.h>
#include <mongoc/mongoc.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "contract/json.h"
#include "contract/mongo_proxy.h"

static char database[64];
static char uri_text[1024];
static mongoc_client_t *direct; /* not through the proxy */

/* Enough for the driver to look again after the proxy opened, and no longer. */
#define OPTIONS "directConnection=true&serverSelectionTimeoutMS=1500"

/* The proxy's address in place of the server's, which TLS would not like: a test server has none.
 */
static void make_uri(const mongoc_uri_t *server, uint16_t port)
{
    const char *user = mongoc_uri_get_username(server);
    const char *password = mongoc_uri_get_password(server);

    if (user)
        snprintf(uri_text, sizeof uri_text,
                 "mongodb://%s:%s@127.0.0.1:%u/%s?authSource=%s&" OPTIONS, user,
                 password ? password : "", port, database, mongoc_uri_get_auth_source(server));
    else
        snprintf(uri_text, sizeof uri_text, "mongodb://127.0.0.1:%u/%s?" OPTIONS, port, database);
}

bool mongo_server_start(const char *what)
{
    const char *text = getenv("TEST_MONGODB_URI");

    if (!text || text[0] == '\0') {
        puts("skipped: TEST_MONGODB_URI is not set");
        return false;
    }
    assert(sodium_init() >= 0);
    mongoc_init();
    direct = mongoc_client_new(text);
    assert(direct);
    const mongoc_uri_t *server = mongoc_client_get_uri(direct);
    const mongoc_host_list_t *host = mongoc_uri_get_hosts(server);
    snprintf(database, sizeof database, "contract_%s_%d", what, (int)getpid());
    make_uri(server, mongo_proxy_start(host->host, host->port));
    return true;
}

void mongo_server_stop(void)
{
    mongo_server_clear();
    mongoc_client_destroy(direct);
    mongo_proxy_stop();
    mongoc_cleanup();
}

const char *mongo_server_uri(void)
{
    return uri_text;
}

void mongo_server_drop(const char *collection)
{
    mongoc_collection_t *dropped = mongoc_client_get_collection(direct, database, collection);
    bson_error_t fault;

    if (!mongoc_collection_drop(dropped, &fault)) {
        fprintf(stderr, "cannot drop %s: %s\n", collection, fault.message);
        abort();
    }
    mongoc_collection_destroy(dropped);
}

void mongo_server_clear(void)
{
    mongoc_database_t *dropped = mongoc_client_get_database(direct, database);
    bson_error_t fault;

    if (!mongoc_database_drop(dropped, &fault)) {
        fprintf(stderr, "cannot drop the test's database: %s\n", fault.message);
        abort();
    }
    mongoc_database_destroy(dropped);
}

static void empty_collection(const char *name)
{
    mongoc_collection_t *collection = mongoc_client_get_collection(direct, database, name);
    bson_t all = BSON_INITIALIZER;
    bson_error_t fault;

    if (!mongoc_collection_delete_many(collection, &all, NULL, NULL, &fault)) {
        fprintf(stderr, "cannot empty %s: %s\n", name, fault.message);
        abort();
    }
    mongoc_collection_destroy(collection);
}

void mongo_server_empty(void)
{
    mongoc_database_t *emptied = mongoc_client_get_database(direct, database);
    bson_error_t fault;
    char **names = mongoc_database_get_collection_names_with_opts(emptied, NULL, &fault);

    if (!names) {
        fprintf(stderr, "cannot list the test's collections: %s\n", fault.message);
        abort();
    }
    for (char **name = names; *name; name++)
        if (strcmp(*name, "schema") != 0)
            empty_collection(*name);
    bson_strfreev(names);
    mongoc_database_destroy(emptied);
}

void mongo_server_write(const char *collection, const char *json)
{
    mongoc_collection_t *written = mongoc_client_get_collection(direct, database, collection);
    bson_t *document = document_of_json(json);
    bson_t *upsert = BCON_NEW("upsert", BCON_BOOL(true));
    bson_t filter = BSON_INITIALIZER;
    bson_iter_t id;
    bson_error_t fault;

    if (!bson_iter_init_find(&id, document, "_id") || !bson_append_iter(&filter, "_id", -1, &id) ||
        !mongoc_collection_replace_one(written, &filter, document, upsert, NULL, &fault)) {
        fprintf(stderr, "cannot write %s: %s\n", json, fault.message);
        abort();
    }
    bson_destroy(&filter);
    bson_destroy(upsert);
    bson_destroy(document);
    mongoc_collection_destroy(written);
}
