#include "contract/user_store_racing.h"

void race_begin(struct user_store *stores[HANDLES])
{
    stores[0] = suite_begin();
    for (size_t i = 1; i < HANDLES; i++)
        stores[i] = suite_open();
}

void race_end(struct user_store *const stores[HANDLES])
{
    for (size_t i = 0; i < HANDLES; i++)
        user_store_close(stores[i]);
}

unsigned run_race(void *(*race)(void *), size_t count, struct user_store *const stores[HANDLES],
                  const void *row)
{
    struct racer racers[RACERS_MAX];
    pthread_t threads[RACERS_MAX];
    pthread_barrier_t start;
    unsigned winners = 0;

    pthread_barrier_init(&start, NULL, (unsigned)count);
    for (uint32_t i = 0; i < count; i++) {
        racers[i] = (struct racer){
            .store = stores[i % HANDLES], .start = &start, .number = i, .row = row
        };
        assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    }
    for (size_t i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&start);
    for (size_t i = 0; i < count; i++) {
        if (racers[i].failed)
            fail_msg("racer: %s", racers[i].err.detail);
        winners += racers[i].won;
    }
    return winners;
}
