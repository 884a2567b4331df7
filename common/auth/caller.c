/* The names of roles. */
#include "auth/caller.h"

#include <string.h>

static const char *const names[] = {
    [ROLE_PLAYER] = "player",
    [ROLE_ADMIN] = "admin",
};

const char *role_name(enum role role)
{
    return names[role];
}

bool role_parse(const char *text, size_t length, enum role *out)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strlen(names[i]) == length && memcmp(names[i], text, length) == 0) {
            *out = (enum role)i;
            return true;
        }
    }
    return false;
}
