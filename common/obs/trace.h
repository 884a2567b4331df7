/* W3C Trace Context (Recommendation, 23 November 2021), header traceparent. */
#ifndef OBS_TRACE_H
#define OBS_TRACE_H

#include <stdbool.h>
#include <stddef.h>

enum { TRACEPARENT_LENGTH = 55 };

/* Empty text: the request had none (or one that is not valid, which the standard has us ignore). */
struct traceparent {
    char text[TRACEPARENT_LENGTH + 1];
};

/* Section 3.2: version 00, or a higher one cut to what 00 knows. False: not valid, `out`
 * untouched. */
bool traceparent_parse(const char *text, size_t length, struct traceparent *out);

#endif
