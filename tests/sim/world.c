/* Store, broker, clock and randomness in memory. */
#include "sim/world.h"

#include <assert.h>
#include <stdio.h>

void world_open(struct world *world, uint64_t seed)
{
    struct error err;

    turned_clock_init(&world->clock, WORLD_START);
    seeded_random_init(&world->random, seed);
    world->store = memory_store_open(&world->clock.clock, &err);
    world->publisher = memory_publisher_open(&err);
    assert(world->store && world->publisher);
}

void world_close(struct world *world)
{
    order_store_close(world->store);
    publisher_close(world->publisher);
}

struct id world_user(unsigned n)
{
    struct id id = { { 0xA0 } };
    id.bytes[ID_BYTES - 1] = (uint8_t)n;
    id.bytes[ID_BYTES - 2] = (uint8_t)(n >> 8);
    return id;
}

struct record world_record(const struct world *world, const struct id *user, const char *request_id,
                           int64_t price)
{
    int64_t now = clock_wall_ms(&world->clock.clock);
    struct record record = {
        .order_id = order_id_of(user, request_id),
        .user_id = *user,
        .price = price,
        .date = now,
        .due_at = now,
        .created_at = now,
    };
    int length = snprintf(record.request_id, sizeof record.request_id, "%s", request_id);
    assert(length <= REQUEST_ID_MAX);
    return record;
}
