/* A scheduler over ports in memory, and its counters, for the tests of scheduler.c. */
#ifndef UNIT_ORDER_SCHEDULING_H
#define UNIT_ORDER_SCHEDULING_H

#include <stdio.h>
#include "scheduler.h"
#include "sim/world.h"
#include "unit/support/tests.h"

enum {
    PRICE = 40000,
    LEASE_MS = 30 * SECOND_MS,
    BACKOFF_MAX_MS = 30 * SECOND_MS, /* scheduler.c's */
};

struct scheduling {
    struct world world;
    struct metrics *metrics;
    struct scheduler *scheduler;
};

static inline void scheduling_open(struct scheduling *s, size_t batch_max)
{
    struct error err;
    struct scheduler_options options = { .lease_ms = LEASE_MS, .batch_max = batch_max };

    world_open(&s->world, 1);
    s->metrics = metrics_new(&err);
    s->scheduler = scheduler_new(&options, s->world.store, s->world.publisher,
                                 &s->world.clock.clock, &s->world.random.random, s->metrics, &err);
    assert_non_null(s->scheduler);
}

static inline void scheduling_close(struct scheduling *s)
{
    scheduler_free(s->scheduler);
    metrics_free(s->metrics);
    world_close(&s->world);
}

/* The n-th record of a test, and the order it promises; with the order when `stored`. */
static inline struct record nth_promise(const struct scheduling *s, unsigned n)
{
    struct id user = world_user(1);
    char request_id[16];
    snprintf(request_id, sizeof request_id, "req-%u", n);
    return world_record(&s->world, &user, request_id, PRICE + n);
}

static inline void put_promise(struct scheduling *s, const struct record *record, bool stored)
{
    struct order order = order_of_record(record);
    memory_store_put_record(s->world.store, record);
    if (stored)
        memory_store_put_order(s->world.store, &order);
}

static inline struct record record_of(struct scheduling *s, const struct id *id)
{
    struct record record;
    assert_true(memory_store_record(s->world.store, id, &record));
    return record;
}

static inline struct order order_of(struct scheduling *s, const struct id *id)
{
    struct order order;
    assert_true(memory_store_order(s->world.store, id, &order));
    return order;
}

static inline uint64_t counted(struct scheduling *s, const char *name, const char *labels)
{
    struct error err;
    return counter_value(metrics_counter(s->metrics, name, "", labels, &err));
}

/* relay_repeats_possible_total of one cause. */
static inline uint64_t repeats(struct scheduling *s, const char *cause)
{
    char labels[64];
    snprintf(labels, sizeof labels, "cause=\"%s\"", cause);
    return counted(s, "relay_repeats_possible_total", labels);
}

/* Sweeps until nothing is due; the store must work. */
static inline void sweep_all(struct scheduling *s)
{
    struct error err;
    size_t claimed = 1;
    while (claimed > 0)
        assert_true(scheduler_sweep(s->scheduler, &claimed, &err));
}

#endif
