/* A server that speaks just enough of MongoDB's protocol to answer as a test says: what no engine
 * at hand can be made to say. It is one standalone primary, on loopback; one to a process. */
#ifndef CONTRACT_CANNED_MONGO_H
#define CONTRACT_CANNED_MONGO_H

#include <stddef.h>
#include <stdint.h>

/* What it does in place of an answer. */
#define CANNED_HANG_UP "hang up"
#define CANNED_SILENCE "silence"

/* The answer to a `find`. */
#define CANNED_BATCH(documents)                                                                    \
    "{'ok': 1, 'cursor': {'id': 0, 'ns': 'x.y', 'firstBatch': [" documents "]}}"

/* The next answer to the command of that name, as extended JSON with ' for its quotes. The script
 * is gone through in order: a command that is not the next one's gets what a fresh store would say.
 */
struct canned_reply {
    const char *command;
    const char *json;
};

void canned_mongo_start(void);
void canned_mongo_stop(void);

/* Begins anew with that script (borrowed). */
void canned_mongo_script(const struct canned_reply replies[], size_t count);

/* How many of the script's answers were given. */
size_t canned_mongo_given(void);

/* The text of the last command of that name, as JSON; "" when none came. */
const char *canned_mongo_last(const char *command);

/* What its clock shows: an offset to nothing at all, since it stands still. */
#define CANNED_TIME INT64_C(1900000000000)

/* mongodb://…, with short waits. */
const char *canned_mongo_uri(void);

#endif
