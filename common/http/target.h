/* The request target, from its raw bytes: path segments and query parameters, decoded strictly.
 *
 * The library's own decoding cuts at %00 and turns %2e%2e%2f into a path; here a %2F never
 * separates and a dot segment is never resolved. */
#ifndef HTTP_TARGET_H
#define HTTP_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include "http/request.h"

enum {
    SEGMENTS_MAX = 8,    /* our longest path has 4; a longer one matches nothing */
    PARAMETERS_MAX = 16, /* our richest route knows 5 */
    TARGET_INLINE = 256, /* bytes; longer targets take memory of their own */
};

struct parameter {
    struct slice name, value;
};

struct target {
    struct slice path; /* as it was sent, without query */
    struct slice segments[SEGMENTS_MAX];
    size_t segment_count; /* may be greater than SEGMENTS_MAX */
    struct parameter parameters[PARAMETERS_MAX];
    size_t parameter_count;
    bool query_malformed;
    char *memory; /* raw text and decoded text; `inlined` or from malloc */
    char inlined[2 * TARGET_INLINE];
};

enum target_result {
    TARGET_OK,
    TARGET_NOWHERE,   /* the path cannot be decoded, so it is none of ours */
    TARGET_MALFORMED, /* no request target */
    TARGET_NO_MEMORY,
};

/* Origin form (/path?query) and absolute form (http://host/path?query). The target is to be given
 * to target_done() whatever the result. */
enum target_result target_parse(const char *raw, struct target *target) MUST_USE;

void target_done(struct target *target);

#endif
