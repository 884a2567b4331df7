/* Documents written in C: extended JSON with ' for its quotes. */
#ifndef CONTRACT_JSON_H
#define CONTRACT_JSON_H

#include <mongoc/mongoc.h>

/* The caller's. Ends the test when it is none. */
bson_t *document_of_json(const char *json);

#endif
