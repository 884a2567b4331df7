/* The MongoDB that TEST_MONGODB_URI names, for a contract suite: a database of this run alone, and
 * a proxy before it that makes it go away. */
#ifndef CONTRACT_MONGO_SERVER_H
#define CONTRACT_MONGO_SERVER_H

#include <stdbool.h>

enum { MONGO_TEST_SKIPPED = 77 }; /* ctest's SKIP_RETURN_CODE */

/* False: TEST_MONGODB_URI is not set. `what` names the database. */
bool mongo_server_start(const char *what);

/* Drops the database. */
void mongo_server_stop(void);

/* Of the database, through the proxy. */
const char *mongo_server_uri(void);

/* Drops one collection. */
void mongo_server_drop(const char *collection);

/* No database. */
void mongo_server_clear(void);

/* An empty database: with the schema that it had, if it had one, which is quicker to begin with. */
void mongo_server_empty(void);

/* Puts a document there, by its _id: extended JSON with ' for its quotes. */
void mongo_server_write(const char *collection, const char *json);

#endif
