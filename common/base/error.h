/* How a failure travels: a code that decides the answer, and words for the log.
 *
 * A function that can fail returns bool (or a pointer), is MUST_USE, takes `struct error *err`
 * last and leaves its outputs untouched on false. What a caller expects (a duplicate, a wrong
 * password) is no error but an outcome, an enum of its own. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdbool.h>

#define MUST_USE                   __attribute__((warn_unused_result))
#define PRINTF_LIKE(string, first) __attribute__((format(printf, string, first)))

enum err {
    ERR_NONE,
    ERR_NO_MEMORY,   /* an allocation failed; nothing was changed */
    ERR_SYSTEM,      /* the operating system refused; cause = errno */
    ERR_CONFIG,      /* a setting or a file it names is wrong; only at start and on reload */
    ERR_BUSY,        /* full or closing: try again */
    ERR_UNAVAILABLE, /* store or broker out of reach; what was asked for was not done */
    ERR_UNKNOWN,     /* store or broker went away in the middle; it may still be done */
    ERR_BUG,         /* the library or we broke a promise */
};

struct error {
    enum err code;    /* decides the answer and whether a repeat helps */
    int cause;        /* the library's own number, for the log */
    char detail[160]; /* for the log, never for a client */
};

/* Fills `err` (NULL is fine) and returns false, so that a failure is one line. */
bool error_set(struct error *err, enum err code, int cause, const char *format, ...)
    PRINTF_LIKE(4, 5);

/* "unavailable", … : the code's name in logs. Never NULL. */
const char *error_name(enum err code);

#endif
