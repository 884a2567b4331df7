/* What a random schedule does to a port call. */
#ifndef SIM_FAULTS_H
#define SIM_FAULTS_H

#include "sim/memory_publisher.h"
#include "sim/memory_store.h"
#include "sim/seeded_random.h"

/* The caller is dead: nothing of it is done. */
void faults_refuse_store(struct store_step *step);

/* Documents fail or are left unknown, each for itself; or the call fails as a whole. */
void faults_inject_store(struct store_step *step, struct seeded_random *random);

void faults_all_events(struct publish_step *step, enum event_fault fault);
void faults_inject_publisher(struct publish_step *step, struct seeded_random *random);

#endif
