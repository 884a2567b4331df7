/* Many at once: threads on one handle, on two, and processes. */
#include "contract/order_store_suite.h"

#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 16, KEYS = 10, HANDLES = 2 };

struct racer {
    struct order_store *store;
    pthread_barrier_t *start;
    bool orders; /* insert orders, else records */
    unsigned written[KEYS];
    unsigned others; /* outcomes other than ok and duplicate */
};

/* Tries to insert each key once; its user tells who it was. */
static void *insert_keys(void *context)
{
    struct racer *racer = context;
    struct error err = { 0 };

    for (uint32_t key = 0; key < KEYS; key++) {
        struct record record = nth_record(key);
        struct order order = nth_order(key);
        enum write_outcome outcome = WRITE_FAILED;

        pthread_barrier_wait(racer->start);
        if (!try_add(racer->store, racer->orders ? NULL : &record, racer->orders ? &order : NULL, 1,
                     &outcome, &err))
            outcome = WRITE_FAILED;
        if (outcome == WRITE_OK)
            racer->written[key]++;
        else if (outcome != WRITE_DUPLICATE)
            racer->others++;
    }
    return NULL;
}

static const struct race_case {
    const char *name;
    bool orders;
    size_t handles;
} race_cases[] = {
    { "one record, one handle", false, 1 },
    { "one order, one handle", true, 1 },
    { "one record, two handles", false, HANDLES },
    { "one order, two handles", true, HANDLES },
};

