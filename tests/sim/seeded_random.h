/* Randomness that a seed repeats. One thread at a time. */
#ifndef SIM_SEEDED_RANDOM_H
#define SIM_SEEDED_RANDOM_H

#include <stdbool.h>
#include <stdint.h>
#include "base/random.h"

struct seeded_random {
    struct random random; /* what the code under test is given */
    uint64_t state;
};

void seeded_random_init(struct seeded_random *seeded, uint64_t seed);

/* 0..bound-1; bound > 0. */
uint32_t seeded_below(struct seeded_random *seeded, uint32_t bound);

/* True in `percent` of a hundred cases. */
bool seeded_chance(struct seeded_random *seeded, uint32_t percent);

#endif
