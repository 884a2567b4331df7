/* A thread that watches a store that failed: `degraded` ends when a write works again, traffic or
 * none. */
#ifndef STORE_WATCH_H
#define STORE_WATCH_H

#include <stdint.h>
#include "base/auto.h"
#include "base/error.h"
#include "obs/health.h"
#include "store/user_store.h"

struct store_watch;

/* Starts the thread, which looks every `interval_ms`; borrows both until store_watch_stop(). NULL:
 * ERR_NO_MEMORY, ERR_SYSTEM. */
struct store_watch *store_watch_start(struct user_store *store, struct health *health,
                                      int64_t interval_ms, struct error *err) MUST_USE;

/* Begins nothing new from now on; returns at once. */
void store_watch_quiesce(struct store_watch *watch);

/* Waits for the probe under way, ends the thread, frees. NULL is fine. */
void store_watch_stop(struct store_watch *watch);
AUTO_DEFINE(store_watch, struct store_watch *, store_watch_stop);

#endif
