/* Whether a request, as its headers tell, is one that we serve: every check before the body. */
#ifndef HTTP_JUDGE_H
#define HTTP_JUDGE_H

#include "http/exchange.h"

/* The checks in the order of the contract: path and method, token and role, body. False: the
 * exchange's problem says why. */
bool judge_head(struct exchange *exchange) MUST_USE;

/* The caller's role against the route's. */
bool judge_role(const struct exchange *exchange, struct problem *problem) MUST_USE;

#endif
