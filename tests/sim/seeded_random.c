/* Randomness that a seed repeats: splitmix64 (Steele, Lea, Flood 2014), small and even enough. */
#include "sim/seeded_random.h"

#include <string.h>

static uint64_t next(struct seeded_random *seeded)
{
    uint64_t z = seeded->state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static void fill(const struct random *random, void *bytes, size_t count)
{
    /* The port hands out a const self, as the system's generator has no state of ours; a seeded one
     * has, and is always made by seeded_random_init() from a variable. */
    struct seeded_random *seeded = (struct seeded_random *)(uintptr_t)random;
    unsigned char *out = bytes;

    while (count > 0) {
        uint64_t number = next(seeded);
        size_t part = count < sizeof number ? count : sizeof number;
        memcpy(out, &number, part);
        out += part;
        count -= part;
    }
}

void seeded_random_init(struct seeded_random *seeded, uint64_t seed)
{
    *seeded = (struct seeded_random){ .random = { fill }, .state = seed };
}

uint32_t seeded_below(struct seeded_random *seeded, uint32_t bound)
{
    return random_below(&seeded->random, bound);
}

bool seeded_chance(struct seeded_random *seeded, uint32_t percent)
{
    return seeded_below(seeded, 100) < percent;
}
