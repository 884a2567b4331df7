/* What is told of each request: two metrics and a line of the access log. */
#ifndef HTTP_OBSERVE_H
#define HTTP_OBSERVE_H

#include <stdbool.h>
#include <stdint.h>
#include "base/error.h"
#include "http/server.h"

struct exchange;
struct observer;

/* Borrows the options. NULL: ERR_NO_MEMORY. */
struct observer *observer_open(const struct http_options *options, struct error *err) MUST_USE;
void observer_close(struct observer *observer);

/* The answer is sent (status 0: the client left before). */
void observe(struct observer *observer, const struct exchange *exchange, int status);

/* For durations. */
int64_t observe_now_us(void);

#endif
