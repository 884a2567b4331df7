/* What a sweep deletes, what it leaves, and that it is bounded. */
#include "unit/user/fixture.h"

#include "sweeper.h"
#include "unit/support/oom.h"

enum { RETENTION_MS = 2 * DAY_MS };

struct bench {
    struct fixture f;
    struct metrics *metrics;
    struct sweeper sweeper;
};

static void bench_open(struct bench *bench)
{
    struct error err = { 0 };

    fixture_open(&bench->f);
    bench->metrics = metrics_new(&err);
    bench->sweeper =
        (struct sweeper){ .store = &bench->f.store.base, .audit_retention_ms = RETENTION_MS };
    assert_true(sweeper_count(&bench->sweeper, bench->metrics, &err));
}

static void auto_bench(struct bench *bench)
{
    metrics_free(bench->metrics);
    fixture_close(&bench->f);
}

/* One batch; gives back whether there may be more. */
static bool sweep(struct bench *bench, enum sweep what)
{
    struct error err = { 0 };
    bool more = false;

    if (!sweeper_sweep(&bench->sweeper, what, &more, &err))
        fail_msg("sweep: %s", err.detail);
    return more;
}

static uint64_t swept(const struct bench *bench, enum sweep what)
{
    return counter_value(bench->sweeper.swept[what]);
}

/* --- One of each, and when it is over. --- */

static void add_session(struct fixture *f)
{
    struct signup alice = alice_signs_up(f);

    token_pair_done(&alice.pair);
}

static void add_counter(struct fixture *f)
{
    const struct digest key = { { 1 } };
    const struct counter none = { 0 }, counter = { .count = 1, .expires_at = T0 + HOUR_MS };
    struct error err = { 0 };
    bool put = false;

    assert_true(user_store_put_counter(f->store.real, &key, &none, &counter, &put, &err));
    assert_true(put);
}

static void add_event(struct fixture *f)
{
    const struct audit_event event = {
        .id = id_random(&system_random), .date = T0, .action = "login", .outcome = "done"
    };
    struct error err = { 0 };

    assert_true(user_store_add_audit(f->store.real, &event, &err));
}

static const struct sweep_case {
    const char *name;
    enum sweep what;
    void (*add)(struct fixture *f);
    int64_t lives_ms;
} cases[] = {
    { "sessions", SWEEP_SESSIONS, add_session, INT64_C(14) * DAY_MS },
    { "counters", SWEEP_COUNTERS, add_counter, HOUR_MS },
    { "audit events", SWEEP_AUDIT, add_event, RETENTION_MS },
};

static void what_is_over_goes_and_no_sooner(void **state)
{
    const struct sweep_case *c = *state;
    AUTO(bench) struct bench bench;
    bench_open(&bench);

    c->add(&bench.f);
    bench.f.clock.now_ms = T0 + c->lives_ms;
    assert_false(sweep(&bench, c->what));
    assert_int_equal(swept(&bench, c->what), 0);
    bench.f.clock.now_ms++;
    assert_false(sweep(&bench, c->what));
    assert_int_equal(swept(&bench, c->what), 1);
    assert_false(sweep(&bench, c->what));
    assert_int_equal(swept(&bench, c->what), 1);
}

static void a_batch_is_bounded(void **state)
{
    (void)state;
    AUTO(bench) struct bench bench;
    bench_open(&bench);

    for (int n = 0; n <= SWEEP_BATCH_MAX; n++)
        add_event(&bench.f);
    bench.f.clock.now_ms = T0 + RETENTION_MS + 1;
    assert_true(sweep(&bench, SWEEP_AUDIT));
    assert_int_equal(swept(&bench, SWEEP_AUDIT), SWEEP_BATCH_MAX);
    assert_false(sweep(&bench, SWEEP_AUDIT));
    assert_int_equal(swept(&bench, SWEEP_AUDIT), SWEEP_BATCH_MAX + 1);
}

static void a_store_that_fails_is_told(void **state)
{
    (void)state;
    AUTO(bench) struct bench bench;
    bench_open(&bench);
    struct error err = { 0 };
    bool more = true;

    fail_at(&bench.f, 1, ERR_UNAVAILABLE);
    assert_false(sweeper_sweep(&bench.sweeper, SWEEP_AUDIT, &more, &err));
    assert_int_equal(err.code, ERR_UNAVAILABLE);
    assert_true(more); /* untouched */
}

static void counting_needs_memory(void **state)
{
    (void)state;
    struct sweeper sweeper = { .store = NULL };
    bool failed = true;

    for (unsigned n = 1; failed; n++) {
        struct error err = { 0 };
        AUTO(metrics) struct metrics *metrics = metrics_new(&err);
        oom_fail_at(n);
        const bool made = sweeper_count(&sweeper, metrics, &err);
        failed = oom_stop();
        assert_int_equal(made, !failed);
    }
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_ROWS(&tests, what_is_over_goes_and_no_sooner, cases);
    ADD_TEST(&tests, a_batch_is_bounded);
    ADD_TEST(&tests, a_store_that_fails_is_told);
    ADD_TEST(&tests, counting_needs_memory);
    return tests_run("sweeper", &tests);
}
