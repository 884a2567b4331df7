/* One admin at a time may cease to be one: see admin_guard_mongo.c. */
#ifndef STORE_ADMIN_GUARD_MONGO_H
#define STORE_ADMIN_GUARD_MONGO_H

#include "store/user_documents_mongo.h"

struct admin_guard {
    struct id user_id; /* who may cease to be an admin */
    int64_t turn;
};

/* Takes the guard for that user. What is then put for it, from a revision that was read before, is
 * safe when another active admin is found, and fails when somebody has taken the guard over.
 * False: ERR_BUSY (too many want it, or those before us were stopped), ERR_UNAVAILABLE, ERR_BUG. */
bool admin_guard_take(struct mongo_session *session, const struct id *user_id,
                      struct admin_guard *guard, struct error *err) MUST_USE;

/* Whether there is an active admin but that one: by now, and for as long as the guard is ours. */
bool admin_guard_another(struct mongo_session *session, const struct admin_guard *guard,
                         bool *another, struct error *err) MUST_USE;

/* Once it is known whether the put succeeded. Where that is not known, or this fails, the guard
 * stays taken until somebody takes it over. */
void admin_guard_release(struct mongo_session *session, const struct admin_guard *guard);

#endif
