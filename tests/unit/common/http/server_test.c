/* What the server answers to one request at a time, over a real socket. */
#include "unit/common/http/toy_server.h"

#include "unit/support/oom.h"

static struct toy toy;
static struct answer answer;

#define TEXT(text)   (text), sizeof(text) - 1
#define POST_2(path) "POST " path " HTTP/1.1\r\n" TOY_JSON "Content-Length: 2\r\n\r\n{}"
#define ID           "0123456789abcdef01234567"

static const struct answer_case {
    const char *name, *request;
    size_t length;
    int status;
    bool kept;
    const char *body;                 /* part of it */
    const char *header_name, *header; /* one that it carries */
} answers[] = {
    { "inline", TEXT(TOY_GET("/now")), 200, true, "\"bytes\":0", "ETag", "\"7\"" },
    { "in a lane", TEXT(TOY_GET("/things")), 200, true, "{", "Content-Type", "application/json" },
    { "a body", TEXT(POST_2("/things")), 200, true, "\"bytes\":2", NULL, NULL },
    { "a body in chunks",
      TEXT("POST /things HTTP/1.1\r\n" TOY_JSON
           "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"),
      200, true, "\"bytes\":2", NULL, NULL },
    { "an id", TEXT(TOY_GET("/things/" ID "/")), 200, true, ID, NULL, NULL },
    { "no content", TEXT("DELETE /things/" ID " HTTP/1.1\r\nHost: x\r\n\r\n"), 204, true, "", NULL,
      NULL },
    { "HEAD", TEXT("HEAD /things HTTP/1.1\r\nHost: x\r\n\r\n"), 200, true, "", "ETag", "\"7\"" },
    { "absolute form", TEXT(TOY_GET("http://toy/now")), 200, true, "{", NULL, NULL },
    { "HTTP/1.0", TEXT("GET /now HTTP/1.0\r\n\r\n"), 200, false, "{", NULL, NULL },
    { "the client wants to close",
      TEXT("GET /now HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), 200, false, "{", NULL,
      NULL },
    { "the client's request id", TEXT("GET /now HTTP/1.1\r\nHost: x\r\nX-Request-Id: a-b \r\n\r\n"),
      200, true, "{", "X-Request-Id", "a-b" },
    { "its request id in a problem",
      TEXT("GET /no HTTP/1.1\r\nHost: x\r\nX-Request-Id: a\"b\r\n\r\n"), 404, true,
      "\"instance\":\"a\\\"b\"", "X-Request-Id", "a\"b" },
    { "blanks behind a value", TEXT("GET /now HTTP/1.1\r\nHost: x\r\nX-Trimmed: a \t \r\n\r\n"),
      200, true, "{", NULL, NULL },
    { "blank lines before a request", TEXT("\r\n" TOY_GET("/now")), 200, true, "{", NULL, NULL },

    { "an unknown path", TEXT(TOY_GET("/nothing")), 404, true, "/problems/not-found",
      "Content-Type", "application/problem+json" },
    { "a malformed id", TEXT(TOY_GET("/things/1")), 404, true, "/problems/not-found", NULL, NULL },
    { "a method that is not there", TEXT("PUT /things HTTP/1.1\r\nHost: x\r\n\r\n"), 405, true,
      "/problems/method-not-allowed", "Allow", "GET, HEAD, POST" },
    { "OPTIONS", TEXT("OPTIONS /things HTTP/1.1\r\nHost: x\r\n\r\n"), 405, true,
      "/problems/method-not-allowed", "Allow", "GET, HEAD, POST" },
    { "BREW", TEXT("BREW /things HTTP/1.1\r\nHost: x\r\n\r\n"), 405, true,
      "/problems/method-not-allowed", "Allow", "GET, HEAD, POST" },
    { "a malformed query", TEXT(TOY_GET("/now?a=%")), 400, true, "/problems/invalid-request", NULL,
      NULL },
    { "what decode refuses", TEXT(TOY_GET("/things?bad")), 400, true, "Be good.", NULL, NULL },
    { "a body where none is expected",
      TEXT("GET /now HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"), 413, true,
      "/problems/body-too-large", NULL, NULL },
    { "no Content-Type", TEXT("POST /things HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"),
      415, true, "/problems/unsupported-media-type", NULL, NULL },
    { "a coded body",
      TEXT("POST /things HTTP/1.1\r\n" TOY_JSON
           "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"),
      415, true, "/problems/unsupported-media-type", "Accept-Encoding", "identity" },
    { "a body that is said not to be coded",
      TEXT("POST /things HTTP/1.1\r\n" TOY_JSON
           "Content-Encoding: identity\r\nContent-Length: 2\r\n\r\n{}"),
      200, true, "\"bytes\":2", NULL, NULL },
    { "an unknown path comes before the body's type",
      TEXT("POST /no HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"), 404, true,
      "/problems/not-found", NULL, NULL },
    { "the token comes before the body's type",
      TEXT("POST /mine HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"), 401, true,
      "/problems/invalid-token", NULL, NULL },
    { "no token", TEXT(TOY_GET("/mine")), 401, true, "/problems/invalid-token", "WWW-Authenticate",
      "Bearer realm=\"arch.homework\"" },
    { "no valid token",
      TEXT("GET /mine HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a.b.c\r\n\r\n"), 401, true,
      "/problems/invalid-token", "WWW-Authenticate",
      "Bearer realm=\"arch.homework\", error=\"invalid_token\"" },
    { "no bearer", TEXT("GET /mine HTTP/1.1\r\nHost: x\r\nAuthorization: Basic YTpi\r\n\r\n"), 401,
      true, "/problems/invalid-token", "WWW-Authenticate",
      "Bearer realm=\"arch.homework\", error=\"invalid_token\"" },
    { "a control character among the credentials",
      TEXT("GET /mine HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a\x7F\r\n\r\n"), 401, true,
      "/problems/invalid-token", "WWW-Authenticate",
      "Bearer realm=\"arch.homework\", error=\"invalid_token\"" },
    { "a problem with a time of its own", TEXT(TOY_GET("/throttled")), 429, true,
      "/problems/throttled", "Retry-After", "900" },
    { "no memory for what was read", TEXT(TOY_GET("/lost")), 503, true, "/problems/not-accepted",
      "Retry-After", "1" },
    { "no memory for what was written", TEXT(POST_2("/lost")), 503, true,
      "/problems/outcome-unknown", "Retry-After", "1" },
    { "a path with a NUL", TEXT(TOY_GET("/now%00")), 404, true, "/problems/not-found", NULL, NULL },
    { "a path that cannot be decoded", TEXT(TOY_GET("/things/%zz")), 404, true,
      "/problems/not-found", NULL, NULL },
    { "half an encoding, and a query", TEXT(TOY_GET("/%?a=b")), 404, true, "/problems/not-found",
      NULL, NULL },
    { "a path with a byte beyond ASCII", TEXT(TOY_GET("/now\xC3\xA4")), 400, false,
      "/problems/invalid-request", "Connection", "close" },
    { "OPTIONS *", TEXT("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"), 400, false,
      "/problems/invalid-request", NULL, NULL },
    { "CONNECT", TEXT("CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n"), 400, false,
      "/problems/invalid-request", NULL, NULL },
};

static void it_is_answered(void **state)
{
    const struct answer_case *c = *state;

    const bool kept = toy_ask(&toy, c->request, c->length, &answer);
    assert_int_equal(answer.status, c->status);
    assert_int_equal(kept, c->kept);
    assert_non_null(strstr(answer.body, c->body));
    if (!*c->body)
        assert_string_equal(answer.body, "");
    assert_non_null(wire_header(&answer, "X-Request-Id"));
    assert_non_null(wire_header(&answer, "Date"));
    if (c->header_name)
        assert_string_equal(wire_header(&answer, c->header_name), c->header);
}

/* A bad one is no reason to refuse what needs none. */
static void a_bad_request_id_is_replaced(void **state)
{
    (void)state;
    static const char request[] = "GET /now HTTP/1.1\r\nHost: x\r\nX-Request-Id: a\x7F\r\n\r\n";
    struct id id;

    assert_true(toy_ask(&toy, TEXT(request), &answer));
    assert_int_equal(answer.status, 200);
    const char *given = wire_header(&answer, "X-Request-Id");
    assert_non_null(given);
    assert_true(id_parse(given, strlen(given), &id));
}

static void a_token_opens_the_door(void **state)
{
    (void)state;
    char request[2048];

    snprintf(request, sizeof request, "GET /mine HTTP/1.1\r\nHost: x\r\n%s\r\n",
             toy_bearer(&toy, ROLE_PLAYER));
    assert_true(toy_ask(&toy, request, strlen(request), &answer));
    assert_int_equal(answer.status, 200);
}

static void two_tokens_do_not(void **state)
{
    (void)state;
    char request[4096];
    const char *bearer = toy_bearer(&toy, ROLE_PLAYER);

    snprintf(request, sizeof request, "GET /mine HTTP/1.1\r\nHost: x\r\n%s%s\r\n", bearer, bearer);
    assert_true(toy_ask(&toy, request, strlen(request), &answer));
    assert_int_equal(answer.status, 401);
}

static void only_an_admin_is_an_admin(void **state)
{
    (void)state;
    static const int statuses[] = { [ROLE_PLAYER] = 403, [ROLE_ADMIN] = 200 };
    char request[2048];

    for (enum role role = ROLE_PLAYER; role <= ROLE_ADMIN; role++) {
        snprintf(request, sizeof request, "GET /admin HTTP/1.1\r\nHost: x\r\n%s\r\n",
                 toy_bearer(&toy, role));
        assert_true(toy_ask(&toy, request, strlen(request), &answer));
        assert_int_equal(answer.status, statuses[role]);
    }
}

static void pipelined_requests_are_answered_in_order(void **state)
{
    (void)state;
    static struct client client;

    toy_connect(&toy, &client);
    wire_send(&client, TOY_GET("/things/" ID) POST_2("/things") TOY_GET("/no") TOY_GET("/now"));
    wire_read(&client, &answer);
    assert_non_null(strstr(answer.body, ID));
    wire_read(&client, &answer);
    assert_non_null(strstr(answer.body, "\"bytes\":2"));
    wire_expect(&client, 404);
    wire_expect(&client, 200);
    wire_close(&client);
}

static void the_headers_of_several_proxies_fit(void **state)
{
    (void)state;
    char request[12 * KIB] = "GET /now HTTP/1.1\r\nHost: x\r\n";

    for (size_t length; (length = strlen(request)) < sizeof request - 400;)
        snprintf(request + length, sizeof request - length, "X-H%zu: %0300d\r\n", length, 7);
    strcat(request, "\r\n");
    assert_true(toy_ask(&toy, request, strlen(request), &answer));
    assert_int_equal(answer.status, 200);
}

static void headers_beyond_measure_are_refused(void **state)
{
    (void)state;
    char *request = calloc(1, 128 * KIB);
    assert_non_null(request);

    snprintf(request, 128 * KIB, "GET /now HTTP/1.1\r\nHost: x\r\nA: %0100000d\r\n\r\n", 7);
    (void)toy_ask(&toy, request, strlen(request), &answer);
    assert_int_equal(answer.status, 431);
    free(request);
}

static void too_many_headers_are_refused(void **state)
{
    (void)state;
    char request[4 * KIB] = "GET /now HTTP/1.1\r\nHost: x\r\n";

    for (int i = 0; i < 100; i++)
        strcat(request, "A: b\r\n");
    strcat(request, "\r\n");
    (void)toy_ask(&toy, request, strlen(request), &answer);
    assert_int_equal(answer.status, 400);
}

static void each_request_is_counted_by_its_route(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "http_requests_total{route=\"/things/{id}\",method=\"GET\",status=\"200\"} 2",
        "http_requests_total{route=\"/things/{id}\",method=\"DELETE\",status=\"204\"} 1",
        "http_requests_total{route=\"/things\",method=\"HEAD\",status=\"200\"} 1",
        "http_requests_total{route=\"unmatched\",method=\"other\",status=\"405\"} 1",
        "http_request_duration_seconds_count{route=\"/things/{id}\"} 3",
    };
    AUTO(buffer) struct buffer page = { 0 };

    metrics_render(toy.metrics, &page);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (!strstr(page.data, lines[i]))
            fail_msg("%s is missing in\n%s", lines[i], page.data);
}

static void each_state_was_released(void **state)
{
    (void)state;
    WAIT_UNTIL(atomic_load(&toy.released) == atomic_load(&toy.decoded));
}

static void a_server_without_memory_does_not_open(void **state)
{
    (void)state;
    struct http_options options = toy.options;
    struct error err = { 0 };

    options.metrics = NULL;
    for (unsigned n = 1;; n++) {
        oom_fail_at(n);
        struct http_server *server = http_server_open(&options, &err);
        if (!oom_stop()) {
            http_server_close(server, 0);
            break;
        }
        assert_null(server);
        assert_int_equal(err.code, ERR_NO_MEMORY);
    }
}

static void an_address_that_cannot_be_had_is_an_error(void **state)
{
    (void)state;
    struct http_options options = toy.options;
    struct error err = { 0 };

    options.metrics = NULL;
    options.port = http_server_port(toy.server);
    assert_null(http_server_open(&options, &err));
    assert_int_equal(err.code, ERR_SYSTEM);
    options.bind_address = "localhost";
    assert_null(http_server_open(&options, &err));
    assert_int_equal(err.code, ERR_CONFIG);
}

static const char *cache_control(const struct toy *server, const char *request)
{
    assert_true(toy_ask(server, request, strlen(request), &answer));
    return wire_header(&answer, "Cache-Control");
}

static void an_answer_may_be_kept_only_if_it_says_so(void **state)
{
    (void)state;
    struct toy other = toy;
    struct error err = { 0 };

    assert_null(cache_control(&toy, TOY_GET("/now")));
    other.options.metrics = NULL;
    other.options.no_store = true;
    other.server = http_server_open(&other.options, &err);
    assert_non_null(other.server);
    assert_string_equal(cache_control(&other, TOY_GET("/now")), "no-store");
    assert_string_equal(cache_control(&other, TOY_GET("/nowhere")), "no-store");
    assert_string_equal(cache_control(&other, TOY_GET("/kept")), "public, max-age=300");
    http_server_close(other.server, WIRE_PATIENCE_MS);
}

static void ipv6_is_served_too(void **state)
{
    (void)state;
    struct http_options options = toy.options;
    struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_addr = in6addr_loopback };
    static struct client client;
    struct error err = { 0 };

    options.metrics = NULL;
    options.bind_address = "::1";
    struct http_server *server = http_server_open(&options, &err);
    if (!server)
        skip(); /* a host without IPv6 */
    address.sin6_port = htons(http_server_port(server));
    client = (struct client){ .fd = socket(AF_INET6, SOCK_STREAM, 0) };
    assert_int_equal(connect(client.fd, (struct sockaddr *)&address, sizeof address), 0);
    wire_send(&client, TOY_GET("/now"));
    wire_expect(&client, 200);
    wire_close(&client);
    http_server_close(server, WIRE_PATIENCE_MS);
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_ROWS(&tests, it_is_answered, answers);
    ADD_TEST(&tests, pipelined_requests_are_answered_in_order);
    ADD_TEST(&tests, each_request_is_counted_by_its_route);
    ADD_TEST(&tests, a_bad_request_id_is_replaced);
    ADD_TEST(&tests, a_token_opens_the_door);
    ADD_TEST(&tests, two_tokens_do_not);
    ADD_TEST(&tests, only_an_admin_is_an_admin);
    ADD_TEST(&tests, the_headers_of_several_proxies_fit);
    ADD_TEST(&tests, headers_beyond_measure_are_refused);
    ADD_TEST(&tests, too_many_headers_are_refused);
    ADD_TEST(&tests, each_state_was_released);
    ADD_TEST(&tests, a_server_without_memory_does_not_open);
    ADD_TEST(&tests, an_address_that_cannot_be_had_is_an_error);
    ADD_TEST(&tests, an_answer_may_be_kept_only_if_it_says_so);
    ADD_TEST(&tests, ipv6_is_served_too);

    toy_init(&toy);
    toy_open(&toy);
    const int result = tests_run("server", &tests);
    toy_close(&toy);
    return result;
}
