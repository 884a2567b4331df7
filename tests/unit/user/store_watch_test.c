/* The store's watch: what ends `degraded`, what is not probed, stopping. */
#include "unit/support/tests.h"

#include <stdatomic.h>

#include "store_watch.h"
#include "unit/support/eventually.h"
#include "unit/support/oom.h"

enum {
    NEVER_MS = 10 * MINUTE_MS, /* no look comes while a test runs */
    OFTEN_MS = 5,
};

/* A store of which only the probe is asked. */
struct probed_store {
    struct user_store base;
    atomic_bool fails;
    atomic_uint probes;
};

static bool probe(struct user_store *store, struct error *err)
{
    struct probed_store *probed = (struct probed_store *)store;

    atomic_fetch_add(&probed->probes, 1);
    if (atomic_load(&probed->fails))
        return error_set(err, ERR_UNAVAILABLE, 0, "told to fail");
    return true;
}

static const struct user_store_functions functions = { .probe = probe };

struct bench {
    struct probed_store store;
    struct health health;
    struct store_watch *watch;
};

static void bench_open(struct bench *bench, bool degraded, bool fails, int64_t interval_ms)
{
    struct error err = { 0 };

    *bench = (struct bench){ .store.base.functions = &functions };
    atomic_store(&bench->health.store_degraded, degraded);
    atomic_store(&bench->store.fails, fails);
    bench->watch = store_watch_start(&bench->store.base, &bench->health, interval_ms, &err);
    if (!bench->watch)
        fail_msg("watch: %s", err.detail);
}

static void auto_bench(struct bench *bench)
{
    store_watch_stop(bench->watch);
}

static unsigned probes(struct bench *bench)
{
    return atomic_load(&bench->store.probes);
}

static void an_outage_shows_until_a_write_works(void **state)
{
    (void)state;
    AUTO(bench) struct bench bench;
    bench_open(&bench, true, true, OFTEN_MS);

    EVENTUALLY(probes(&bench) >= 3);
    assert_true(atomic_load(&bench.health.store_degraded));
    atomic_store(&bench.store.fails, false);
    EVENTUALLY(!atomic_load(&bench.health.store_degraded));
}

static void a_second_outage_is_watched_like_the_first(void **state)
{
    (void)state;
    AUTO(bench) struct bench bench;
    bench_open(&bench, true, false, OFTEN_MS);

    EVENTUALLY(!atomic_load(&bench.health.store_degraded));
    const unsigned before = probes(&bench);
    atomic_store(&bench.health.store_degraded, true);
    EVENTUALLY(!atomic_load(&bench.health.store_degraded));
    assert_true(probes(&bench) > before);
}

/* Ten looks go by; then it is seen that the thread does look. */
static void a_store_that_works_is_not_probed(void **state)
{
    (void)state;
    AUTO(bench) struct bench bench;
    bench_open(&bench, false, false, OFTEN_MS);
    const int64_t until = clock_monotonic_ms(&system_clock) + 10 * OFTEN_MS;

    EVENTUALLY(clock_monotonic_ms(&system_clock) >= until);
    assert_int_equal(probes(&bench), 0);
    atomic_store(&bench.health.store_degraded, true);
    EVENTUALLY(probes(&bench) > 0);
}

static void a_sleeping_one_stops_at_once(void **state)
{
    (void)state;
    const int64_t before = clock_monotonic_ms(&system_clock);
    struct bench bench;

    bench_open(&bench, true, false, NEVER_MS);
    store_watch_stop(bench.watch);
    assert_true(clock_monotonic_ms(&system_clock) - before < EVENTUALLY_MS);
    assert_int_equal(probes(&bench), 0);
}

/* The probe under way ends, and is the last. Being told twice, as a service does, is fine. */
static void a_quiesced_one_begins_nothing(void **state)
{
    (void)state;
    AUTO(bench) struct bench bench;
    bench_open(&bench, true, true, OFTEN_MS);

    EVENTUALLY(probes(&bench) > 0);
    store_watch_quiesce(bench.watch);
    store_watch_quiesce(bench.watch);
    const unsigned before = probes(&bench);
    const int64_t until = clock_monotonic_ms(&system_clock) + 10 * OFTEN_MS;
    EVENTUALLY(clock_monotonic_ms(&system_clock) >= until);
    assert_true(probes(&bench) <= before + 1);
}

static void stopping_none_is_fine(void **state)
{
    (void)state;
    store_watch_stop(NULL);
}

static void missing_memory_is_told(void **state)
{
    (void)state;
    struct probed_store store = { .base.functions = &functions };
    struct health health = { 0 };
    bool failed = true;

    for (unsigned n = 1; failed; n++) {
        struct error err = { 0 };
        oom_fail_at(n);
        AUTO(store_watch)
        struct store_watch *watch = store_watch_start(&store.base, &health, NEVER_MS, &err);
        failed = oom_stop();
        assert_int_equal(watch == NULL, failed);
        assert_int_equal(err.code, failed ? ERR_NO_MEMORY : ERR_NONE);
    }
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_TEST(&tests, an_outage_shows_until_a_write_works);
    ADD_TEST(&tests, a_second_outage_is_watched_like_the_first);
    ADD_TEST(&tests, a_store_that_works_is_not_probed);
    ADD_TEST(&tests, a_sleeping_one_stops_at_once);
    ADD_TEST(&tests, a_quiesced_one_begins_nothing);
    ADD_TEST(&tests, stopping_none_is_fine);
    ADD_TEST(&tests, missing_memory_is_told);
    return tests_run("store_watch", &tests);
}
