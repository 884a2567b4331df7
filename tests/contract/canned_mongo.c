/* A thread for each connection, for the driver holds some open. The wire protocol: a header, then
 * OP_QUERY (the first hello) or OP_MSG (all that follows); see MongoDB's documentation of it. */
#include "contract/canned_mongo.h"

#include <arpa/inet.h>
#include <assert.h>
#include <mongoc/mongoc.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "contract/json.h"

enum {
    OP_REPLY = 1,
    OP_QUERY = 2004,
    OP_MSG = 2013,
    MESSAGE_MAX = 1 << 20,
    CONNECTIONS_MAX = 256,
    SEEN_MAX = 64,
};

struct header {
    int32_t length, request_id, response_to, op_code;
};

static struct {
    int listener;
    char uri[160];
    pthread_t thread;

    pthread_mutex_t lock;
    const struct canned_reply *replies;
    size_t count, given;
    struct seen {
        char name[32];
        char *json;
    } seen[SEEN_MAX];
    size_t seen_count;

    int sockets[CONNECTIONS_MAX];
    pthread_t threads[CONNECTIONS_MAX];
    size_t connections;
} canned = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* --- What to answer. --- */

static void remember(const char *name, const bson_t *command)
{
    size_t i = 0;

    while (i < canned.seen_count && strcmp(canned.seen[i].name, name) != 0)
        i++;
    assert(i < SEEN_MAX);
    if (i == canned.seen_count) {
        snprintf(canned.seen[i].name, sizeof canned.seen[i].name, "%s", name);
        canned.seen_count++;
    }
    bson_free(canned.seen[i].json);
    canned.seen[i].json = bson_as_relaxed_extended_json(command, NULL);
}

static bson_t *hello(void)
{
    return BCON_NEW("ok", BCON_DOUBLE(1), "ismaster", BCON_BOOL(true), "isWritablePrimary",
                    BCON_BOOL(true), "helloOk", BCON_BOOL(true), "minWireVersion", BCON_INT32(0),
                    "maxWireVersion", BCON_INT32(17), "maxBsonObjectSize", BCON_INT32(16777216),
                    "maxMessageSizeBytes", BCON_INT32(48000000), "maxWriteBatchSize",
                    BCON_INT32(100000), "localTime", BCON_DATE_TIME(CANNED_TIME));
}

/* How many documents it inserts, or how many updates it holds. */
static int32_t size_of(const bson_t *command)
{
    bson_iter_t list, each;
    int32_t count = 0;

    if ((bson_iter_init_find(&list, command, "documents") ||
         bson_iter_init_find(&list, command, "updates")) &&
        bson_iter_recurse(&list, &each))
        while (bson_iter_next(&each))
            count++;
    return count;
}

/* As a store would in which nothing is to be read yet and all goes well. */
static bson_t *usual_answer(const char *name, const bson_t *command)
{
    if (strcmp(name, "find") == 0)
        return BCON_NEW("ok", BCON_DOUBLE(1), "cursor", "{", "id", BCON_INT64(0), "ns",
                        BCON_UTF8("x.y"), "firstBatch", "[", "]", "}");
    return BCON_NEW("ok", BCON_DOUBLE(1), "n", BCON_INT32(size_of(command)));
}

/* NULL: none; `hang_up` tells which way. */
static bson_t *answer(const bson_t *command, bool *hang_up)
{
    bson_iter_t first;
    bool named = bson_iter_init(&first, command) && bson_iter_next(&first);
    assert(named);
    const char *name = bson_iter_key(&first);

    if (strcmp(name, "hello") == 0 || strcasecmp(name, "ismaster") == 0)
        return hello();
    pthread_mutex_lock(&canned.lock);
    remember(name, command);
    const char *json = NULL;
    if (canned.given < canned.count && strcmp(canned.replies[canned.given].command, name) == 0)
        json = canned.replies[canned.given++].json;
    pthread_mutex_unlock(&canned.lock);
    if (!json)
        return usual_answer(name, command);
    *hang_up = strcmp(json, CANNED_HANG_UP) == 0;
    if (*hang_up || strcmp(json, CANNED_SILENCE) == 0)
        return NULL;
    return document_of_json(json);
}

/* --- The protocol. --- */

static bool receive(int socket, void *bytes, size_t count)
{
    return recv(socket, bytes, count, MSG_WAITALL) == (ssize_t)count;
}

