/* Randomness comes in through this, so that tests can replay it. */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct random {
    /* Fills `bytes`; any thread, never fails. */
    void (*fill)(const struct random *random, void *bytes, size_t count);
};

/* The operating system's generator, by libsodium; sodium_init() must have run. */
extern const struct random system_random;

static inline void random_fill(const struct random *random, void *bytes, size_t count)
{
    random->fill(random, bytes, count);
}

/* A number in 0..bound-1; bound > 0. The bias of the remainder is below 2^-32: fine for jitter. */
static inline uint32_t random_below(const struct random *random, uint32_t bound)
{
    uint64_t number = 0;
    random->fill(random, &number, sizeof number);
    return (uint32_t)(number % bound);
}

#endif