static void of_many_that_insert_one_key_one_writes(void **state)
{
    const struct race_case *c = *state;
    struct order_store *stores[HANDLES] = { suite_begin(), c->handles > 1 ? suite_open() : NULL };
    struct racer racers[THREADS];
    pthread_t threads[THREADS];
    pthread_barrier_t start;
    unsigned others = 0;

    pthread_barrier_init(&start, NULL, THREADS);
    for (size_t i = 0; i < THREADS; i++) {
        racers[i] =
            (struct racer){ .store = stores[i % c->handles], .start = &start, .orders = c->orders };
        assert_int_equal(pthread_create(&threads[i], NULL, insert_keys, &racers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (size_t key = 0; key < KEYS; key++) {
        unsigned written = 0;
        for (size_t i = 0; i < THREADS; i++)
            written += racers[i].written[key];
        assert_int_equal(written, 1);
    }
    for (size_t i = 0; i < THREADS; i++)
        others += racers[i].others;
    assert_int_equal(others, 0);
    pthread_barrier_destroy(&start);
    suite_end(stores[1]);
    suite_end(stores[0]);
}

/* --- Claimers. --- */

enum { CLAIMERS = 4, CLAIMABLE = 200, CLAIM_MAX = 7 };

struct claimer {
    struct order_store *store;
    struct id owner;
    unsigned times[CLAIMABLE]; /* how often it got record n */
    unsigned failures;
};

static void *claim_until_none_is_left(void *context)
{
    struct claimer *claimer = context;
    struct record records[CLAIM_MAX];
    struct error err = { 0 };
    size_t count = 1;

    while (count > 0 && claimer->failures == 0) {
        if (!order_store_claim(claimer->store, &claimer->owner, T0 + CLAIMABLE, T0 + 10 * CLAIMABLE,
                               CLAIM_MAX, records, &count, &err))
            claimer->failures++;
        for (size_t i = 0; claimer->failures == 0 && i < count; i++)
            claimer->times[records[i].created_at - T0]++;
    }
    return NULL;
}

static void no_record_goes_to_two_claimers(void **state)
{
    (void)state;
    static struct record records[CLAIMABLE];
    static struct claimer claimers[CLAIMERS];
    struct order_store *stores[HANDLES] = { suite_begin(), suite_open() };
    pthread_t threads[CLAIMERS];

    for (uint32_t n = 0; n < CLAIMABLE; n++)
        records[n] = nth_record(n);
    add_records(stores[0], records, CLAIMABLE);
    for (uint32_t i = 0; i < CLAIMERS; i++) {
        claimers[i] = (struct claimer){ .store = stores[i % HANDLES], .owner = nth_id(5000 + i) };
        assert_int_equal(pthread_create(&threads[i], NULL, claim_until_none_is_left, &claimers[i]),
                         0);
    }
    for (size_t i = 0; i < CLAIMERS; i++)
        pthread_join(threads[i], NULL);

    for (size_t n = 0; n < CLAIMABLE; n++) {
        unsigned times = 0;
        for (size_t i = 0; i < CLAIMERS; i++)
            times += claimers[i].times[n];
        assert_int_equal(times, 1);
    }
    for (size_t i = 0; i < CLAIMERS; i++)
        assert_int_equal(claimers[i].failures, 0);
    suite_end(stores[1]);
    suite_end(stores[0]);
}

/* --- Openers. --- */

enum { OPENERS = 6, OPENING_ROUNDS = 5 };

struct opener {
    pthread_barrier_t *start;
    struct order_store *store;
    struct error err;
};

static void *open_at_once(void *context)
{
    struct opener *opener = context;

    pthread_barrier_wait(opener->start);
    opener->store = suite_fixture()->open(&opener->err);
    return NULL;
}

/* Each handle is as good as one that came alone. */
static void assert_usable(const struct opener openers[OPENERS])
{
    for (uint32_t n = 0; n < OPENERS; n++) {
        const struct record record = nth_record(n);
        const struct order order = nth_order(n);
        if (!openers[n].store)
            fail_msg("opener %u: %s", n, openers[n].err.detail);
        add_records(openers[n].store, &record, 1);
        add_orders(openers[n].store, &order, 1);
    }
}

/* Replicas whose first start coincides. */
static void of_many_that_open_an_empty_store_all_do(void **state)
{
    (void)state;
    struct opener openers[OPENERS];
    pthread_t threads[OPENERS];
    pthread_barrier_t start;

    pthread_barrier_init(&start, NULL, OPENERS);
    for (int round = 0; round < OPENING_ROUNDS; round++) {
        suite_fixture()->clear();
        for (size_t i = 0; i < OPENERS; i++) {
            openers[i] = (struct opener){ .start = &start };
            assert_int_equal(pthread_create(&threads[i], NULL, open_at_once, &openers[i]), 0);
        }
        for (size_t i = 0; i < OPENERS; i++)
            pthread_join(threads[i], NULL);
        assert_usable(openers);
        for (size_t i = 0; i < OPENERS; i++)
            suite_end(openers[i].store);
    }
    pthread_barrier_destroy(&start);
}

/* --- Processes. --- */

enum { PROCESSES = 2, PROCESS_KEYS = 50 };

/* In a child: inserts all keys; how many it wrote, or more than there are when one failed. */
static uint8_t insert_in_child(void)
{
    struct error err = { 0 };
    struct order_store *store = suite_fixture()->open(&err);
    uint8_t written = 0;

    if (!store)
        return UINT8_MAX;
    for (uint32_t key = 0; key < PROCESS_KEYS; key++) {
        const struct order order = nth_order(key);
        enum write_outcome outcome;
        if (!try_add(store, NULL, &order, 1, &outcome, &err) || outcome > WRITE_DUPLICATE) {
            fprintf(stderr, "child: %s\n", err.detail);
            written = UINT8_MAX;
            break;
        }
        written = (uint8_t)(written + (outcome == WRITE_OK));
    }
    order_store_close(store);
    return written;
}

static pid_t start_child(const int start[2])
{
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    char byte;
    close(start[1]);
    if (read(start[0], &byte, 1) != 0) /* it ends when the parent closes its side */
        _exit(UINT8_MAX);
    _exit(insert_in_child());
}

static void processes_share_one_store(void **state)
{
    (void)state;
    pid_t pids[PROCESSES];
    int start[2];
    int written = 0;

    if (!suite_fixture()->opens_after_fork)
        skip();
    suite_fixture()->clear();
    assert_int_equal(pipe(start), 0);
    for (int i = 0; i < PROCESSES; i++) {
        pids[i] = start_child(start);
        assert_true(pids[i] > 0);
    }
    close(start[0]);
    close(start[1]);
    for (int i = 0; i < PROCESSES; i++) {
        int status = -1;
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_true(WIFEXITED(status));
        written += WEXITSTATUS(status);
    }
    assert_int_equal(written, PROCESS_KEYS);

    struct order_store *store = suite_open();
    for (uint32_t key = 0; key < PROCESS_KEYS; key++) {
        const struct order expected = nth_order(key);
        struct order found;
        assert_true(read_order(store, &expected.id, &found));
        assert_same_order(&found, &expected);
    }
    suite_end(store);
}

void add_race_cases(struct tests *tests)
{
    ADD_ROWS(tests, of_many_that_insert_one_key_one_writes, race_cases);
    ADD_TEST(tests, no_record_goes_to_two_claimers);
    ADD_TEST(tests, of_many_that_open_an_empty_store_all_do);
    ADD_TEST(tests, processes_share_one_store);
}
