/* What a change of an account that was not made is to the client. */
#ifndef HTTP_CHANGE_ANSWER_H
#define HTTP_CHANGE_ANSWER_H

#include <stdbool.h>
#include "account_change.h"
#include "http/response.h"
#include "http/states.h"

/* The detail of a 401 to a caller whose account was deleted since it was let in. */
extern const char account_is_gone[];

/* True: it failed, or was refused, and that is the answer. Then CHANGE_GONE is a 404. */
bool change_refused(const struct failure *failure, enum change_result result,
                    struct response *response);

/* The same for the caller's own account: one that is gone has no session. A
 * throttled password may be tried again in `wait_s`. */
bool own_change_refused(const struct failure *failure, enum change_result result, unsigned wait_s,
                        struct response *response);

#endif
