/* The throttle: how many guesses, how long a wait, whose. */
#include "unit/user/counter_store.h"

#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>

#include "base/log.h"
#include "users.h"

enum { MINUTES_15_S = 15 * 60 };

#define T0 INT64_C(1800000000000)

static const struct id alice = { { 1 } }, bob = { { 2 } };
static const struct source here = { "203.0.113.9" }, there = { "198.51.100.7" };

struct world {
    struct counter_store store;
    struct users users;
};

static struct throttle throttle_by(const char *secret, bool by_source)
{
    const struct refresh_key key = refresh_key_of(secret, strlen(secret));

    return throttle_of(&key, by_source);
}

static void world_open(struct world *world, bool by_source)
{
    counter_store_init(&world->store, T0);
    world->users = (struct users){ .store = &world->store.base,
                                   .random = &system_random,
                                   .throttle = throttle_by("unit tests sign with 8f2c61d07be94a35",
                                                           by_source) };
}

static void pass(struct world *world, int64_t ms)
{
    world->store.now_ms += ms;
}

/* The wait in seconds; 0: the guess was let through, and counted. */
static unsigned guess_as(struct world *world, const struct guess *guess)
{
    struct error err = { 0 };
    unsigned wait_s = 7777;

    if (!throttle_count(&world->users, guess, &wait_s, &err))
        fail_msg("throttle: %s", err.detail);
    return wait_s;
}

static unsigned guess_at(struct world *world, const struct id *user, const struct source *source)
{
    return guess_as(world, &(struct guess){ .user_id = user, .source = source });
}

static unsigned guess_name(struct world *world, const char *name, const struct source *source)
{
    return guess_as(world, &(struct guess){ .name = name, .source = source });
}

static void guess_right(struct world *world, const struct id *user, const struct source *source)
{
    const struct guess guess = { .user_id = user, .source = source };

    assert_int_equal(guess_as(world, &guess), 0);
    throttle_clear(&world->users, &guess);
}

/* As many failures as are let through without a wait. */
static unsigned failures_until_wait(struct world *world, const struct id *user,
                                    const struct source *source)
{
    unsigned failures = 0;

    while (guess_at(world, user, source) == 0)
        failures++;
    return failures;
}

/* --- One account, one source. --- */

static void the_wait_doubles_up_to_15_minutes(void **state)
{
    (void)state;
    static const unsigned waits_s[] = {
        0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, MINUTES_15_S, MINUTES_15_S
    };
    struct world world;
    world_open(&world, true);

    for (size_t i = 0; i < sizeof waits_s / sizeof *waits_s; i++) {
        assert_int_equal(guess_at(&world, &alice, &here), 0);
        if (waits_s[i] == 0)
            continue;
        assert_int_equal(guess_at(&world, &alice, &here), waits_s[i]);
        pass(&world, waits_s[i] * SECOND_MS - 1);
        assert_int_equal(guess_at(&world, &alice, &here), 1); /* told whole seconds, and enough */
        pass(&world, 1);
    }
}

static void a_guess_that_waits_is_not_counted(void **state)
{
    (void)state;
    struct world world;
    world_open(&world, true);

    assert_int_equal(failures_until_wait(&world, &alice, &here), 5);
    for (int i = 0; i < 50; i++)
        assert_int_equal(guess_at(&world, &alice, &here), 1);
    pass(&world, SECOND_MS);
    assert_int_equal(guess_at(&world, &alice, &here), 0);
    assert_int_equal(guess_at(&world, &alice, &here), 2);
}

static void quiet_minutes_are_forgotten(void **state)
{
    (void)state;
    struct world world;
    world_open(&world, true);

    for (int i = 0; i < 4; i++)
        assert_int_equal(guess_at(&world, &alice, &here), 0);
    pass(&world, MINUTES_15_S * SECOND_MS);
    assert_int_equal(failures_until_wait(&world, &alice, &here), 5);
    pass(&world, SECOND_MS + MINUTES_15_S * SECOND_MS);
    assert_int_equal(failures_until_wait(&world, &alice, &here), 5);
}

static void a_right_password_is_forgiven_everything(void **state)
{
    (void)state;
    struct world world;
    world_open(&world, true);

    for (int i = 0; i < 4; i++)
        assert_int_equal(guess_at(&world, &alice, &here), 0);
    guess_right(&world, &alice, &here);
    assert_int_equal(failures_until_wait(&world, &alice, &here), 5);
}

/* --- Whose. --- */

static void a_stranger_locks_nobody_out(void **state)
{
    (void)state;
    struct world world;
    world_open(&world, true);

    failures_until_wait(&world, &alice, &there);
    assert_int_equal(failures_until_wait(&world, &alice, &here), 5);
    assert_int_equal(failures_until_wait(&world, &bob, &there), 5);
}

