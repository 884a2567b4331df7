/* How long to wait before something that failed is tried again. */
#ifndef BASE_BACKOFF_H
#define BASE_BACKOFF_H

#include <stdint.h>
#include "base/random.h"

/* min_ms, doubled `doublings` times but no longer than max_ms; jittered over its upper half, so
 * that replicas do not march in step. */
int64_t backoff_ms(const struct random *random, uint32_t doublings, int64_t min_ms, int64_t max_ms);

#endif
