/* A moment of a small world: all that is there, as values, so that a search can come back to it.
 *
 * An actor in the middle of its work is not kept as a stack. Our code does nothing but what follows
 * from what its port calls answered, so an actor is where it is because of the calls it has made:
 * which they were, how each ended, and in which moment, since the same call in the same moment
 * answers the same. small_world.h runs the real function again through these calls. */
#ifndef SIM_MOMENT_H
#define SIM_MOMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "sim/checker.h"
#include "sim/choice.h"
#include "sim/memory_documents.h"
#include "sim/memory_publisher.h"
#include "sim/memory_store.h"

enum {
    CALLS_MAX = 20, /* of one pass; a sweep of two records that are refused makes fewer */
    TOLD_PUBLISH = STORE_CALLS,
    STANDS_NOWHERE,
};

enum task { TASK_NONE, TASK_INTAKE, TASK_SWEEP, TASK_PURGE };

/* A call that an actor has made. */
struct told {
    uint16_t moment; /* in which it was done */
    uint8_t ending;  /* enum ending */
    uint8_t number;  /* the document that ended so */
};

struct actor {
    uint8_t task; /* enum task */
    uint8_t tries_left;
    uint8_t stands_at; /* enum store_call, TOLD_PUBLISH, STANDS_NOWHERE */
    uint8_t documents; /* of that call */
    uint8_t told_count;
    bool remembers;   /* more than what it asks for shows */
    uint8_t wrote;    /* bits: requests of the batch whose record was written, or may be */
    uint16_t began;   /* the moment */
    uint32_t claim;   /* numbers a sweep's owner token */
    struct id owner;  /* the token, once the sweep has claimed something */
    uint64_t learned; /* a digest of all it was told */
    uint64_t asks;    /* a digest of what the call at which it stands is given */
    struct told told[CALLS_MAX];
};

struct moment {
    struct documents documents;
    struct broker_content broker;
    /* From here on plain values. */
    struct checker checker;
    struct actor actors[ACTORS_MAX];
    uint8_t actor_count, client_count; /* clients come first */
    uint8_t turns;                     /* of the clock so far */
    uint8_t faults_left;
    uint32_t claims; /* so far */
};

/* `to` begins zeroed and may be used again and again. */
void moment_copy(struct moment *to, const struct moment *from);
void moment_done(struct moment *moment);

/* The clock turns by this: more than a day, a lease, any backoff. */
#define TURN_MS (2 * (int64_t)DAY_MS)
/* Within a turn replicas read this time. Clients' requests read earlier ones, each its own, so that
 * no two contents are equal by chance. */
enum { REPLICA_NOW_MS = 100 };
/* How often the clock must have turned before a replica sees that `time` has come. */
unsigned turn_of(int64_t time);

/* Digests. Two moments with the same key have the same future: it leaves out what nothing depends
 * on (who a dead claim's owner was, which of two equal replicas is which, how often a message is in
 * the topic). `path` is what `began` and `told` refer to. */
uint64_t moment_key(const struct moment *moment, const struct moment path[]);
/* Of what a scheduler without faults would make of it. */
uint64_t moment_recovery_key(const struct moment *moment);

/* For digests elsewhere. */
uint64_t digest(uint64_t sum, uint64_t value);
uint64_t digest_id(uint64_t sum, const struct id *id);
uint64_t digest_order(uint64_t sum, const struct order *order);
uint64_t digest_record(uint64_t sum, const struct record *record);

#endif