static const struct site_case {
    const char *name;
    struct source one, other;
    bool same;
} site_cases[] = {
    { "source: one customer's IPv6 network",
      { "2001:db8:1:2::1" },
      { "2001:db8:1:2:ffff::" },
      true },
    { "source: another IPv6 network", { "2001:db8:1:2::1" }, { "2001:db8:1:3::1" }, false },
    { "source: IPv4 written as IPv6", { "::ffff:203.0.113.9" }, { "203.0.113.9" }, true },
    { "source: the next IPv4 address", { "203.0.113.9" }, { "203.0.113.8" }, false },
    { "source: none at all is one", { "" }, { "" }, true },
};

static void who_counts_as_one_source(void **state)
{
    const struct site_case *c = *state;
    struct world world;
    world_open(&world, true);

    failures_until_wait(&world, &alice, &c->one);
    assert_int_equal(failures_until_wait(&world, &alice, &c->other), c->same ? 0 : 5);
}

static void an_unknown_account_waits_as_a_known_one(void **state)
{
    (void)state;
    struct world world;
    world_open(&world, true);

    for (unsigned i = 0; i < 8; i++) {
        world.store.calls = 0;
        const unsigned known = guess_at(&world, &alice, &here), calls = world.store.calls;
        world.store.calls = 0;
        assert_int_equal(guess_name(&world, i % 2 ? "Nobody" : "nOBODY", &here), known);
        assert_int_equal(world.store.calls, calls);
    }
    assert_int_equal(guess_name(&world, "nobody2", &here), 0);
}

/* A name can be as long as an id and of the same bytes. */
static void a_name_is_no_id(void **state)
{
    (void)state;
    struct world world;
    const struct id id = { "abcdefghijkl" };
    world_open(&world, true);

    failures_until_wait(&world, &id, &here);
    assert_int_equal(guess_name(&world, "abcdefghijkl", &here), 0);
}

/* Whoever reads the store and knows names and addresses cannot tell which counter is whose. */
static void counters_are_named_by_a_secret(void **state)
{
    (void)state;
    struct world world, other;
    world_open(&world, true);
    world_open(&other, true);
    other.users.throttle = throttle_by("unit tests sign with 8f2c61d07be94a36", true);

    guess_at(&world, &alice, &here);
    guess_at(&other, &alice, &here);
    for (size_t i = 0; i < world.store.count; i++)
        for (size_t j = 0; j < other.store.count; j++)
            assert_memory_not_equal(&world.store.keys[i], &other.store.keys[j],
                                    sizeof(struct digest));
}

/* --- One source, all accounts. --- */

static struct id user(unsigned i)
{
    return (struct id){ { 9, (uint8_t)(i >> 8), (uint8_t)i } };
}

/* Failures of one source at an account each, until it waits; the wait goes to `wait_s`. */
static unsigned spray(struct world *world, const struct source *source, unsigned *wait_s)
{
    for (unsigned i = 0; i < 300; i++) {
        const struct id id = user(i);
        *wait_s = guess_at(world, &id, source);
        if (*wait_s > 0)
            return i;
    }
    return 300;
}

static void a_source_has_a_hundred_failures(void **state)
{
    (void)state;
    struct world world;
    unsigned wait_s;
    world_open(&world, true);

    assert_int_equal(guess_at(&world, &alice, &here), 0);
    pass(&world, 10 * MINUTE_MS);
    assert_int_equal(spray(&world, &here, &wait_s), 99);
    assert_int_equal(wait_s, 5 * 60); /* by the first failure */
    assert_int_equal(guess_at(&world, &bob, &there), 0);

    pass(&world, 5 * MINUTE_MS - 1);
    assert_int_equal(guess_at(&world, &bob, &here), 1);
    pass(&world, 1);
    assert_int_equal(spray(&world, &here, &wait_s), 100);
}

static void a_proxy_is_not_everybody(void **state)
{
    (void)state;
    struct world world;
    unsigned wait_s;
    world_open(&world, false);

    assert_int_equal(spray(&world, &here, &wait_s), 300);
    assert_int_equal(failures_until_wait(&world, &alice, &here), 5);
    guess_right(&world, &bob, &here);
}

static void right_passwords_are_no_failures_of_a_source(void **state)
{
    (void)state;
    struct world world;
    unsigned wait_s;
    world_open(&world, true);

    for (int i = 0; i < 300; i++)
        guess_right(&world, &alice, &here);
    assert_int_equal(spray(&world, &here, &wait_s), 100);
}

/* The hundredth under way looks like the limit until it turns out right. */
static void the_last_one_may_be_right(void **state)
{
    (void)state;
    struct world world;
    unsigned wait_s;
    world_open(&world, true);

    for (unsigned i = 0; i < 99; i++) {
        const struct id id = user(i);
        assert_int_equal(guess_at(&world, &id, &here), 0);
    }
    guess_right(&world, &alice, &here);
    assert_int_equal(guess_at(&world, &bob, &here), 0);
    assert_true(spray(&world, &here, &wait_s) == 0 && wait_s == MINUTES_15_S);
}

