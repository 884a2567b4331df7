/* Tells a thread to stop, and is what that thread sleeps on between its rounds: a pause ends early.
 * Any thread may tell; told once, it stays told. */
#ifndef BASE_STOPPER_H
#define BASE_STOPPER_H

#include <semaphore.h>
#include <stdbool.h>
#include <stdint.h>

struct stopper {
    sem_t told;
};

void stopper_init(struct stopper *stopper);
void stopper_done(struct stopper *stopper);

/* Never blocks. */
void stopper_tell(struct stopper *stopper);

/* True at once when it was told, false after `ms` without; 0 only looks. */
bool stopper_told_within(struct stopper *stopper, int64_t ms);

#endif
