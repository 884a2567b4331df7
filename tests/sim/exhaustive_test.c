/* Intake and scheduler under every schedule of a small world: the promise holds in every state.
 *
 * What is exhaustive: clients send, each its tries, whatever they were answered; replicas sweep and
 * purge. Before and after each port call any other actor may go on, the actor may die (a client
 * tries again, a replica begins another sweep), the call may fail, and its outcome may be unknown:
 * done at once, at any later time, or never. The store's clock may turn, which ends every lease,
 * makes every record due and every done one old enough for the purge. There is no grace time for
 * intake: a record is claimable as soon as it is stored. A row below says how many of each; deaths,
 * failures and sweeps are not bounded. small_world.c lists what is offered and what is left out
 * because something else covers it; moment.c says which moments count as one, which a test here
 * checks against telling all apart.
 *
 * Not here: a rollback by failover, which the store in memory cannot do.
 *
 * A failure prints the world, the schedule that leads to it, shortened, and what happened in it:
 *   SIM_WORLD="two contents" SIM_SCHEDULE="0:request 0:ok" sim-exhaustive_test
 * takes that schedule again. `--wide`: larger bounds, for minutes. */
#include "unit/support/tests.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/exhaustive.h"

/* Sanitizers make it ten times slower: under them a world is smaller by one of something. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { TWO = 1 };
#else
enum { TWO = 2 };
#endif

enum { A = 40000, B = 39999 }; /* two prices */

/* Two clients want different contents under one key. */
#define TWO_CONTENTS                                                                               \
    .clients = 2, .keys = 1, .batches = { { 1, { { 0, A } } }, { 1, { { 0, B } } } }
#define ONE_CONTENT .clients = 2, .keys = 1, .batches = { { 1, { { 0, A } } }, { 1, { { 0, A } } } }
/* One client's batch holds both contents, another client sends one of them. */
#define BATCH                                                                                      \
    .clients = 2, .keys = 1, .batches = { { 2, { { 0, A }, { 0, B } } }, { 1, { { 0, B } } } }
/* One client's batch holds two keys, another client wants other content under one of them. */
#define TWO_KEYS                                                                                   \
    .clients = 2, .keys = 2, .batches = { { 2, { { 0, A }, { 1, A } } }, { 1, { { 0, B } } } }

static const struct small_world_bounds worlds[] = {
    { "two contents", TWO_CONTENTS, .replicas = 2, .tries = TWO, .faults = 1, .turns = 1 },
    { "two contents, turns", TWO_CONTENTS, .replicas = TWO, .tries = 1, .faults = 1, .turns = 2 },
    { "one content", ONE_CONTENT, .replicas = 2, .tries = TWO, .faults = 0, .turns = 1 },
    { "one content, faults", ONE_CONTENT, .replicas = 1, .tries = 1, .faults = TWO, .turns = 2 },
    { "a batch", BATCH, .replicas = 1, .tries = 1, .faults = 1, .turns = TWO },
    { "two keys", TWO_KEYS, .replicas = 1, .tries = 1, .faults = 0, .turns = 1 },
};

static const struct small_world_bounds wide_worlds[] = {
    { "wide: turns", TWO_CONTENTS, .replicas = 2, .tries = 2, .faults = 1, .turns = 2 },
    { "wide: faults", TWO_CONTENTS, .replicas = 2, .tries = 2, .faults = 2, .turns = 1 },
    { "wide: all told apart", TWO_CONTENTS, .replicas = 2, .tries = 1, .faults = 1, .turns = 2,
      .precise = true },
    { "wide: one content", ONE_CONTENT, .replicas = 2, .tries = 2, .faults = 1, .turns = 1 },
    { "wide: a batch", BATCH, .replicas = 1, .tries = 2, .faults = 1, .turns = 1 },
    { "wide: two keys", TWO_KEYS, .replicas = 2, .tries = 1, .faults = 0, .turns = 1 },
};

/* Faults are planted into this one: three requests have to meet for some of them. */
static const struct small_world_bounds planted_world = { "planted",  TWO_CONTENTS, .replicas = 2,
                                                         .tries = 2, .faults = 1,  .turns = 1 };

static void tell(const struct small_world_bounds *bounds, const struct exhaustive_report *report)
{
    char schedule[SCHEDULE_TEXT_SIZE], broken[sizeof report->broken];

    schedule_format(&report->schedule, schedule);
    fprintf(stderr, "SIM_WORLD=\"%s\" SIM_SCHEDULE=\"%s\"\n", bounds->name, schedule);
    exhaustive_replay(bounds, &report->schedule, stderr, broken);
}

static void the_promise_holds(void **state)
{
    const struct small_world_bounds *bounds = *state;
    struct exhaustive_report report;

    exhaustive_search(bounds, &report);
    print_message("%s: %" PRIu64 " states, %" PRIu64 " steps, %" PRIu64
                  " contents recovered, schedules of up to %zu steps\n",
                  bounds->name, report.states, report.steps, report.recoveries, report.depth);
    if (!report.broken[0])
        return;
    tell(bounds, &report);
    fail_msg("%s: %s", bounds->name, report.broken);
}

