/* What the gate lets through and what it stops: each row is a way to smuggle, or an honest client
 * that must not be mistaken for one. */
#include "unit/support/tests.h"

#include <stdlib.h>
#include <string.h>

#include "http/gate.h"

enum { FIELDS_MAX = 5 };

struct field_text {
    const char *name, *value;
    size_t value_length; /* 0: up to the NUL */
};

#define HOST                                                                                       \
    {                                                                                              \
        "Host", "arch.homework", 0                                                                 \
    }

static const struct gate_case {
    const char *name, *method, *version;
    struct field_text fields[FIELDS_MAX];
    bool good;
    enum framing framing;
    uint64_t length;
} cases[] = {
    { "a plain GET", "GET", "HTTP/1.1", { HOST }, true, FRAMING_NONE, 0 },
    { "HTTP/1.0 without a Host", "GET", "HTTP/1.0", { { "A", "b", 0 } }, true, FRAMING_NONE, 0 },
    { "a length",
      "POST",
      "HTTP/1.1",
      { HOST, { "Content-Length", "12", 0 } },
      true,
      FRAMING_LENGTH,
      12 },
    { "a length of nothing",
      "POST",
      "HTTP/1.1",
      { HOST, { "Content-Length", "0", 0 } },
      true,
      FRAMING_NONE,
      0 },
    { "leading zeros",
      "POST",
      "HTTP/1.1",
      { HOST, { "Content-Length", "007", 0 } },
      true,
      FRAMING_LENGTH,
      7 },
    { "chunks",
      "POST",
      "HTTP/1.1",
      { HOST, { "transfer-encoding", "Chunked", 0 } },
      true,
      FRAMING_CHUNKED,
      0 },
    { "a port and an IPv6 host",
      "GET",
      "HTTP/1.1",
      { { "host", "[::1]:8080", 0 } },
      true,
      FRAMING_NONE,
      0 },
    { "blanks around a value",
      "GET",
      "HTTP/1.1",
      { { "Host", " \tx\t ", 0 } },
      true,
      FRAMING_NONE,
      0 },
    { "a tab and bytes beyond ASCII in a value",
      "GET",
      "HTTP/1.1",
      { HOST, { "A", "b\tc\xC3\xA4", 0 } },
      true,
      FRAMING_NONE,
      0 },
    { "an empty value", "GET", "HTTP/1.1", { HOST, { "A", "", 0 } }, true, FRAMING_NONE, 0 },
    { "a method of nobody's, but a token", "BREW", "HTTP/1.1", { HOST }, true, FRAMING_NONE, 0 },

    { "length and encoding together",
      "POST",
      "HTTP/1.1",
      { HOST, { "Content-Length", "2", 0 }, { "Transfer-Encoding", "chunked", 0 } },
      false,
      0,
      0 },
    { "two lengths",
      "POST",
      "HTTP/1.1",
      { HOST, { "Content-Length", "2", 0 }, { "Content-Length", "3", 0 } },
      false,
      0,
      0 },
    { "the same length twice",
      "POST",
      "HTTP/1.1",
      { HOST, { "Content-Length", "2", 0 }, { "content-length", "2", 0 } },
      false,
      0,
      0 },
    { "two lengths in one",
      "POST",
      "HTTP/1.1",
      { HOST, { "Content-Length", "2, 2", 0 } },
      false,
      0,
      0 },
    { "a length with a plus",
      "POST",
      "HTTP/1.1",
      { HOST, { "Content-Length", "+2", 0 } },
      false,
      0,
      0 },
    { "a negative length",
      "POST",
      "HTTP/1.1",
      { HOST, { "Content-Length", "-2", 0 } },
      false,
      0,
      0 },
    { "a length in hex",
      "POST",
      "HTTP/1.1",
      { HOST, { "Content-Length", "0x2", 0 } },
      false,
      0,
      0 },
    { "a length with a blank in it",
      "POST",
      "HTTP/1.1",
      { HOST, { "Content-Length", "1 2", 0 } },
      false,
      0,
      0 },
    { "a length with a blank behind it",
      "POST",
      "HTTP/1.1",
      { HOST, { "Content-Length", "2 ", 0 } },
      false,
      0,
      0 },
    { "no length in the length",
      "POST",
      "HTTP/1.1",
      { HOST, { "Content-Length", "", 0 } },
      false,
      0,
      0 },
    { "a length beyond 18 digits",
      "POST",
      "HTTP/1.1",
      { HOST, { "Content-Length", "1000000000000000000", 0 } },
      false,
      0,
      0 },
    { "a length that would wrap around",
      "POST",
      "HTTP/1.1",
      { HOST, { "Content-Length", "18446744073709551618", 0 } },
      false,
      0,
      0 },
    { "an encoding that is not chunked",
      "POST",
      "HTTP/1.1",
      { HOST, { "Transfer-Encoding", "gzip", 0 } },
      false,
      0,
      0 },
    { "almost chunked",
      "POST",
      "HTTP/1.1",
      { HOST, { "Transfer-Encoding", "xchunked", 0 } },
      false,
      0,
      0 },
    { "chunked in quotes",
      "POST",
      "HTTP/1.1",
      { HOST, { "Transfer-Encoding", "\"chunked\"", 0 } },
      false,
      0,
      0 },
    { "chunked and a blank",
      "POST",
      "HTTP/1.1",
      { HOST, { "Transfer-Encoding", "chunked ", 0 } },
      false,
      0,
      0 },
    { "a list of encodings",
      "POST",
      "HTTP/1.1",
      { HOST, { "Transfer-Encoding", "gzip, chunked", 0 } },
      false,
      0,
      0 },
    { "chunked twice",
      "POST",
      "HTTP/1.1",
      { HOST, { "Transfer-Encoding", "chunked", 0 }, { "Transfer-Encoding", "chunked", 0 } },
      false,
      0,
      0 },
    { "chunked, then identity",
      "POST",
      "HTTP/1.1",
      { HOST, { "Transfer-Encoding", "chunked", 0 }, { "Transfer-Encoding", "identity", 0 } },
      false,
      0,
      0 },
    { "no encoding in the encoding",
      "POST",
      "HTTP/1.1",
      { HOST, { "Transfer-Encoding", "", 0 } },
      false,
      0,
      0 },
    { "chunks in HTTP/1.0",
      "POST",
      "HTTP/1.0",
      { HOST, { "Transfer-Encoding", "chunked", 0 } },
      false,
      0,
      0 },
    { "no Host", "GET", "HTTP/1.1", { { "A", "b", 0 } }, false, 0, 0 },
    { "an empty Host", "GET", "HTTP/1.1", { { "Host", " ", 0 } }, false, 0, 0 },
    { "two Hosts", "GET", "HTTP/1.1", { HOST, HOST }, false, 0, 0 },
    { "two Hosts in HTTP/1.0", "GET", "HTTP/1.0", { HOST, HOST }, false, 0, 0 },
    { "a user in the Host", "GET", "HTTP/1.1", { { "Host", "a@b", 0 } }, false, 0, 0 },
    { "a path in the Host", "GET", "HTTP/1.1", { { "Host", "a/b", 0 } }, false, 0, 0 },
    { "a blank in the Host", "GET", "HTTP/1.1", { { "Host", "a b", 0 } }, false, 0, 0 },
    { "a blank before the colon",
      "POST",
      "HTTP/1.1",
      { HOST, { "Transfer-Encoding ", "chunked", 0 } },
      false,
      0,
      0 },
    { "a header without a name", "GET", "HTTP/1.1", { HOST, { "", "b", 0 } }, false, 0, 0 },
    { "a folded line taken for a header",
      "GET",
      "HTTP/1.1",
      { HOST, { " a", "b", 0 } },
      false,
      0,
      0 },
    { "a control character in a name",
      "GET",
      "HTTP/1.1",
      { HOST, { "a\x01", "b", 0 } },
      false,
      0,
      0 },
    { "a byte beyond ASCII in a name",
      "GET",
      "HTTP/1.1",
      { HOST, { "a\xE4", "b", 0 } },
      false,
      0,
      0 },
    { "a NUL in a value", "GET", "HTTP/1.1", { HOST, { "A", "b\0c", 3 } }, false, 0, 0 },
    { "a CR in a value", "GET", "HTTP/1.1", { HOST, { "A", "b\rc", 0 } }, false, 0, 0 },
    { "a LF in a value", "GET", "HTTP/1.1", { HOST, { "A", "b\nc", 0 } }, false, 0, 0 },
    { "a DEL in a value", "GET", "HTTP/1.1", { HOST, { "A", "b\x7F", 0 } }, false, 0, 0 },
    { "a DEL in an id",
      "GET",
      "HTTP/1.1",
      { HOST, { "x-request-id", "b\x7F", 0 } },
      true,
      FRAMING_NONE,
      0 },
    { "a control character in a key",
      "GET",
      "HTTP/1.1",
      { HOST, { "Idempotency-Key", "b\x01", 0 } },
      true,
      FRAMING_NONE,
      0 },
    { "a control character among the credentials",
      "GET",
      "HTTP/1.1",
      { HOST, { "Authorization", "Bearer b\x1F", 0 } },
      true,
      FRAMING_NONE,
      0 },
    { "a NUL in an id", "GET", "HTTP/1.1", { HOST, { "X-Request-Id", "b\0c", 3 } }, false, 0, 0 },
    { "a CR in a key", "GET", "HTTP/1.1", { HOST, { "Idempotency-Key", "b\rc", 0 } }, false, 0, 0 },
    { "a LF among the credentials",
      "GET",
      "HTTP/1.1",
      { HOST, { "Authorization", "b\nc", 0 } },
      false,
      0,
      0 },
    { "a blank in the method", "GE T", "HTTP/1.1", { HOST }, false, 0, 0 },
    { "no method", "", "HTTP/1.1", { HOST }, false, 0, 0 },
    { "HTTP/1.2", "GET", "HTTP/1.2", { HOST }, false, 0, 0 },
    { "a version in lower case", "GET", "http/1.1", { HOST }, false, 0, 0 },
    { "no version", "GET", "", { HOST }, false, 0, 0 },
};

