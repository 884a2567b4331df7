/* What encode functions fill. */
#include "http/response.h"

#include <assert.h>
#include <string.h>

#include "json/encode.h"

void response_header(struct response *response, const char *name, const char *value)
{
    const size_t length = strlen(value);

    assert(response->header_count < RESPONSE_HEADERS_MAX);
    assert(length < RESPONSE_HEADER_VALUE_MAX);
    struct response_header *header = &response->headers[response->header_count++];
    header->name = name;
    memcpy(header->value, value, length + 1);
}

void response_json(struct response *response, int status, json_t *tree)
{
    response->status = status;
    json_write(&response->body, tree);
}

void response_problem(struct response *response, enum problem_type type, const char *detail)
{
    problem_set(&response->problem, type, detail);
}

void response_done(struct response *response)
{
    buffer_done(&response->body);
    problem_done(&response->problem);
    response->header_count = 0;
}
