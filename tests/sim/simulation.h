/* A world in which the real intake and scheduler run, under a random schedule that a seed repeats.
 *
 * Actors: intake workers, which take clients' requests in batches, and scheduler replicas. Every
 * port call is a point where the schedule may go on with another one, kill it, fail the call, or
 * leave the fate of each document unknown. Between turns time passes (leases end, days end) and
 * writes in flight land or are lost. A client sends again after whatever answer it had. */
#ifndef SIM_SIMULATION_H
#define SIM_SIMULATION_H

#include <stdint.h>
#include <stdio.h>

/* What a run was, so that a test knows that it was not for nothing. */
struct simulation_report {
    char broken[160]; /* the first breach of the promise; empty: none */
    unsigned steps;
    unsigned answers, faults, kills;
    unsigned events, repeats; /* in the topic; those that were there before */
    unsigned parked;
    uint64_t digest; /* of all that happened: equal for equal seeds */
};

/* `trace` gets a line for each step; NULL: none. */
void simulation_run(uint64_t seed, FILE *trace, struct simulation_report *report);

#endif
