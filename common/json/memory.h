/* Tells whether jansson ran out of memory. For the rooms that call jansson's or libjwt's parser.
 *
 * jansson's lexer ignores a failed allocation while it collects a token: "1234567890123456" then
 * parses well, as a shorter number. So every allocation of jansson's is watched, a failure is
 * remembered for its thread, and whoever parses asks. */
#ifndef JSON_MEMORY_H
#define JSON_MEMORY_H

#include <stdbool.h>

/* Forgets what this thread remembers. */
void json_memory_watch(void);

/* Whether an allocation failed on this thread since then. */
bool json_memory_failed(void);

#endif
