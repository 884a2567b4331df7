/* The operating system's random generator. */
#include "base/random.h"

#include <sodium.h>

static void system_fill(const struct random *random, void *bytes, size_t count)
{
    (void)random;
    randombytes_buf(bytes, count);
}

const struct random system_random = { system_fill };
