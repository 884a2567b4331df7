/* Who is calling, as the access token says. */
#ifndef AUTH_CALLER_H
#define AUTH_CALLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/id.h"

enum role { ROLE_PLAYER, ROLE_ADMIN };

/* "player", "admin". */
const char *role_name(enum role role);
bool role_parse(const char *text, size_t length, enum role *out);

struct caller {
    struct id user_id;
    struct id session_id;
    enum role role;
    int64_t expires_at; /* seconds since 1970 */
};

#endif
