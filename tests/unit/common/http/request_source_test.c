/* Where a request comes from: nobody can choose it for himself. */
#include "unit/support/tests.h"

#include <string.h>

#include "http/request_parts.h"

static const struct list_case {
    const char *name, *list;
    size_t count; /* 0: refused */
} list_cases[] = {
    { "list: one", "127.0.0.1", 1 },
    { "list: several", "10.0.0.0/8,fd00::/8 , 192.0.2.1 ", 3 },
    { "list: blanks alone", "  ", 0 },
    { "list: an empty element", "10.0.0.0/8,,192.0.2.1", 0 },
    { "list: ends in a comma", "10.0.0.0/8,", 0 },
    { "list: by blanks", "10.0.0.0/8 192.0.2.1", 0 },
    { "list: a name in it", "10.0.0.0/8,ingress", 0 },
};

static void a_list_of_networks_is_read(void **state)
{
    const struct list_case *c = *state;
    struct proxies proxies = { .count = 77 };

    assert_int_equal(proxies_parse(c->list, &proxies), c->count > 0);
    assert_int_equal(proxies.count, c->count > 0 ? c->count : 77);
}

static void a_list_is_bounded(void **state)
{
    (void)state;
    struct proxies proxies;
    char list[(PROXIES_MAX + 1) * sizeof "::1,"] = "::1";

    for (size_t i = 1; i < PROXIES_MAX; i++)
        strcat(list, ",::1");
    assert_true(proxies_parse(list, &proxies));
    assert_int_equal(proxies.count, PROXIES_MAX);
    strcat(list, ",::1");
    assert_false(proxies_parse(list, &proxies));
}

#define TRUSTED "10.0.0.0/8, 127.0.0.1, fd00::/8"

static const struct source_case {
    const char *name, *peer;
    const char *forwarded[3]; /* header lines */
    const char *source;
} source_cases[] = {
    { "source: no proxy, no header", "203.0.113.9", { NULL }, "203.0.113.9" },
    { "source: no proxy, the header is not believed", "203.0.113.9", { "8.8.8.8" }, "203.0.113.9" },
    { "source: a proxy that says nothing", "127.0.0.1", { NULL }, "127.0.0.1" },
    { "source: as the proxy says", "127.0.0.1", { "203.0.113.9" }, "203.0.113.9" },
    { "source: the client's own header stands left",
      "127.0.0.1",
      { "8.8.8.8, 203.0.113.9" },
      "203.0.113.9" },
    { "source: through two proxies",
      "127.0.0.1",
      { "8.8.8.8, 203.0.113.9, 10.1.1.1" },
      "203.0.113.9" },
    { "source: through two proxies, a line each",
      "127.0.0.1",
      { "8.8.8.8", "203.0.113.9, 10.1.1.1", "fd00::7" },
      "203.0.113.9" },
    { "source: the rightmost line counts",
      "127.0.0.1",
      { "8.8.8.8", "203.0.113.9" },
      "203.0.113.9" },
    { "source: a line stops the walk",
      "127.0.0.1",
      { "8.8.8.8", "rubbish", "10.1.1.1" },
      "10.1.1.1" },
    { "source: all are trusted", "127.0.0.1", { "10.2.2.2, 10.1.1.1" }, "10.2.2.2" },
    { "source: IPv6", "fd00::1", { "2001:db8::9" }, "2001:db8::9" },
    { "source: IPv4 as IPv6",
      "127.0.0.1",
      { "::ffff:203.0.113.9, ::ffff:10.1.1.1" },
      "203.0.113.9" },
    { "source: blanks and tabs", "127.0.0.1", { " \t203.0.113.9\t , 10.1.1.1 " }, "203.0.113.9" },
    { "source: empty elements", "127.0.0.1", { ", 203.0.113.9, , 10.1.1.1 ," }, "203.0.113.9" },
    { "source: nothing in it", "127.0.0.1", { "" }, "127.0.0.1" },
    { "source: a port", "127.0.0.1", { "203.0.113.9:4711" }, "203.0.113.9" },
    { "source: IPv6 in brackets", "127.0.0.1", { "[2001:db8::9]" }, "2001:db8::9" },
    { "source: IPv6 with a port", "127.0.0.1", { "[2001:db8::9]:4711" }, "2001:db8::9" },
    { "source: a bracket that is not closed", "127.0.0.1", { "[2001:db8::9" }, "127.0.0.1" },
    { "source: rubbish is the proxy's", "127.0.0.1", { "8.8.8.8, unknown" }, "127.0.0.1" },
    { "source: rubbish behind a proxy is that proxy's",
      "127.0.0.1",
      { "8.8.8.8, 1.2.3, 10.1.1.1" },
      "10.1.1.1" },
};

static struct slice slice_of(const char *text)
{
    return (struct slice){ text, strlen(text) };
}

static void it_comes_from(void **state)
{
    const struct source_case *c = *state;
    struct request request = { .peer = c->peer };
    struct proxies trusted;

    assert_true(proxies_parse(TRUSTED, &trusted));
    request.head.headers[request.head.count++] =
        (struct header){ slice_of("X-Forwarded"), slice_of("6.6.6.6") };
    for (size_t i = 0; i < 3 && c->forwarded[i]; i++)
        request.head.headers[request.head.count++] =
            (struct header){ slice_of(i == 1 ? "x-forwarded-FOR" : "X-Forwarded-For"),
                             slice_of(c->forwarded[i]) };
    request_take_source(&request, &trusted);
    assert_string_equal(request_source(&request), c->source);
    assert_string_equal(request_peer(&request), c->peer);
}

static void without_trusted_proxies_it_is_the_peer(void **state)
{
    (void)state;
    static const struct proxies nobody;
    struct request request = { .peer = "127.0.0.1" };

    request.head.headers[request.head.count++] =
        (struct header){ slice_of("X-Forwarded-For"), slice_of("203.0.113.9") };
    request_take_source(&request, &nobody);
    assert_string_equal(request_source(&request), "127.0.0.1");
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_ROWS(&tests, a_list_of_networks_is_read, list_cases);
    ADD_TEST(&tests, a_list_is_bounded);
    ADD_ROWS(&tests, it_comes_from, source_cases);
    ADD_TEST(&tests, without_trusted_proxies_it_is_the_peer);
    return tests_run("request_source", &tests);
}
