/* The background thread: that it sends, sweeps, goes on after failures, and stops. */
#include "unit/support/tests.h"

#include <stdatomic.h>

#include "background.h"
#include "base/log.h"
#include "mail/mailer.h"
#include "unit/support/eventually.h"
#include "unit/support/oom.h"

enum {
    NEVER_MS = 10 * MINUTE_MS, /* no round comes while a test runs */
    OFTEN_MS = 2,
};

/* A store in which `due` recoveries of nobody wait, and of each kind `old` things. */
struct counted_store {
    struct user_store base;
    atomic_bool fails;
    atomic_int due, old[SWEEPS];
    atomic_uint claims, sweeps;
};

static struct counted_store *counted(struct user_store *store)
{
    return (struct counted_store *)store;
}

static bool told_to_fail(struct user_store *store, struct error *err)
{
    return atomic_load(&counted(store)->fails) &&
           !error_set(err, ERR_UNAVAILABLE, 0, "told to fail");
}

static int64_t now(struct user_store *store)
{
    (void)store;
    return clock_wall_ms(&system_clock);
}

static bool claim_recovery(struct user_store *store, const struct id *claim, int64_t when,
                           int64_t lease_until, struct recovery *recovery, bool *found,
                           struct error *err)
{
    (void)claim;
    atomic_fetch_add(&counted(store)->claims, 1);
    if (told_to_fail(store, err))
        return false;
    *found = atomic_load(&counted(store)->due) > 0;
    *recovery = (struct recovery){
        .email = "nobody@example.org", .created_at = when, .due_at = lease_until, .attempts = 1
    };
    return true;
}

static bool find_account(struct user_store *store, const struct user_key *key,
                         struct account *account, bool *found, struct error *err)
{
    (void)store;
    (void)key;
    (void)account;
    (void)err;
    *found = false;
    return true;
}

static bool delete_recovery(struct user_store *store, const struct id *id, const struct id *claim,
                            struct error *err)
{
    (void)id;
    (void)claim;
    (void)err;
    atomic_fetch_sub(&counted(store)->due, 1);
    return true;
}

static bool sweep(struct user_store *store, enum sweep what, int64_t before, size_t limit,
                  size_t *deleted, struct error *err)
{
    struct counted_store *self = counted(store);

    (void)before;
    atomic_fetch_add(&self->sweeps, 1);
    if (told_to_fail(store, err))
        return false;
    const size_t old = (size_t)atomic_load(&self->old[what]);
    *deleted = old < limit ? old : limit;
    atomic_fetch_sub(&self->old[what], (int)*deleted);
    return true;
}

static const struct user_store_functions functions = { .now = now,
                                                       .claim_recovery = claim_recovery,
                                                       .find_account = find_account,
                                                       .delete_recovery = delete_recovery,
                                                       .sweep = sweep };

/* Told only that it is interrupted. */
struct idle_mailer {
    struct mailer base;
    int64_t grace_ms; /* -1: not interrupted */
};

static void interrupt(struct mailer *mailer, int64_t grace_ms)
{
    ((struct idle_mailer *)mailer)->grace_ms = grace_ms;
}

static const struct mailer_functions mailer_functions = { .interrupt = interrupt };

struct bench {
    struct counted_store store;
    struct idle_mailer mailer;
    struct users users;
    struct reset_mails mails;
    struct sweeper sweeper;
    struct health health;
    struct background *background;
};

static void bench_prepare(struct bench *bench)
{
    *bench = (struct bench){ .store.base.functions = &functions,
                             .mailer = { { &mailer_functions }, -1 } };
    bench->users = (struct users){ .store = &bench->store.base, .random = &system_random };
    bench->mails = (struct reset_mails){ .users = &bench->users, .mailer = &bench->mailer.base };
    bench->sweeper = (struct sweeper){ .store = &bench->store.base };
}

static struct background *start(struct bench *bench, int64_t mails_ms, int64_t sweeps_ms,
                                struct error *err)
{
    const struct background_options options = { .mail_interval_ms = mails_ms,
                                                .sweep_interval_ms = sweeps_ms,
                                                .stop_grace_ms = 7 };

    return background_start(&options, &bench->mails, &bench->sweeper, &system_random,
                            &bench->health, err);
}

static void bench_start(struct bench *bench, int64_t mails_ms, int64_t sweeps_ms)
{
    struct error err = { 0 };

    bench->background = start(bench, mails_ms, sweeps_ms, &err);
    if (!bench->background)
        fail_msg("background: %s", err.detail);
}

