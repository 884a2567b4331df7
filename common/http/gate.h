/* The gate: is this one well-formed request, on whose length everybody agrees?
 *
 * libmicrohttpd takes what request smuggling needs, so a proxy in front of it and it could see two
 * different requests in the same bytes. These functions know nothing of libmicrohttpd: they get
 * what it parsed as plain text with lengths. */
#ifndef HTTP_GATE_H
#define HTTP_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "http/request.h"

enum {
    /* Browsers send 20 headers, proxies add 10. */
    HEADERS_MAX = 100,
    /* Request line and headers: those of proxies come to 4 KiB, cookies of a browser to another 4.
     */
    HEAD_BYTES_MAX = 32 * 1024,
};

struct header {
    struct slice name, value;
};

/* Request line and headers, as they were parsed. */
struct head {
    struct slice method, version;
    struct header headers[HEADERS_MAX];
    size_t count;
};

enum framing {
    FRAMING_NONE,    /* no body */
    FRAMING_LENGTH,  /* Content-Length */
    FRAMING_CHUNKED, /* Transfer-Encoding: chunked */
};

struct body_framing {
    enum framing framing;
    uint64_t length; /* of FRAMING_LENGTH */
};

/* NULL: well-formed, and `framing` says what body there is; blanks at the ends of values are cut
 * off. Else what is wrong, as static text for the client. */
const char *gate_check(struct head *head, struct body_framing *framing) MUST_USE;

/* Whether names and values are all that stood in the header block: they point into the `length`
 * bytes at `block`, whose colons, CRs and LFs the parser overwrote with NULs. False where something
 * was hidden from us: a NUL in a value (what follows it was cut off), a line that ends in a bare
 * LF, a folded line. */
bool gate_is_seamless(const struct head *head, const char *block, size_t length) MUST_USE;

/* RFC 9110 section 5.6.2. */
bool gate_is_token(struct slice text);

#endif
