/* The gate against enumeration: how long a failed login takes does not tell whether there is such
 * an account, or an active one. This is the one test that asserts a time.
 *
 * Measured is the thread's CPU time, not the clock on the wall: on a busy machine most of that is
 * other people's, and drowns what is looked for. What a login waits for is the store; so that its
 * waits are seen too, and weigh as much as with a store across a network, each call of it spins for
 * a millisecond. A hash is cheap here, yet dearer than what is asserted: one that is left out
 * shows.
 *
 * In a round each kind of login is tried once, in random order. Of the differences within rounds
 * the median's 95 % interval (by the sign test, which assumes no distribution) must lie within half
 * a millisecond; where it is too wide to tell, more rounds follow. The planted leaks show that the
 * gate can fail. */
#include "unit/user/fixture.h"

#include <math.h>
#include <time.h>

enum {
    STORE_CALL_US = 1000,
    LIMIT_US = 500,
    ROUNDS = 32,
    ROUNDS_MAX = 16 * ROUNDS,
};

static const struct password_cost cost = { .memory_kib = 4096, .passes = 1 };

/* --- The kinds of login. --- */

static const struct kind {
    const char *name, *who, *password;
    enum login_result result;
} kinds[] = {
    { "known", "Alice", "wrong", LOGIN_WRONG },
    { "unknown", "Nobody", "wrong", LOGIN_UNKNOWN },
    { "inactive", "Ida", "wrong", LOGIN_WRONG },
    { "inactive, the right password", "Ida", ALICE_PASSWORD, LOGIN_INACTIVE },
};

enum { KINDS = sizeof kinds / sizeof *kinds, KNOWN = 0 };

static int64_t thread_cpu_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void spin(void)
{
    const int64_t until_us = thread_cpu_us() + STORE_CALL_US;

    while (thread_cpu_us() < until_us)
        ;
}

static void open_gate(struct fixture *f)
{
    struct error err = { 0 };

    fixture_open(f);
    f->users.password_cost = cost;
    f->users.dummy = password_dummy(&cost, &system_random);
    const char *const names[][2] = { { "Alice", "alice@example.org" },
                                     { "Ida", "ida@example.org" } };
    for (size_t i = 0; i < 2; i++) {
        struct signup made = signup_request(names[i][0], names[i][1]);
        assert_true(signup(&f->users, &made, &err));
        token_pair_done(&made.pair);
    }
    run_sql(f, "UPDATE users SET active = 0 WHERE username = 'Ida'");
    f->store.before_call = spin;
}

static int64_t time_of(struct fixture *f, const struct kind *kind)
{
    const int64_t began_us = thread_cpu_us();
    const struct login refused = try_login(f, kind->who, kind->password);

    assert_int_equal(refused.result, kind->result);
    return thread_cpu_us() - began_us;
}

/* --- What the times say. --- */

struct times {
    int64_t differences_us[KINDS][ROUNDS_MAX]; /* to the known one, in the same round */
    size_t rounds;
};

static void run_round(struct fixture *f, struct times *times)
{
    int64_t took_us[KINDS];
    const uint32_t first = random_below(&system_random, KINDS);
    const uint32_t step = random_below(&system_random, 2) ? 1 : KINDS - 1;

    f->clock.now_ms += HOUR_MS; /* the throttle forgets */
    for (uint32_t i = 0; i < KINDS; i++) {
        const size_t kind = (first + i * step) % KINDS;
        took_us[kind] = time_of(f, &kinds[kind]);
    }
    for (size_t i = 0; i < KINDS; i++)
        times->differences_us[i][times->rounds] = took_us[i] - took_us[KNOWN];
    times->rounds++;
}

static int compare_times(const void *left, const void *right)
{
    const int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

    return (a > b) - (a < b);
}

struct interval {
    int64_t low_us, high_us;
};

/* Of n differences about n/2 +- 1.96 sqrt(n)/2 lie below their median, 95 times in 100. */
static struct interval interval_of(const struct times *times, size_t kind)
{
    int64_t sorted[ROUNDS_MAX];
    const size_t n = times->rounds;
    const size_t low = (size_t)((double)n / 2 - 0.98 * sqrt((double)n));

    memcpy(sorted, times->differences_us[kind], n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, compare_times);
    return (struct interval){ sorted[low], sorted[n - 1 - low] };
}

enum verdict { EQUAL, LEAKS, OPEN };

static enum verdict judge(struct interval interval)
{
    if (interval.low_us > -LIMIT_US && interval.high_us < LIMIT_US)
        return EQUAL;
    return interval.low_us > LIMIT_US || interval.high_us < -LIMIT_US ? LEAKS : OPEN;
}

/* The worst of the kinds'. */
static enum verdict judge_all(const struct times *times)
{
    enum verdict worst = EQUAL;

    for (size_t kind = KNOWN + 1; kind < KINDS; kind++) {
        const struct interval interval = interval_of(times, kind);
        const enum verdict verdict = judge(interval);
        print_message("%zu rounds, against %s: %+lld to %+lld us\n", times->rounds,
                      kinds[kind].name, (long long)interval.low_us, (long long)interval.high_us);
        if (verdict == LEAKS || worst == LEAKS)
            worst = LEAKS;
        else if (verdict == OPEN)
            worst = OPEN;
    }
    return worst;
}

static enum verdict measure(struct fixture *f)
{
    struct times times = { .rounds = 0 };
    enum verdict verdict = OPEN;

    time_of(f, &kinds[KNOWN]); /* the first one of all is slow */
    for (size_t rounds = ROUNDS; verdict == OPEN && rounds <= ROUNDS_MAX; rounds *= 2) {
        while (times.rounds < rounds)
            run_round(f, &times);
        verdict = judge_all(&times);
    }
    return verdict;
}

static void a_failed_login_takes_as_long_whoever_it_is(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    open_gate(&f);

    assert_int_equal(measure(&f), EQUAL);
}

/* --- Leaks that it must see. --- */

static const struct leak_case {
    const char *name, *fault;
} leak_cases[] = {
    { "leak: no hash for who is unknown", "login-skips-dummy" },
    { "leak: one more write for who is known", "login-writes-for-known" },
};

static void a_leak_is_seen(void **state)
{
    const struct leak_case *c = *state;
    AUTO(fixture) struct fixture f;
    open_gate(&f);

    assert_int_equal(setenv("TEST_FAULT", c->fault, 1), 0);
    const enum verdict verdict = measure(&f);
    unsetenv("TEST_FAULT");
    assert_int_equal(verdict, LEAKS);
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_TEST(&tests, a_failed_login_takes_as_long_whoever_it_is);
    ADD_ROWS(&tests, a_leak_is_seen, leak_cases);
    return tests_run("login timing", &tests);
}
