/* What the use cases work with: ports, rules, keys. main.c fills it, nothing changes it then. */
#ifndef USERS_H
#define USERS_H

#include "auth/keys.h"
#include "auth/token.h"
#include "base/clock.h"
#include "base/random.h"
#include "password.h"
#include "refresh_token.h"
#include "reset_token.h"
#include "store/user_store.h"
#include "throttle.h"

struct users {
    struct user_store *store;
    const struct clock *clock; /* for access tokens: order-svc checks them by the host's clock */
    const struct random *random;
    struct key_ring *keys;
    struct token_rules token_rules;
    struct refresh_key refresh_key;
    struct reset_key reset_key; /* reset_key_of() that one */
    int64_t refresh_ttl_ms;     /* REFRESH_TTL */
    struct password_cost password_cost;
    struct password_hash dummy; /* password_dummy() of that cost */
    struct throttle throttle;
};

#endif