static bool parse(const struct header *header, const char *body, size_t length, bson_t *command)
{
    size_t at = 5; /* OP_MSG: flags, the kind of the first section */

    if (header->op_code == OP_QUERY) {
        at = 4; /* flags, a name, two numbers */
        at += strnlen(body + at, length - at) + 1 + 8;
    }
    assert(at + 4 < length);
    int32_t size = 0;
    memcpy(&size, body + at, sizeof size);
    return bson_init_static(command, (const uint8_t *)body + at, (size_t)size);
}

static void reply_to(int socket, const struct header *header, const bson_t *reply)
{
    static const char query_head[20] = { [16] = 1 }; /* flags, cursor, start, one document */
    static const char message_head[5] = { 0 };
    const bool query = header->op_code == OP_QUERY;
    const size_t head = query ? sizeof query_head : sizeof message_head;
    struct header own = { .length = (int32_t)(sizeof own + head + reply->len),
                          .response_to = header->request_id,
                          .op_code = query ? OP_REPLY : OP_MSG };

    send(socket, &own, sizeof own, MSG_NOSIGNAL | MSG_MORE);
    send(socket, query ? query_head : message_head, head, MSG_NOSIGNAL | MSG_MORE);
    send(socket, bson_get_data(reply), reply->len, MSG_NOSIGNAL);
}

static void *serve(void *context)
{
    const int socket = *(const int *)context;
    char *body = bson_malloc(MESSAGE_MAX);
    struct header header;
    bool hang_up = false;

    while (!hang_up && receive(socket, &header, sizeof header)) {
        const size_t length = (size_t)header.length - sizeof header;
        bson_t command;
        if (length > MESSAGE_MAX || !receive(socket, body, length) ||
            !parse(&header, body, length, &command))
            break;
        bson_t *reply = answer(&command, &hang_up);
        if (reply)
            reply_to(socket, &header, reply);
        bson_destroy(reply);
    }
    shutdown(socket, SHUT_RDWR); /* closed in the end, so that its number is not another's before */
    bson_free(body);
    return NULL;
}

static void *accept_all(void *unused)
{
    for (;;) {
        int socket = accept(canned.listener, NULL, NULL);
        if (socket < 0)
            return unused;
        assert(canned.connections < CONNECTIONS_MAX);
        size_t own = canned.connections++;
        canned.sockets[own] = socket;
        int failed = pthread_create(&canned.threads[own], NULL, serve, &canned.sockets[own]);
        assert(failed == 0);
    }
}

/* --- For the test. --- */

void canned_mongo_start(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t length = sizeof address;

    canned.listener = socket(AF_INET, SOCK_STREAM, 0);
    int failed = bind(canned.listener, (struct sockaddr *)&address, sizeof address) |
                 listen(canned.listener, SOMAXCONN) |
                 getsockname(canned.listener, (struct sockaddr *)&address, &length) |
                 pthread_create(&canned.thread, NULL, accept_all, NULL);
    assert(failed == 0);
    snprintf(canned.uri, sizeof canned.uri,
             "mongodb://127.0.0.1:%u/canned?socketTimeoutMS=1000&serverSelectionTimeoutMS=2000",
             ntohs(address.sin_port));
}

void canned_mongo_stop(void)
{
    shutdown(canned.listener, SHUT_RDWR);
    pthread_join(canned.thread, NULL);
    close(canned.listener);
    for (size_t i = 0; i < canned.connections; i++) {
        shutdown(canned.sockets[i], SHUT_RDWR);
        pthread_join(canned.threads[i], NULL);
        close(canned.sockets[i]);
    }
    canned_mongo_script(NULL, 0);
}

void canned_mongo_script(const struct canned_reply replies[], size_t count)
{
    pthread_mutex_lock(&canned.lock);
    canned.replies = replies;
    canned.count = count;
    canned.given = 0;
    while (canned.seen_count > 0) {
        bson_free(canned.seen[--canned.seen_count].json);
        canned.seen[canned.seen_count].json = NULL;
    }
    pthread_mutex_unlock(&canned.lock);
}

size_t canned_mongo_given(void)
{
    pthread_mutex_lock(&canned.lock);
    size_t given = canned.given;
    pthread_mutex_unlock(&canned.lock);
    return given;
}

const char *canned_mongo_last(const char *command)
{
    const char *json = "";

    pthread_mutex_lock(&canned.lock);
    for (size_t i = 0; i < canned.seen_count; i++)
        if (strcmp(canned.seen[i].name, command) == 0)
            json = canned.seen[i].json;
    pthread_mutex_unlock(&canned.lock);
    return json;
}

const char *canned_mongo_uri(void)
{
    return canned.uri;
}