static void it_lets_through(void **state)
{
    const struct gate_case *c = *state;
    struct head head = { .method = { c->method, strlen(c->method) },
                         .version = { c->version, strlen(c->version) } };
    struct body_framing framing = { FRAMING_CHUNKED, 99 };

    for (const struct field_text *f = c->fields; f < c->fields + FIELDS_MAX && f->name; f++)
        head.headers[head.count++] =
            (struct header){ { f->name, strlen(f->name) },
                             { f->value, f->value_length ? f->value_length : strlen(f->value) } };
    const char *fault = gate_check(&head, &framing);
    if (!c->good) {
        assert_non_null(fault);
        return;
    }
    assert_null(fault);
    assert_int_equal(framing.framing, c->framing);
    assert_int_equal(framing.length, c->length);
    for (size_t i = 0; i < head.count; i++) {
        const struct slice value = head.headers[i].value;
        assert_true(value.length == 0 || !strchr(" \t", value.text[0]));
        assert_true(value.length == 0 || !strchr(" \t", value.text[value.length - 1]));
    }
}

#define BYTES(text) (text), sizeof(text) - 1

/* A header block as it came, and what the library's parser would find in it: names and values as C
 * strings, CR LF, LF and colons overwritten. */
static const struct seam_case {
    const char *name, *block;
    size_t length;
    bool seamless;
} seam_cases[] = {
    { "one header", BYTES("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), true },
    { "no header", BYTES("GET / HTTP/1.0\r\n\r\n"), true },
    { "no blank, many blanks, an empty value",
      BYTES("GET / HTTP/1.1\r\nHost:x\r\nA: \t  b\r\nB:\r\nC: \r\n\r\n"), true },
    { "blanks behind a value", BYTES("GET / HTTP/1.1\r\nHost: x \t\r\nA: b\r\n\r\n"), true },
    { "a bare LF behind the request line", BYTES("GET / HTTP/1.1\nHost: x\r\n\r\n"), false },
    { "a bare LF behind a header", BYTES("GET / HTTP/1.1\r\nHost: x\nA: b\r\n\r\n"), false },
    { "a bare LF behind the last header", BYTES("GET / HTTP/1.1\r\nHost: x\n\r\n"), false },
    { "a bare LF for the empty line", BYTES("GET / HTTP/1.1\r\nHost: x\r\n\n"), false },
    { "a NUL in a value", BYTES("GET / HTTP/1.1\r\nHost: x\0y\r\nA: b\r\n\r\n"), false },
    { "a NUL at a value's end", BYTES("GET / HTTP/1.1\r\nHost: x\0\r\nA: b\r\n\r\n"), false },
    { "a NUL in the last value", BYTES("GET / HTTP/1.1\r\nHost: x\0y\r\n\r\n"), false },
    { "two NULs that look like a line's end",
      BYTES("GET / HTTP/1.1\r\nHost: x\0\0Transfer-Encoding: chunked\r\nA: b\r\n\r\n"), false },
    { "a folded line", BYTES("GET / HTTP/1.1\r\nA: b\r\n c\r\nHost: x\r\n\r\n"), false },
    { "a folded last line", BYTES("GET / HTTP/1.1\r\nA: b\r\n\tc\r\n\r\n"), false },
};

/* Takes a line off, as the library does. */
static char *next_line(char **at)
{
    char *line = *at;
    char *end = line;

    while (*end != '\n')
        end++;
    *at = end + 1;
    *end = '\0';
    if (end > line && end[-1] == '\r')
        end[-1] = '\0';
    return line;
}

static void parse_block(char *block, struct head *head)
{
    char *at = block;
    char *version = strstr(next_line(&at), "HTTP/");

    head->method = (struct slice){ "GET", 3 };
    head->version = (struct slice){ version, strlen(version) };
    for (char *line; *(line = next_line(&at));) {
        char *colon = strchr(line, ':');
        if (*line == ' ' || *line == '\t' || !colon)
            continue; /* the rest of a folded line is put elsewhere */
        *colon = '\0';
        char *value = colon + 1 + strspn(colon + 1, " \t");
        head->headers[head->count++] =
            (struct header){ { line, strlen(line) }, { value, strlen(value) } };
    }
}

static void it_sees_what_was_hidden(void **state)
{
    const struct seam_case *c = *state;
    const size_t length = c->length;
    struct head head = { .count = 0 };
    char *block = malloc(length + 1); /* exactly, so that a sanitizer sees a step beyond */

    assert_non_null(block);
    memcpy(block, c->block, length);
    block[length] = '\0';
    parse_block(block, &head);
    assert_int_equal(gate_is_seamless(&head, block, length), c->seamless);
    free(block);
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_ROWS(&tests, it_lets_through, cases);
    ADD_ROWS(&tests, it_sees_what_was_hidden, seam_cases);
    return tests_run("gate", &tests);
}
