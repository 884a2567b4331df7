/* Many threads at one thing, on two handles. */
#ifndef CONTRACT_USER_STORE_RACING_H
#define CONTRACT_USER_STORE_RACING_H

#include <pthread.h>
#include "contract/user_store_suite.h"

enum { RACERS = 16, RACERS_MAX = 100, HANDLES = 2 };

struct racer {
    struct user_store *store;
    pthread_barrier_t *start; /* waited for before the first call that races */
    uint32_t number;          /* 0, 1, … */
    const void *row;
    bool failed, won; /* the racer says */
    struct error err;
};

/* Two handles on an empty store, and their end. */
void race_begin(struct user_store *stores[HANDLES]);
void race_end(struct user_store *const stores[HANDLES]);

/* Runs `race` on `count` threads at once; the number of winners. None may fail. */
unsigned run_race(void *(*race)(void *), size_t count, struct user_store *const stores[HANDLES],
                  const void *row);

#endif