/* Hammering at one account does not cost its neighbours behind the same address. */
static void what_waits_at_an_account_is_no_failure_of_its_source(void **state)
{
    (void)state;
    struct world world;
    unsigned wait_s;
    world_open(&world, true);

    for (int i = 0; i < 300; i++)
        guess_at(&world, &alice, &here);
    assert_int_equal(spray(&world, &here, &wait_s), 95);
}

static void what_waits_for_its_source_is_no_failure_at_the_account(void **state)
{
    (void)state;
    struct world world;
    unsigned wait_s;
    world_open(&world, true);

    spray(&world, &here, &wait_s);
    for (int i = 0; i < 50; i++)
        assert_int_equal(guess_at(&world, &alice, &here), MINUTES_15_S);
    pass(&world, MINUTES_15_S * SECOND_MS);
    assert_int_equal(failures_until_wait(&world, &alice, &here), 5);
}

static void a_count_that_ended_is_not_taken_back(void **state)
{
    (void)state;
    struct world world;
    const struct guess guess = { .user_id = &alice, .source = &here };
    unsigned wait_s;
    world_open(&world, true);

    assert_int_equal(guess_as(&world, &guess), 0);
    pass(&world, MINUTES_15_S * SECOND_MS); /* a hash that took very long */
    throttle_clear(&world.users, &guess);
    assert_int_equal(spray(&world, &here, &wait_s), 100);
}

/* --- Others at the same counter. --- */

static void who_loses_a_race_counts_all_the_same(void **state)
{
    (void)state;
    struct world world;
    world_open(&world, true);

    for (int i = 0; i < 5; i++) {
        world.store.puts_lost = 3;
        assert_int_equal(guess_at(&world, &alice, &here), 0);
    }
    assert_int_equal(guess_at(&world, &alice, &here), 1);
}

static void who_keeps_losing_waits(void **state)
{
    (void)state;
    struct world world;
    world_open(&world, true);

    world.store.puts_lost = UINT32_MAX;
    assert_int_equal(guess_at(&world, &alice, &here), 1);
    assert_true(world.store.calls < 50);
    world.store.puts_lost = 0;
    assert_int_equal(failures_until_wait(&world, &alice, &here), 5);
}

static void taking_back_gives_up(void **state)
{
    (void)state;
    struct world world;
    const struct guess guess = { .user_id = &alice, .source = &here };
    unsigned wait_s;
    world_open(&world, true);

    assert_int_equal(guess_as(&world, &guess), 0);
    world.store.puts_lost = UINT32_MAX;
    throttle_clear(&world.users, &guess);
    world.store.puts_lost = 0;
    assert_int_equal(spray(&world, &here, &wait_s), 99);
}

enum { THREADS = 8, GUESSES = 200 };

struct guesser {
    pthread_t thread;
    struct world *world;
    atomic_uint *let_through;
};

static void *guess_on(void *argument)
{
    const struct guesser *guesser = argument;
    const struct guess guess = { .user_id = &alice, .source = &here };
    struct error err = { 0 };

    for (int i = 0; i < GUESSES; i++) {
        unsigned wait_s = 0;
        if (throttle_count(&guesser->world->users, &guess, &wait_s, &err) && wait_s == 0)
            atomic_fetch_add(guesser->let_through, 1);
    }
    return NULL;
}

