/* Method and path find their line of the table, or the honest 404 or 405. */
#include "unit/support/tests.h"

#include <string.h>

#include "http/router.h"

static const struct route routes[] = {
    { .method = GET, .path = "/" },
    { .method = GET, .path = "/users" },
    { .method = POST, .path = "/users" },
    { .method = GET, .path = "/users/{id}" },
    { .method = PATCH, .path = "/users/{id}" },
    { .method = DELETE, .path = "/users/{id}" },
    { .method = POST, .path = "/api/v1/order/" },
};

#define ID "0123456789abcdef01234567"

static const struct router_case {
    const char *name, *method, *path;
    enum match_result result;
    size_t index; /* of the route */
    bool head;
    const char *allow;
} cases[] = {
    { "the root", "GET", "/", MATCH_FOUND, 0, false, NULL },
    { "a path", "GET", "/users", MATCH_FOUND, 1, false, NULL },
    { "with its slash", "GET", "/users/", MATCH_FOUND, 1, false, NULL },
    { "another method", "POST", "/users", MATCH_FOUND, 2, false, NULL },
    { "HEAD is a GET without a body", "HEAD", "/users", MATCH_FOUND, 1, true, NULL },
    { "an id", "GET", "/users/" ID, MATCH_FOUND, 3, false, NULL },
    { "an id, percent-encoded", "DELETE", "/users/%30123456789abcdef01234567/", MATCH_FOUND, 5,
      false, NULL },
    { "a pattern with a slash, a path without", "POST", "/api/v1/order", MATCH_FOUND, 6, false,
      NULL },
    { "a pattern with a slash, a path with", "POST", "/api/v1/order/", MATCH_FOUND, 6, false,
      NULL },

    { "an unknown path", "GET", "/user", MATCH_NO_PATH, 0, false, NULL },
    { "a longer path", "GET", "/users/" ID "/x", MATCH_NO_PATH, 0, false, NULL },
    { "a longer word", "GET", "/usersx", MATCH_NO_PATH, 0, false, NULL },
    { "another case", "GET", "/Users", MATCH_NO_PATH, 0, false, NULL },
    { "two slashes", "GET", "//users", MATCH_NO_PATH, 0, false, NULL },
    { "two slashes at the end", "GET", "/users//", MATCH_NO_PATH, 0, false, NULL },
    { "an encoded slash", "GET", "/users%2f" ID, MATCH_NO_PATH, 0, false, NULL },
    { "dots are not resolved", "GET", "/x/../users", MATCH_NO_PATH, 0, false, NULL },
    { "encoded dots are not resolved", "GET", "/x/%2e%2e/users", MATCH_NO_PATH, 0, false, NULL },
    { "a dot at the end", "GET", "/users/.", MATCH_NO_PATH, 0, false, NULL },
    { "no id", "GET", "/users/me", MATCH_NO_PATH, 0, false, NULL },
    { "an id in upper case", "GET", "/users/0123456789ABCDEF01234567", MATCH_NO_PATH, 0, false,
      NULL },
    { "an id that is too short", "GET", "/users/0123", MATCH_NO_PATH, 0, false, NULL },
    { "the pattern itself", "GET", "/users/{id}", MATCH_NO_PATH, 0, false, NULL },
    { "nine segments", "GET", "/1/2/3/4/5/6/7/8/9", MATCH_NO_PATH, 0, false, NULL },
    { "an unknown method at an unknown path", "BREW", "/pot", MATCH_NO_PATH, 0, false, NULL },

    { "a method that the path lacks", "DELETE", "/users", MATCH_NO_METHOD, 0, false,
      "GET, HEAD, POST" },
    { "all that an id takes", "PUT", "/users/" ID, MATCH_NO_METHOD, 0, false,
      "GET, HEAD, PATCH, DELETE" },
    { "HEAD without a GET", "HEAD", "/api/v1/order", MATCH_NO_METHOD, 0, false, "POST" },
    { "OPTIONS", "OPTIONS", "/api/v1/order", MATCH_NO_METHOD, 0, false, "POST" },
    { "TRACE", "TRACE", "/users", MATCH_NO_METHOD, 0, false, "GET, HEAD, POST" },
    { "a method in lower case", "get", "/users", MATCH_NO_METHOD, 0, false, "GET, HEAD, POST" },
    { "a method that only begins well", "GETX", "/", MATCH_NO_METHOD, 0, false, "GET, HEAD" },
};

static void it_is_found(void **state)
{
    const struct router_case *c = *state;
    struct target target;
    struct match match;

    assert_int_equal(target_parse(c->path, &target), TARGET_OK);
    const enum match_result result =
        router_match(routes, sizeof routes / sizeof *routes,
                     (struct slice){ c->method, strlen(c->method) }, &target, &match);
    assert_int_equal(result, c->result);
    if (result == MATCH_FOUND) {
        assert_ptr_equal(match.route, &routes[c->index]);
        assert_int_equal(match.head, c->head);
    }
    if (result == MATCH_FOUND && strstr(match.route->path, "{id}"))
        assert_string_equal(id_format(&match.id).hex, ID);
    if (c->allow)
        assert_string_equal(match.allow, c->allow);
    target_done(&target);
}

static void allow_holds_all_methods(void **state)
{
    (void)state;
    static const struct route all[] = {
        { .method = GET, .path = "/a" },    { .method = POST, .path = "/a" },
        { .method = PUT, .path = "/a" },    { .method = PATCH, .path = "/a" },
        { .method = DELETE, .path = "/a" },
    };
    struct target target;
    struct match match;

    assert_int_equal(target_parse("/a", &target), TARGET_OK);
    assert_int_equal(router_match(all, METHODS, (struct slice){ "OPTIONS", 7 }, &target, &match),
                     MATCH_NO_METHOD);
    assert_string_equal(match.allow, "GET, HEAD, POST, PUT, PATCH, DELETE");
    assert_int_equal(strlen(match.allow), ALLOW_BYTES - 1);
    target_done(&target);
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_ROWS(&tests, it_is_found, cases);
    ADD_TEST(&tests, allow_holds_all_methods);
    return tests_run("router", &tests);
}
