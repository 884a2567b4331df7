/* Tells whether jansson ran out of memory. For the rooms that call jansson's or libjwt's parser.
 *
 * jansson's lexer ignores a failed allocation while it collects a token: "1234567890123456" then
 * parses well, as a shorter number. So every allocation of jansson's is watched, a failure is
 * remembered for its thread, and whoever parses asks. */
#ifndef JSON_MEMORY_H
#define JSON_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include "base/error.h"

/* Forgets what this thread remembers. */
void json_memory_watch(void);

/* Whether an allocation failed on this thread since then. */
bool json_memory_failed(void);

/* For calls into code that crashes when jansson gets no memory: sets some aside on this thread.
 * When jansson runs out, it is given back and jansson served from it; that counts as failed all
 * the same. False: there is not even that. Release it after the call. */
bool json_memory_reserve(size_t bytes) MUST_USE;
void json_memory_release(void);

#endif