static void guesses_side_by_side_do_not_slip_through(void **state)
{
    (void)state;
    struct world world;
    struct guesser guessers[THREADS];
    atomic_uint let_through = 0;
    world_open(&world, true);

    for (size_t i = 0; i < THREADS; i++) {
        guessers[i] = (struct guesser){ .world = &world, .let_through = &let_through };
        assert_int_equal(pthread_create(&guessers[i].thread, NULL, guess_on, &guessers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(guessers[i].thread, NULL);
    assert_int_equal(let_through, 5);
}

/* --- A store that fails. --- */

static void a_failure_lets_nobody_through(void **state)
{
    (void)state;
    struct world world;
    const struct guess guess = { .user_id = &alice, .source = &here };
    world_open(&world, true);

    for (unsigned n = 1;; n++) {
        struct error err = { 0 };
        unsigned wait_s = 77;
        counter_store_fail_at(&world.store, n);
        const bool counted = throttle_count(&world.users, &guess, &wait_s, &err);
        assert_int_equal(counted, world.store.calls < n);
        assert_int_equal(err.code, counted ? ERR_NONE : ERR_UNAVAILABLE);
        if (counted) {
            assert_int_equal(n, 6); /* the source is looked at, then account and source counted */
            break;
        }
        assert_int_equal(wait_s, 77);
        pass(&world, MINUTES_15_S * SECOND_MS);
    }
}

static void a_failure_to_forget_is_survived(void **state)
{
    (void)state;
    struct world world;
    const struct guess guess = { .user_id = &alice, .source = &here };
    world_open(&world, true);

    for (unsigned n = 1; n <= 3; n++) {
        counter_store_fail_at(&world.store, 0);
        assert_int_equal(guess_as(&world, &guess), 0);
        counter_store_fail_at(&world.store, n);
        throttle_clear(&world.users, &guess);
        assert_int_equal(world.store.calls, n);
    }
}

/* --- A password that is asked for again. --- */

static void check(struct world *world, const char *password, enum check_result wanted,
                  unsigned wanted_wait_s)
{
    const struct password_cost cost = { .memory_kib = 8, .passes = 1 };
    struct account account = { .user = { .id = alice } };
    enum check_result result;
    unsigned wait_s;
    struct error err = { 0 };

    assert_true(password_hash(&cost, &system_random, "right", 5, &account.password, &err));
    assert_true(
        throttle_check_password(&world->users, &account, &here, password, &result, &wait_s, &err));
    assert_int_equal(result, wanted);
    assert_int_equal(wait_s, wanted_wait_s);
}

static void a_password_asked_for_again_counts(void **state)
{
    (void)state;
    struct world world;
    world_open(&world, true);

    for (int i = 0; i < 4; i++)
        check(&world, "wrong", CHECK_WRONG, 0);
    check(&world, "right", CHECK_RIGHT, 0);
    for (int i = 0; i < 5; i++)
        check(&world, "wrong", CHECK_WRONG, 0);
    check(&world, "right", CHECK_THROTTLED, 1); /* even the right one */
    assert_int_equal(guess_at(&world, &alice, &here), 1);
    pass(&world, SECOND_MS);
    check(&world, "right", CHECK_RIGHT, 0);
    assert_int_equal(failures_until_wait(&world, &alice, &here), 5);
}

static void a_check_that_fails_allows_nothing(void **state)
{
    (void)state;
    struct world world;
    struct account account = { .user = { .id = alice }, .password = { "no hash" } };
    enum check_result result = CHECK_WRONG;
    unsigned wait_s;
    struct error err = { 0 };
    world_open(&world, true);

    assert_false(
        throttle_check_password(&world.users, &account, &here, "right", &result, &wait_s, &err));
    assert_int_equal(err.code, ERR_BUG);
    counter_store_fail_at(&world.store, 1);
    assert_false(
        throttle_check_password(&world.users, &account, &here, "right", &result, &wait_s, &err));
    assert_int_equal(err.code, ERR_UNAVAILABLE);
    assert_int_equal(result, CHECK_WRONG);
}

int main(void)
{
    struct tests tests = { 0 };

    assert(sodium_init() >= 0);
    log_open("unit", LOG_ERROR);
    ADD_TEST(&tests, the_wait_doubles_up_to_15_minutes);
    ADD_TEST(&tests, a_guess_that_waits_is_not_counted);
    ADD_TEST(&tests, quiet_minutes_are_forgotten);
    ADD_TEST(&tests, a_right_password_is_forgiven_everything);
    ADD_TEST(&tests, a_stranger_locks_nobody_out);
    ADD_ROWS(&tests, who_counts_as_one_source, site_cases);
    ADD_TEST(&tests, an_unknown_account_waits_as_a_known_one);
    ADD_TEST(&tests, a_name_is_no_id);
    ADD_TEST(&tests, counters_are_named_by_a_secret);
    ADD_TEST(&tests, a_source_has_a_hundred_failures);
    ADD_TEST(&tests, a_proxy_is_not_everybody);
    ADD_TEST(&tests, right_passwords_are_no_failures_of_a_source);
    ADD_TEST(&tests, the_last_one_may_be_right);
    ADD_TEST(&tests, what_waits_at_an_account_is_no_failure_of_its_source);
    ADD_TEST(&tests, what_waits_for_its_source_is_no_failure_at_the_account);
    ADD_TEST(&tests, a_count_that_ended_is_not_taken_back);
    ADD_TEST(&tests, who_loses_a_race_counts_all_the_same);
    ADD_TEST(&tests, who_keeps_losing_waits);
    ADD_TEST(&tests, taking_back_gives_up);
    ADD_TEST(&tests, guesses_side_by_side_do_not_slip_through);
    ADD_TEST(&tests, a_failure_lets_nobody_through);
    ADD_TEST(&tests, a_failure_to_forget_is_survived);
    ADD_TEST(&tests, a_password_asked_for_again_counts);
    ADD_TEST(&tests, a_check_that_fails_allows_nothing);
    return tests_run("throttle", &tests);
}
