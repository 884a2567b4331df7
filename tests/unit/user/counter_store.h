/* A store that has counters and nothing else, in memory, with a clock that tests turn. */
#ifndef UNIT_USER_COUNTER_STORE_H
#define UNIT_USER_COUNTER_STORE_H

#include "unit/support/tests.h"

#include <pthread.h>
#include <string.h>

#include "store/user_store.h"

enum { COUNTERS_MAX = 512 };

struct counter_store {
    struct user_store base;
    pthread_mutex_t mutex;
    struct digest keys[COUNTERS_MAX];
    struct counter counters[COUNTERS_MAX];
    size_t count;
    int64_t now_ms;
    unsigned calls, fail_at; /* the call that fails; 0: none */
    unsigned puts_lost;      /* so many puts find that another was faster */
};

static inline struct counter_store *counter_store_called(struct user_store *store,
                                                         struct error *err, bool *fails)
{
    struct counter_store *self = (struct counter_store *)store;

    *fails = ++self->calls == self->fail_at;
    if (*fails)
        error_set(err, ERR_UNAVAILABLE, 0, "told to fail");
    return self;
}

static inline struct counter *counter_store_at(struct counter_store *self, const struct digest *key)
{
    size_t i = 0;

    while (i < self->count && memcmp(&self->keys[i], key, sizeof *key) != 0)
        i++;
    assert_true(i < COUNTERS_MAX);
    if (i == self->count)
        self->keys[self->count++] = *key;
    return &self->counters[i];
}

static inline int64_t counter_store_now(struct user_store *store)
{
    return ((struct counter_store *)store)->now_ms;
}

static inline bool counter_store_get(struct user_store *store, const struct digest *key,
                                     struct counter *counter, struct error *err)
{
    bool fails;
    LOCKED(&((struct counter_store *)store)->mutex);
    struct counter_store *self = counter_store_called(store, err, &fails);

    if (!fails)
        *counter = *counter_store_at(self, key);
    return !fails;
}

static inline bool counter_store_equal(const struct counter *a, const struct counter *b)
{
    return a->revision == b->revision && a->count == b->count && a->since == b->since &&
           a->blocked_until == b->blocked_until && a->expires_at == b->expires_at;
}

static inline bool counter_store_put(struct user_store *store, const struct digest *key,
                                     const struct counter *from, const struct counter *to,
                                     bool *put, struct error *err)
{
    bool fails;
    LOCKED(&((struct counter_store *)store)->mutex);
    struct counter_store *self = counter_store_called(store, err, &fails);
    struct counter *counter = counter_store_at(self, key);

    if (fails)
        return false;
    *put = counter_store_equal(counter, from) && self->puts_lost == 0;
    self->puts_lost -= self->puts_lost > 0;
    if (*put) {
        *counter = *to;
        counter->revision = from->revision + 1;
    }
    return true;
}

static inline bool counter_store_delete(struct user_store *store, const struct digest *key,
                                        struct error *err)
{
    bool fails;
    LOCKED(&((struct counter_store *)store)->mutex);
    struct counter_store *self = counter_store_called(store, err, &fails);

    if (!fails)
        *counter_store_at(self, key) = (struct counter){ 0 };
    return !fails;
}

static inline void counter_store_init(struct counter_store *store, int64_t now_ms)
{
    static const struct user_store_functions functions = {
        .now = counter_store_now,
        .get_counter = counter_store_get,
        .put_counter = counter_store_put,
        .delete_counter = counter_store_delete,
    };

    *store = (struct counter_store){ .base = { &functions },
                                     .mutex = PTHREAD_MUTEX_INITIALIZER,
                                     .now_ms = now_ms };
}

/* The n-th call from now on fails; 0: none. */
static inline void counter_store_fail_at(struct counter_store *store, unsigned n)
{
    store->calls = 0;
    store->fail_at = n;
}

#endif
