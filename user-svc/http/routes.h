/* user-svc's routes: the table, and the use cases as its steps. */
#ifndef HTTP_ROUTES_H
#define HTTP_ROUTES_H

#include <stdbool.h>
#include <stddef.h>
#include "account.h"
#include "http/admin.h"
#include "http/route.h"
#include "obs/metrics.h"
#include "login.h"
#include "session.h"
#include "users.h"

/* The server's lanes, by index. */
enum user_lane {
    LANE_HASHING,  /* whatever runs Argon2: as many threads as cores, niced */
    LANE_ACCOUNTS, /* the rest: short reads and writes of the store */
    USER_LANES,
};

/* http_options.service: what routes run on. */
struct user_service {
    struct users users;
    struct health *health; /* told when the store fails */
    struct counter *logins[LOGIN_RESULTS];
    struct counter *logins_failed;
    struct counter *signups[SIGNUP_RESULTS];
    struct counter *refreshes[REFRESH_RESULTS];
};

extern const struct route user_routes[];
extern const size_t user_route_count;

/* Makes the counters. */
bool user_service_count(struct user_service *service, struct metrics *metrics, struct error *err)
    MUST_USE;

/* http_options.authorize. */
bool user_authorize(void *service, struct caller *caller, struct problem *problem);

#endif
