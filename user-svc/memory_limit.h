/* How much memory the control groups that the process is in leave it: what a container's limit is
 * made of, in cgroup v1 and v2. */
#ifndef MEMORY_LIMIT_H
#define MEMORY_LIMIT_H

#include <stdint.h>

#define MEMORY_UNLIMITED UINT64_MAX

/* In bytes. `root` is "" but in tests, which have a /proc and a /sys of their own. */
uint64_t memory_limit(const char *root);

#endif
