/* What request smuggling is made of, over a real socket: a 400 and the end, whoever says it. */
#include "unit/common/http/toy_server.h"

static struct toy toy;
static struct answer answer;

#define TEXT(text) (text), sizeof(text) - 1

/* Each could be two requests to somebody. A second request that got through would be answered. */
#define SECOND            "GET /now HTTP/1.1\r\nHost: x\r\n\r\n"
#define CHUNKS            "0\r\n\r\n"
#define POST_WITH(fields) "POST /things HTTP/1.1\r\n" TOY_JSON fields "\r\n"

static const struct smuggle_case {
    const char *name, *request;
    size_t length;
} smuggled[] = {
    { "length and encoding", TEXT(POST_WITH("Content-Length: 5\r\n"
                                            "Transfer-Encoding: chunked\r\n") CHUNKS SECOND) },
    { "encoding and length", TEXT(POST_WITH("Transfer-Encoding: chunked\r\n"
                                            "Content-Length: 5\r\n") CHUNKS SECOND) },
    { "two lengths", TEXT(POST_WITH("Content-Length: 0\r\nContent-Length: 31\r\n") SECOND) },
    { "one length twice", TEXT(POST_WITH("Content-Length: 2\r\nContent-Length: 2\r\n") "{}") },
    { "a length list", TEXT(POST_WITH("Content-Length: 2, 2\r\n") "{}" SECOND) },
    { "a length with a plus", TEXT(POST_WITH("Content-Length: +2\r\n") "{}" SECOND) },
    { "a negative length", TEXT(POST_WITH("Content-Length: -2\r\n") "{}" SECOND) },
    { "a length in hex", TEXT(POST_WITH("Content-Length: 0x2\r\n") "{}" SECOND) },
    { "a blank before the colon",
      TEXT(POST_WITH("Transfer-Encoding : chunked\r\n") CHUNKS SECOND) },
    { "a tab before the colon", TEXT(POST_WITH("Content-Length\t: 2\r\n") "{}" SECOND) },
    { "almost chunked", TEXT(POST_WITH("Transfer-Encoding: xchunked\r\n") CHUNKS SECOND) },
    { "a list of encodings",
      TEXT(POST_WITH("Transfer-Encoding: gzip, chunked\r\n") CHUNKS SECOND) },
    { "chunked twice", TEXT(POST_WITH("Transfer-Encoding: chunked\r\n"
                                      "Transfer-Encoding: identity\r\n") CHUNKS SECOND) },
    { "a folded encoding", TEXT(POST_WITH("Transfer-Encoding:\r\n chunked\r\n") CHUNKS SECOND) },
    { "a folded header", TEXT("GET /now HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n" SECOND) },
    { "a bare LF between headers", TEXT("GET /now HTTP/1.1\r\nHost: x\nA: b\r\n\r\n" SECOND) },
    { "a bare LF behind the request line", TEXT("GET /now HTTP/1.1\nHost: x\r\n\r\n" SECOND) },
    { "a bare LF for the empty line", TEXT("GET /now HTTP/1.1\r\nHost: x\r\n\n" SECOND) },
    { "a bare LF and an empty line", TEXT("GET /now HTTP/1.1\r\nHost: x\n\r\n" SECOND) },
    { "a bare CR in a value", TEXT("GET /now HTTP/1.1\r\nHost: x\r\nA: b\rc\r\n\r\n" SECOND) },
    { "a NUL in a value", TEXT("GET /now HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n" SECOND) },
    { "a NUL at a value's end", TEXT("GET /now HTTP/1.1\r\nHost: x\r\nA: b\0\r\n\r\n" SECOND) },
    { "a NUL in the encoding", TEXT(POST_WITH("Transfer-Encoding: chunked\0x\r\n") CHUNKS SECOND) },
    { "a NUL in a name", TEXT("GET /now HTTP/1.1\r\nHost: x\r\nA\0: b\r\n\r\n" SECOND) },
    { "a NUL in the target", TEXT("GET /now\0x HTTP/1.1\r\nHost: x\r\n\r\n" SECOND) },
    { "a NUL in the query", TEXT("GET /now?\0 HTTP/1.1\r\nHost: x\r\n\r\n" SECOND) },
    { "a NUL in the method", TEXT("GET\0 /now HTTP/1.1\r\nHost: x\r\n\r\n" SECOND) },
    { "a control character in a value",
      TEXT("GET /now HTTP/1.1\r\nHost: x\r\nA: \x01\r\n\r\n" SECOND) },
    { "no name", TEXT("GET /now HTTP/1.1\r\nHost: x\r\n: b\r\n\r\n" SECOND) },
    { "no colon", TEXT("GET /now HTTP/1.1\r\nHost: x\r\nabc\r\n\r\n" SECOND) },
    { "two Hosts", TEXT("GET /now HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n" SECOND) },
    { "no Host", TEXT("GET /now HTTP/1.1\r\nA: b\r\n\r\n" SECOND) },
    { "a Host that is none", TEXT("GET /now HTTP/1.1\r\nHost: a/b\r\n\r\n" SECOND) },
    { "a blank in the target", TEXT("GET /now /x HTTP/1.1\r\nHost: x\r\n\r\n" SECOND) },
    { "two blanks in the request line", TEXT("GET  /now HTTP/1.1\r\nHost: x\r\n\r\n" SECOND) },
    { "a malformed chunk size",
      TEXT(POST_WITH("Transfer-Encoding: chunked\r\n") "zz\r\n{}\r\n" CHUNKS SECOND) },
};

/* A 400 and the end. The library's own comes twice at times, and a newer one just closes on a NUL
 * in the request line. */
static void it_is_refused(void **state)
{
    const struct smuggle_case *c = *state;
    static struct client client;
    const int decoded = atomic_load(&toy.decoded);

    toy_connect(&toy, &client);
    assert_true(wire_send_bytes(&client, c->request, c->length));
    wire_read(&client, &answer);
    assert_true(answer.status == 400 || answer.status == 0);
    while (wire_fill(&client))
        continue;
    assert_true(client.length == 0 || !strstr(client.bytes, "HTTP/1.1 200"));
    assert_int_equal(atomic_load(&toy.decoded), decoded);
    wire_close(&client);
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_ROWS(&tests, it_is_refused, smuggled);

    toy_init(&toy);
    toy_open(&toy);
    const int result = tests_run("server, smuggling", &tests);
    toy_close(&toy);
    return result;
}
