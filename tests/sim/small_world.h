/* A small world, step by step: the real place_orders() and scheduler functions over the ports in
 * memory, where each step is somebody's choice and can be taken back.
 *
 * A step of an actor runs its function again from the begin (moment.h says why): the calls it has
 * made are made again in the moments in which they were made, the next one in this moment, and from
 * there on the store refuses all, which is where the actor then stands. No threads, no stacks. */
#ifndef SIM_SMALL_WORLD_H
#define SIM_SMALL_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include "scheduler.h"
#include "sim/choice.h"
#include "sim/moment.h"
#include "sim/world.h"

enum { CLIENTS_MAX = 3, ASKS_MAX = 2 };

/* Who is in the world, and how much may happen in it. */
struct small_world_bounds {
    const char *name;
    size_t clients, replicas, keys;
    /* What each client asks for, as one batch. */
    struct {
        size_t count;
        struct {
            size_t key;
            int64_t price;
        } asks[ASKS_MAX];
    } batches[CLIENTS_MAX];
    bool precise;    /* moments are told apart by all that each actor was ever told */
    unsigned tries;  /* how often each client sends it, whatever the answer was */
    unsigned faults; /* writes and events of unknown fate, and refused events, in all */
    unsigned turns;  /* of the clock, in all */
};

struct small_world {
    const struct small_world_bounds *bounds;
    struct world world;
    struct scheduler *scheduler; /* keeps nothing from one sweep to the next */
    struct moment path[SCHEDULE_MAX + 1];
    struct {
        struct moment *to; /* the moment that is being made */
        size_t actor, calls;
        bool recovering; /* hooks let all through */
    } pass;
};

/* Asserts that there is memory. path[0] is the begin. */
struct small_world *small_world_open(const struct small_world_bounds *bounds);
void small_world_close(struct small_world *small);

/* All that may happen at path[depth]; how many. */
enum { CHOICES_MAX = 64 };
size_t small_world_choices(const struct small_world *small, size_t depth,
                           struct choice choices[CHOICES_MAX]);

/* Makes path[depth + 1] by one of them. What the promise says of it is in its checker.broken. */
void small_world_take(struct small_world *small, size_t depth, struct choice choice);

/* Whether a scheduler without faults brings path[depth] to a good end; else its checker.broken. */
void small_world_recover(struct small_world *small, size_t depth);

/* One line about what happened between path[depth] and the next. */
void small_world_tell(const struct small_world *small, size_t depth, struct choice choice,
                      FILE *out);

#endif
