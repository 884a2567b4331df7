/* Exhaustive search: every schedule of a small world, each state once. */
#ifndef SIM_EXHAUSTIVE_H
#define SIM_EXHAUSTIVE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "sim/choice.h"
#include "sim/small_world.h"

struct exhaustive_report {
    char broken[160];         /* the breach of the promise; empty: none */
    struct schedule schedule; /* that leads to it, shortened */
    uint64_t states;          /* different ones */
    uint64_t steps;           /* taken between them */
    uint64_t recoveries;      /* looked at for L1 */
    size_t depth;             /* of the longest schedule */
};

/* Ends at the first breach. */
void exhaustive_search(const struct small_world_bounds *bounds, struct exhaustive_report *report);

/* Takes one schedule; `trace` gets a line for each step, NULL: none. Returns how many steps it
 * took: to the end, to a breach (told in `broken`), or to a choice that there is not. */
size_t exhaustive_replay(const struct small_world_bounds *bounds, const struct schedule *schedule,
                         FILE *trace, char broken[160]);

#endif
