/* The answer's way out: what every answer carries, and problems as JSON. */
#ifndef HTTP_RESPOND_H
#define HTTP_RESPOND_H

#include "http/exchange.h"

/* Queues the exchange's answer. False: no memory even for that; the connection ends. */
bool respond(struct exchange *exchange) MUST_USE;

/* Appends the problem as application/problem+json. */
void problem_write(const struct problem *problem, const char *correlation_id, struct buffer *out);

#endif
