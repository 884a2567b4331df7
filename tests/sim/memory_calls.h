/* What the in-memory store's calls share: hook, lock, documents, hook. */
#ifndef SIM_MEMORY_CALLS_H
#define SIM_MEMORY_CALLS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "sim/memory_documents.h"
#include "sim/memory_store.h"

struct memory_store {
    struct order_store store; /* first: what the port sees */
    struct order_store_functions functions;
    const struct clock *clock;
    struct store_hooks hooks;

    pthread_mutex_t mutex; /* of all below */
    struct documents documents;
    uint64_t flushes;
    unsigned calls[STORE_CALLS];
    size_t open_units;
    size_t handles;
};

struct memory_store *memory_of(struct order_store *store);

/* Counts the call and asks the first hook. */
void memory_enter(struct memory_store *memory, struct store_step *step);

/* Tells the second hook; returns what the call returns. */
bool memory_leave(struct memory_store *memory, const struct store_step *step, struct error *err);

/* Whether the call as a whole lets anything be applied. */
bool memory_lets_through(const struct store_step *step);

/* The step's i-th document: its write, as its fault says. Under the mutex. */
enum write_outcome memory_perform(struct memory_store *memory, const struct write *write,
                                  const struct store_step *step, size_t i);

/* Each fills in its part of the port. */
void memory_intake_functions(struct order_store_functions *functions);
void memory_outbox_functions(struct order_store_functions *functions);

#endif
