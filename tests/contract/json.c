#include "contract/json.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

bson_t *document_of_json(const char *json)
{
    char *text = bson_strdup(json);
    bson_error_t fault;

    for (char *quote = text; (quote = strchr(quote, '\''));)
        *quote = '"';
    bson_t *document = bson_new_from_json((const uint8_t *)text, -1, &fault);
    if (!document)
        fprintf(stderr, "%s: %s\n", json, fault.message);
    assert(document);
    bson_free(text);
    return document;
}