static void auto_bench(struct bench *bench)
{
    background_stop(bench->background);
}

static void all_that_is_due_goes_in_one_round(void **state)
{
    (void)state;
    AUTO(bench) struct bench bench;
    bench_prepare(&bench);
    atomic_store(&bench.store.due, 100);
    bench_start(&bench, OFTEN_MS, NEVER_MS);

    EVENTUALLY(atomic_load(&bench.store.due) == 0);
    assert_int_equal(atomic_load(&bench.store.sweeps), 0);
}

/* In batches, one kind after the other. */
static void all_that_is_over_is_swept(void **state)
{
    (void)state;
    AUTO(bench) struct bench bench;
    bench_prepare(&bench);
    for (int what = 0; what < SWEEPS; what++)
        atomic_store(&bench.store.old[what], 2 * SWEEP_BATCH_MAX + 1);
    bench_start(&bench, OFTEN_MS, OFTEN_MS);

    for (int what = 0; what < SWEEPS; what++)
        EVENTUALLY(atomic_load(&bench.store.old[what]) == 0);
    assert_true(atomic_load(&bench.store.sweeps) >= 3 * SWEEPS);
}

static void after_a_failure_it_goes_on(void **state)
{
    (void)state;
    AUTO(bench) struct bench bench;
    bench_prepare(&bench);
    atomic_store(&bench.store.fails, true);
    atomic_store(&bench.store.due, 1);
    atomic_store(&bench.store.old[SWEEP_AUDIT], 1);
    bench_start(&bench, OFTEN_MS, OFTEN_MS);

    EVENTUALLY(atomic_load(&bench.store.claims) >= 2 && atomic_load(&bench.store.sweeps) >= 2);
    assert_true(atomic_load(&bench.health.store_degraded));
    atomic_store(&bench.store.fails, false);
    EVENTUALLY(atomic_load(&bench.store.due) == 0);
    EVENTUALLY(atomic_load(&bench.store.old[SWEEP_AUDIT]) == 0);
}

static void a_sleeping_one_stops_at_once(void **state)
{
    (void)state;
    struct bench bench;
    bench_prepare(&bench);
    const int64_t before = clock_monotonic_ms(&system_clock);

    bench_start(&bench, NEVER_MS, NEVER_MS);
    background_stop(bench.background);
    assert_true(clock_monotonic_ms(&system_clock) - before < EVENTUALLY_MS);
    assert_int_equal(atomic_load(&bench.store.claims), 0);
    assert_int_equal(bench.mailer.grace_ms, 7);
}

/* With more due than it could ever work off. */
static void a_quiesced_one_begins_nothing(void **state)
{
    (void)state;
    AUTO(bench) struct bench bench;
    bench_prepare(&bench);
    atomic_store(&bench.store.due, INT32_MAX);
    bench_start(&bench, OFTEN_MS, NEVER_MS);

    EVENTUALLY(atomic_load(&bench.store.claims) > 0);
    background_quiesce(bench.background);
    const unsigned before = atomic_load(&bench.store.claims);
    background_stop(STEAL(bench.background));
    assert_true(atomic_load(&bench.store.claims) <= before + 1);
    assert_true(atomic_load(&bench.store.due) > 0);
}

static void stopping_none_is_fine(void **state)
{
    (void)state;
    background_stop(NULL);
}

static void missing_memory_is_told(void **state)
{
    (void)state;
    struct bench bench;
    bool failed = true;

    bench_prepare(&bench);
    for (unsigned n = 1; failed; n++) {
        struct error err = { 0 };
        oom_fail_at(n);
        AUTO(background) struct background *background = start(&bench, NEVER_MS, NEVER_MS, &err);
        failed = oom_stop();
        assert_int_equal(background == NULL, failed);
        assert_int_equal(err.code, failed ? ERR_NO_MEMORY : ERR_NONE);
    }
}

int main(void)
{
    struct tests tests = { 0 };

    log_open("unit", LOG_ERROR);
    ADD_TEST(&tests, all_that_is_due_goes_in_one_round);
    ADD_TEST(&tests, all_that_is_over_is_swept);
    ADD_TEST(&tests, after_a_failure_it_goes_on);
    ADD_TEST(&tests, a_sleeping_one_stops_at_once);
    ADD_TEST(&tests, a_quiesced_one_begins_nothing);
    ADD_TEST(&tests, stopping_none_is_fine);
    ADD_TEST(&tests, missing_memory_is_told);
    return tests_run("background", &tests);
}