/* Telling all moments apart finds the same contents of store and topic. */
static void what_is_taken_as_one_moment_is_one(void **state)
{
    (void)state;
    struct small_world_bounds bounds = { "precise",  TWO_CONTENTS, .replicas = 2,
                                         .tries = 1, .faults = 1,  .turns = 1 };
    struct exhaustive_report report, precise;

    exhaustive_search(&bounds, &report);
    bounds.precise = true;
    exhaustive_search(&bounds, &precise);
    assert_false(report.broken[0] || precise.broken[0]);
    assert_true(report.states < precise.states);
    assert_int_equal(report.recoveries, precise.recoveries);
}

static void a_schedule_is_written_and_read(void **state)
{
    (void)state;
    static const char text[] =
        "0:request 0:ok 1:request 1:failed/0 2:sweep 2:unknown/1 2:refused/0 3:purge 3:dies turn "
        "land/0 arrive/12";
    char again[SCHEDULE_TEXT_SIZE];
    struct schedule schedule;

    assert_true(schedule_parse(text, &schedule));
    assert_int_equal(schedule.count, 12);
    schedule_format(&schedule, again);
    assert_string_equal(again, text);
    assert_false(schedule_parse("0:request 0:sleeps", &schedule));
    assert_false(schedule_parse("request", &schedule));
    assert_false(schedule_parse("0:unknown", &schedule));
}

#ifdef TEST_POINTS
static const struct planted_case {
    const char *name;
    const char *broken; /* which invariant */
} planted[] = {
    { "order-before-record", "S9" },
    { "order-despite-unknown-record", "S9" },
    { "helper-own-content", "S9" },
    { "helper-duplicate-not-read", "S1" },
    { "own-duplicate-not-read", "S1" },
    { "mismatch-not-read-again", "S8" },
    { "order-replaced", "S2" },
    { "processing-published-again", "S6" },
    { "confirm-before-acknowledgement", "S4" },
    { "done-despite-failed-confirm", "L1" },
    { "purge-of-pending", "L1" },
};

/* And its schedule leads to it again; without the fault the same schedule is harmless, if it is
 * possible at all. */
static void a_planted_fault_is_caught(void **state)
{
    const struct planted_case *c = *state;
    struct exhaustive_report report;
    char again[sizeof report.broken];

    setenv("TEST_FAULT", c->name, 1);
    exhaustive_search(&planted_world, &report);
    size_t taken = exhaustive_replay(&planted_world, &report.schedule, NULL, again);
    unsetenv("TEST_FAULT");

    assert_memory_equal(report.broken, c->broken, strlen(c->broken));
    assert_string_equal(again, report.broken);
    assert_int_equal(taken, report.schedule.count);
    exhaustive_replay(&planted_world, &report.schedule, NULL, again);
    assert_string_equal(again, "");
}
#endif

static const struct small_world_bounds *find_world(const char *name)
{
    for (size_t i = 0; i < sizeof worlds / sizeof *worlds; i++)
        if (strcmp(worlds[i].name, name) == 0)
            return &worlds[i];
    for (size_t i = 0; i < sizeof wide_worlds / sizeof *wide_worlds; i++)
        if (strcmp(wide_worlds[i].name, name) == 0)
            return &wide_worlds[i];
    return NULL;
}

static int replay(const char *world, const char *text)
{
    const struct small_world_bounds *bounds = find_world(world ? world : worlds[0].name);
    struct schedule schedule;
    char broken[160];

    if (!bounds || !schedule_parse(text, &schedule)) {
        fprintf(stderr, "%s\n", bounds ? "SIM_SCHEDULE: no schedule" : "SIM_WORLD: no such world");
        return 2;
    }
    size_t taken = exhaustive_replay(bounds, &schedule, stdout, broken);
    if (!broken[0] && taken < schedule.count)
        printf("%s is not possible here\n", choice_format(schedule.choices[taken]).text);
    printf("%s\n", broken[0] ? broken : "the promise holds");
    return broken[0] != '\0' || taken < schedule.count;
}

int main(int argc, char **argv)
{
    struct tests tests = { 0 };

    if (getenv("SIM_SCHEDULE"))
        return replay(getenv("SIM_WORLD"), getenv("SIM_SCHEDULE"));
    if (argc > 1 && strcmp(argv[1], "--wide") == 0) {
        ADD_ROWS(&tests, the_promise_holds, wide_worlds);
        return tests_run("exhaustive, wide", &tests);
    }
    ADD_TEST(&tests, a_schedule_is_written_and_read);
#ifdef TEST_POINTS
    ADD_ROWS(&tests, a_planted_fault_is_caught, planted);
#endif
    ADD_TEST(&tests, what_is_taken_as_one_moment_is_one);
    ADD_ROWS(&tests, the_promise_holds, worlds);
    return tests_run("exhaustive", &tests);
}
