/* Intake and scheduler under random schedules, faults and deaths: the promise holds at every step.
 *
 * Seeds are fixed. SIM_SEED=<n> runs one alone, and SIM_RUNS=<n> more or fewer than by default; a
 * failure prints its seed and the whole schedule. */
#include "unit/support/tests.h"

#include <inttypes.h>
#include <stdlib.h>

#include "sim/simulation.h"

/* Some two seconds, three under a sanitizer. */
enum { RUNS = 1500 };

static unsigned long from_environment(const char *name, unsigned long fallback)
{
    const char *text = getenv(name);
    return text ? strtoul(text, NULL, 10) : fallback;
}

static void run_or_fail(uint64_t seed, struct simulation_report *report)
{
    simulation_run(seed, NULL, report);
    if (!report->broken[0])
        return;

    struct simulation_report again;
    simulation_run(seed, stderr, &again);
    fail_msg("SIM_SEED=%" PRIu64 ": %s", seed, report->broken);
}

static void the_promise_holds(void **state)
{
    (void)state;
    struct simulation_report report, sum = { 0 };
    uint64_t first = from_environment("SIM_SEED", 1);
    uint64_t runs = getenv("SIM_SEED") ? 1 : from_environment("SIM_RUNS", RUNS);

    for (uint64_t seed = first; seed < first + runs; seed++) {
        run_or_fail(seed, &report);
        sum.steps += report.steps;
        sum.answers += report.answers;
        sum.faults += report.faults;
        sum.kills += report.kills;
        sum.events += report.events;
        sum.repeats += report.repeats;
        sum.parked += report.parked;
    }
    print_message("seeds %" PRIu64 "..%" PRIu64 ": %u steps, %u answers, %u faults, %u deaths, "
                  "%u events (%u of them repeats), %u parked\n",
                  first, first + runs - 1, sum.steps, sum.answers, sum.faults, sum.kills,
                  sum.events, sum.repeats, sum.parked);
    /* A simulation in which nothing goes wrong proves nothing. */
    if (runs >= RUNS)
        assert_true(sum.answers > runs && sum.faults > runs && sum.kills > runs &&
                    sum.events > runs && sum.repeats > 0 && sum.parked > 0);
}

static void a_seed_repeats_its_run(void **state)
{
    (void)state;
    struct simulation_report one, same, other;

    simulation_run(7, NULL, &one);
    simulation_run(7, NULL, &same);
    simulation_run(8, NULL, &other);
    assert_int_equal(one.digest, same.digest);
    assert_int_not_equal(one.digest, other.digest);
}

#ifdef TEST_POINTS
static const struct planted_case {
    const char *name;
    const char *breach; /* of which invariant; NULL: of any, by whichever request comes first */
} planted[] = {
    { "confirm-before-acknowledgement", "S4" },
    { "done-despite-failed-confirm", "S5" },
    { "purge-of-pending", NULL },
};

static void a_planted_fault_is_caught(void **state)
{
    const struct planted_case *c = *state;
    struct simulation_report report = { 0 };

    setenv("TEST_FAULT", c->name, 1);
    for (uint64_t seed = 1; seed <= RUNS && !report.broken[0]; seed++)
        simulation_run(seed, NULL, &report);
    unsetenv("TEST_FAULT");
    assert_true(report.broken[0]);
    if (c->breach)
        assert_memory_equal(report.broken, c->breach, 2);
}
#endif

int main(void)
{
    struct tests tests = { 0 };
    ADD_TEST(&tests, the_promise_holds);
    ADD_TEST(&tests, a_seed_repeats_its_run);
#ifdef TEST_POINTS
    ADD_ROWS(&tests, a_planted_fault_is_caught, planted);
#endif
    return tests_run("random", &tests);
}
