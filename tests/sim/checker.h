/* The promise, as a program: looks at a world after every step and says what is broken.
 *
 *   S1 an acknowledged order is there, with the acknowledged price
 *   S2 a key has one order, of one content, ever; and nothing is there that nobody asked for
 *   S3 what is published is the content of a stored order
 *   S4 an order is `processing`, a record `done`, only after the broker acknowledged its event
 *   S5 a record is `done` only when its order is `processing`
 *   S6 nothing is published on behalf of a record that came when its order was `processing`
 *   S7 two contents of one key are never both acknowledged
 *   S8 a 422 is true, and goes on to be; never 201 and 422 for one price
 *   S9 an order appears only for a stored record, and as that record promises
 *   S10 for a request that is answered `not accepted` nothing was written
 *   L1 once all faults end, one scheduler brings every order into the topic and to `processing`,
 *      and leaves no record pending; parked ones are counted apart */
#ifndef SIM_CHECKER_H
#define SIM_CHECKER_H

#include <stdbool.h>
#include <stddef.h>
#include "place_orders.h"
#include "sim/memory_publisher.h"
#include "sim/stage.h"
#include "sim/world.h"

enum { KEYS_MAX = 4, ASKED_MAX = 12 };

/* What a client asks for, again and again, and what it was told so far. */
struct asked {
    size_t key;
    int64_t price;
    bool accepted, refused; /* had a 201, a 422 */
};

/* What is known of a key. */
struct watched {
    struct id user_id;
    char request_id[REQUEST_ID_MAX + 1];
    struct id order_id;
    bool stored;                /* an order was seen */
    struct order first;         /* as it was then */
    bool acknowledged;          /* by the broker */
    bool record_there;          /* at the last look */
    bool late;                  /* the record came when the order was processing */
    bool held_late[ACTORS_MAX]; /* the actor's last claim took the record, and it was late */
};

struct checker {
    struct world *world;
    struct watched keys[KEYS_MAX];
    size_t key_count;
    struct asked asked[ASKED_MAX];
    size_t asked_count;
    char broken[160]; /* the first breach; empty: none */
};

/* Keys 0..key_count-1. */
void checker_init(struct checker *checker, struct world *world, size_t key_count);

/* Somebody is going to ask for that. */
void checker_expect(struct checker *checker, size_t key, int64_t price);

/* What clients, store and broker tell it. */
void checker_answered(struct checker *checker, const struct place_order *order);
/* Whether the request's own record was written, or may be: not if it was not accepted. */
void checker_wrote(struct checker *checker, const struct place_order *order, bool wrote);
void checker_claimed(struct checker *checker, int actor, const struct id ids[], size_t count);
void checker_published(struct checker *checker, int actor, const struct publish_step *step);

/* S1–S8, after each step. */
void checker_look(struct checker *checker);

/* L1, after a scheduler without faults found nothing due. */
void checker_look_at_end(struct checker *checker);

#endif
