/* Actors that take turns. Each is a thread, but only the one whose turn it is runs, from one stop
 * to its next: so the order of all that they do is the director's choice and can be repeated.
 *
 * The director is the thread that made the stage; only one of all these threads runs at a time, so
 * what they share needs no lock. */
#ifndef SIM_STAGE_H
#define SIM_STAGE_H

#include <stdbool.h>
#include <stddef.h>

enum { ACTORS_MAX = 8 };

struct stage;

/* Asserts that there is memory, here and below. */
struct stage *stage_new(void);

/* An actor's whole life; it begins at its first turn. Returns its number: 0, 1, … */
size_t stage_add(struct stage *stage, void (*play)(void *context), void *context);

/* Lets an actor run to its next stop, or to its end. */
void stage_go(struct stage *stage, size_t actor);
bool stage_ended(const struct stage *stage, size_t actor);

/* From now on the actor stops nowhere, and its hooks see to it that nothing it does has an effect,
 * until it revives itself. */
void stage_kill(struct stage *stage, size_t actor);

/* Every actor must have ended. */
void stage_free(struct stage *stage);

/* --- On an actor's thread; on the director's they do nothing. --- */

/* Waits for the next turn. */
void stage_stop(void);
bool stage_killed(void);
void stage_revive(void);

/* -1: the director. */
int stage_actor(void);

#endif
