/* Errors to clients: RFC 9457 problem details. Every type there is stands in one table. */
#ifndef HTTP_PROBLEM_H
#define HTTP_PROBLEM_H

#include "json/decode.h"

enum problem_type {
    PROBLEM_NONE,
    PROBLEM_INVALID_REQUEST,
    PROBLEM_MALFORMED_JSON,
    PROBLEM_REQUEST_ID_REQUIRED,
    PROBLEM_MALFORMED_REQUEST, /* no HTTP request that we would answer; the connection closes */
    PROBLEM_INVALID_TOKEN,
    PROBLEM_INVALID_CREDENTIALS,
    PROBLEM_FORBIDDEN,
    PROBLEM_WRONG_PASSWORD,
    PROBLEM_NOT_FOUND,
    PROBLEM_METHOD_NOT_ALLOWED,
    PROBLEM_REQUEST_TIMEOUT,
    PROBLEM_USER_EXISTS,
    PROBLEM_LAST_ADMIN,
    PROBLEM_RESET_TOKEN_INVALID,
    PROBLEM_PRECONDITION_FAILED,
    PROBLEM_BODY_TOO_LARGE,
    PROBLEM_UNSUPPORTED_MEDIA_TYPE,
    PROBLEM_UNSUPPORTED_CODING, /* of the body; Accept-Encoding tells it from the media type */
    PROBLEM_REQUEST_ID_REUSED,
    PROBLEM_THROTTLED,
    PROBLEM_INTERNAL,
    PROBLEM_NOT_ACCEPTED,    /* 503: nothing was written */
    PROBLEM_OUTCOME_UNKNOWN, /* 503: it may still be completed; the same again gets the answer */
    PROBLEM_TYPES,
};

struct problem_kind {
    int status;
    const char *slug; /* type is /problems/<slug> */
    const char *title;
    bool retryable; /* the same request again may succeed */
};

/* Never NULL for a type of the enum but PROBLEM_NONE. */
const struct problem_kind *problem_kind(enum problem_type type);

/* One problem on its way to the client. Start it zeroed; PROBLEM_NONE: there is none. */
struct problem {
    enum problem_type type;
    const char *detail;   /* static text that says what to do */
    unsigned retry_after; /* seconds for Retry-After; 0: the default of 429 and 503 */
    struct faults faults; /* the body's, for INVALID_REQUEST */
};

/* Sets the problem and returns false, so that a decode function's exit is one line. */
bool problem_set(struct problem *problem, enum problem_type type, const char *detail);

void problem_done(struct problem *problem);

#endif
