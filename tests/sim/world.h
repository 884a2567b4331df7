/* What order-svc's own code needs around it, all in memory and turned by hand. */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "order.h"
#include "sim/memory_publisher.h"
#include "sim/memory_store.h"
#include "sim/seeded_random.h"
#include "sim/turned_clock.h"

/* Noon UTC of some day: a day's border is half a day away on either side. */
#define WORLD_START INT64_C(1800014400000)

struct world {
    struct turned_clock clock;
    struct seeded_random random;
    struct order_store *store;
    struct publisher *publisher;
};

/* Asserts that there is memory. */
void world_open(struct world *world, uint64_t seed);
void world_close(struct world *world);

/* The n-th user; all different, not zero. */
struct id world_user(unsigned n);

/* The record that a request of `user` makes now, due at once; and the order that it promises. */
struct record world_record(const struct world *world, const struct id *user, const char *request_id,
                           int64_t price);

#endif
