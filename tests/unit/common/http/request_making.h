/* A request as the http room hands it to decode functions, made from plain text. */
#ifndef UNIT_COMMON_HTTP_REQUEST_MAKING_H
#define UNIT_COMMON_HTTP_REQUEST_MAKING_H

#include <stdio.h>
#include <string.h>
#include "http/request_parts.h"
#include "unit/support/tests.h"

static inline struct slice slice_of(const char *text)
{
    return (struct slice){ text, strlen(text) };
}

static inline void add_header(struct request *request, const char *name, const char *value)
{
    assert_true(request->head.count < HEADERS_MAX);
    request->head.headers[request->head.count++] =
        (struct header){ slice_of(name), slice_of(value) };
}

/* Give it to target_done(&request->target). */
static inline void set_target(struct request *request, const char *raw)
{
    assert_int_equal(target_parse(raw, &request->target), TARGET_OK);
}

/* "pointer:code" of each fault, with a blank after each. */
static inline void faults_text(const struct problem *problem, char *out, size_t size)
{
    size_t index;
    json_t *fault;

    out[0] = '\0';
    json_array_foreach(problem->faults.list, index, fault)
    {
        size_t length = strlen(out);
        snprintf(out + length, size - length, "%s:%s ",
                 json_string_value(json_object_get(fault, "pointer")),
                 json_string_value(json_object_get(fault, "code")));
    }
}

#endif
