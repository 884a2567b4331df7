/* Makes a chosen allocation fail, so that a test can walk all of them:
 *
 *     for (unsigned n = 1;; n++) {
 *         oom_fail_at(n);
 *         bool made = thing_new(&thing, &err);
 *         if (!oom_stop()) { assert_true(made); break; }   // none was left to fail
 *         assert_false(made);
 *     }
 *
 * How: the linker's --wrap sends malloc, calloc, realloc, strdup and strndup of every object in the
 * test program (libcommon.a and the services' libraries among them) through here. That needs no
 * symbol of the allocator's own, so it is the same under ASan, TSan and none.
 *
 * Shared libraries keep their own malloc. Those that take allocator functions can be covered too,
 * since `malloc` written in a test means the wrapped one:
 *     json_set_alloc_funcs(malloc, free);                    jansson
 *     jwt_set_alloc(malloc, realloc, free);                  libjwt
 *     sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);        SQLite, before sqlite3_initialize()
 *
 * Counts and fails on the calling thread only: what other threads do cannot shift the count. */
#ifndef UNIT_SUPPORT_OOM_H
#define UNIT_SUPPORT_OOM_H

#include <stdbool.h>

/* The n-th allocation from now on fails (1: the next one); those before and after do not. */
void oom_fail_at(unsigned n);

/* Ends it. True: the allocation came and failed. */
bool oom_stop(void);

#endif
