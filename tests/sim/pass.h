/* One actor's pass in a small world: the real function, run through the calls it has made, one call
 * further, and no more. Part of small_world.c. */
#ifndef SIM_PASS_H
#define SIM_PASS_H

#include "sim/small_world.h"

/* Stands between the functions and their ports from now on. */
void pass_hook(struct small_world *small);

/* The ports hold what they held in that moment, and the clock reads as it then did for the actor of
 * the pass. */
void pass_go_to(struct small_world *small, const struct moment *moment);

/* In the moment that is being made, path[depth + 1]: an idle actor begins; one makes the call at
 * which it stands. pass_run() must follow. */
void pass_begin(struct small_world *small, size_t number, enum task task, size_t depth);
void pass_call(struct small_world *small, struct choice choice, size_t depth);

/* Leaves the actor where it then stands, or its pass ended and its answers told to the checker. */
void pass_run(struct small_world *small, size_t number);

#endif
