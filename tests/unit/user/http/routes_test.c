/* The table and its steps: results are counted, failures become problems, secrets are wiped. */
#include "unit/user/fixture.h"

#include "base/log.h"
#include "http/routes.h"
#include "http/states.h"

static const struct route *route_of(enum method method, const char *path)
{
    for (size_t i = 0; i < user_route_count; i++)
        if (user_routes[i].method == method && strcmp(user_routes[i].path, path) == 0)
            return &user_routes[i];
    fail_msg("no route %s", path);
    return NULL;
}

static void run(const char *path, struct user_service *service, void *state)
{
    const struct route *route = route_of(strcmp(path, "/me") == 0 ? GET : POST, path);

    route->run(service, (void *const[]){ state }, 1);
}

/* Argon2 runs in the lane that bounds it, and nothing else does but what may have to. */
static const struct route_case {
    const char *name;
    enum method method;
    const char *path;
    enum who who;
    int lane;
} route_cases[] = {
    { "route: sign up", POST, "/signup", ANYONE, LANE_HASHING },
    { "route: log in", POST, "/login", ANYONE, LANE_HASHING },
    { "route: refresh", POST, "/refresh", ANYONE, LANE_ACCOUNTS },
    { "route: log out", POST, "/logout", ANYONE, LANE_ACCOUNTS },
    { "route: forget the password", POST, "/forgot-password", ANYONE, LANE_ACCOUNTS },
    { "route: reset the password", POST, "/reset-password", ANYONE, LANE_HASHING },
    { "route: read me", GET, "/me", BEARER, LANE_ACCOUNTS },
    { "route: change me", PATCH, "/me", BEARER, LANE_HASHING },
    { "route: leave", DELETE, "/me", BEARER, LANE_ACCOUNTS },
    { "route: change the password", POST, "/me/password", BEARER, LANE_HASHING },
    { "route: list users", GET, "/users", ADMIN, LANE_ACCOUNTS },
    { "route: make a user", POST, "/users", ADMIN, LANE_HASHING },
    { "route: read a user", GET, "/users/{id}", ADMIN, LANE_ACCOUNTS },
    { "route: change a user", PATCH, "/users/{id}", ADMIN, LANE_ACCOUNTS },
    { "route: delete a user", DELETE, "/users/{id}", ADMIN, LANE_ACCOUNTS },
    { "route: read the audit log", GET, "/audit", ADMIN, LANE_ACCOUNTS },
    { "route: judge a token", GET, "/auth", BEARER, LANE_ACCOUNTS },
    { "route: read the public keys", GET, "/.well-known/jwks.json", ANYONE, LANE_INLINE },
};

static void a_route_is_for_whom_it_is(void **state)
{
    const struct route_case *c = *state;
    const struct route *route = route_of(c->method, c->path);

    assert_int_equal(route->who, c->who);
    assert_int_equal(route->lane, c->lane);
    assert_int_equal(route->body_max > 0, c->method == POST || c->method == PATCH);
}

static void no_route_is_forgotten_here(void **state)
{
    (void)state;
    assert_int_equal(user_route_count, sizeof route_cases / sizeof *route_cases);
}

/* --- Failures. --- */

static const struct failure_case {
    const char *name;
    enum err code;
    enum problem_type type;
    bool degrades;
} failure_cases[] = {
    { "failure: no memory", ERR_NO_MEMORY, PROBLEM_NOT_ACCEPTED, false },
    { "failure: busy", ERR_BUSY, PROBLEM_NOT_ACCEPTED, false },
    { "failure: unavailable", ERR_UNAVAILABLE, PROBLEM_NOT_ACCEPTED, true },
    { "failure: unknown", ERR_UNKNOWN, PROBLEM_OUTCOME_UNKNOWN, true },
    { "failure: a bug", ERR_BUG, PROBLEM_INTERNAL, false },
};

struct bench {
    struct fixture fixture;
    struct health health;
    struct user_service service;
};

static void bench_open(struct bench *bench)
{
    *bench = (struct bench){ .health = { 0 } };
    fixture_open(&bench->fixture);
    bench->service.users = bench->fixture.users;
    bench->service.health = &bench->health;
}

static void auto_bench(struct bench *bench)
{
    fixture_close(&bench->fixture);
}

static enum problem_type run_login(struct bench *bench)
{
    struct login_state s = { .login = { .name = "nobody", .password = "x" } };

    run("/login", &bench->service, &s);
    return s.failure.type;
}

static enum problem_type run_signup(struct bench *bench)
{
    struct signup_state s = { .signup = signup_request("Bob", "bob@example.org") };

    run("/signup", &bench->service, &s);
    token_pair_done(&s.signup.pair);
    return s.failure.type;
}

static struct refresh_text some_token(struct bench *bench)
{
    const struct id id = id_random(&system_random);
    struct refresh_token token = refresh_token_new(&system_random, &id);

    return refresh_token_format(&bench->fixture.users.refresh_key, &token);
}

static enum problem_type run_refresh(struct bench *bench)
{
    struct refresh_state s = { .refresh = { .token = some_token(bench) } };

    run("/refresh", &bench->service, &s);
    return s.failure.type;
}

static enum problem_type run_logout(struct bench *bench)
{
    struct logout_state s = { .token = some_token(bench) };

    run("/logout", &bench->service, &s);
    return s.failure.type;
}

static enum problem_type run_me(struct bench *bench)
{
    struct me_state s = { .get = { .found = false } };

    run("/me", &bench->service, &s);
    return s.failure.type;
}

/* PROBLEM_INVALID_TOKEN: decided, and not let in. */
static enum problem_type run_authorize(struct bench *bench)
{
    struct caller caller = { .role = ROLE_ADMIN };
    struct problem problem = { .type = PROBLEM_NONE };

    assert_false(user_authorize(&bench->service, &caller, &problem));
    assert_non_null(problem.detail);
    return problem.type == PROBLEM_INVALID_TOKEN ? PROBLEM_NONE : problem.type;
}

static void a_failure_is_told_to_the_client_and_to_health(void **state)
{
    const struct failure_case *c = *state;
    enum problem_type (*const runs[])(struct bench *) = { run_login,  run_signup, run_refresh,
                                                          run_logout, run_me,     run_authorize };
    AUTO(bench) struct bench bench;
    bench_open(&bench);

    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        fail_at(&bench.fixture, 1, c->code);
        assert_int_equal(runs[i](&bench), c->type);
        assert_int_equal(atomic_load(&bench.health.store_degraded), c->degrades);
        fail_at(&bench.fixture, 0, ERR_NONE);
        assert_int_equal(runs[i](&bench), PROBLEM_NONE);
        /* It worked, and still that is for store_watch to judge. */
        assert_int_equal(atomic_load(&bench.health.store_degraded), c->degrades);
        atomic_store(&bench.health.store_degraded, false);
    }
}

/* No store is asked for garbage: it tells nothing of one. */
static void garbage_tells_nothing_of_the_store(void **state)
{
    (void)state;
    AUTO(bench) struct bench bench;
    bench_open(&bench);
    struct logout_state s = { .token = { "garbage" } };

    atomic_store(&bench.health.store_degraded, true);
    run("/logout", &bench.service, &s);
    assert_int_equal(s.failure.type, PROBLEM_NONE);
    assert_int_equal(bench.fixture.store.calls, 0);
    assert_true(atomic_load(&bench.health.store_degraded));
}

/* --- Letting in. --- */

static void a_living_session_is_let_in(void **state)
{
    (void)state;
    AUTO(bench) struct bench bench;
    bench_open(&bench);
    struct signup alice = alice_signs_up(&bench.fixture);
    struct caller caller = caller_of(&bench.fixture, &alice.pair);
    struct problem problem = { .type = PROBLEM_NONE };
    struct error err = { 0 };

    assert_true(user_authorize(&bench.service, &caller, &problem));
    assert_int_equal(problem.type, PROBLEM_NONE);
    assert_true(logout(&bench.fixture.users, &alice.pair.refresh, &fixture_source, &err));
    assert_false(user_authorize(&bench.service, &caller, &problem));
    assert_int_equal(problem.type, PROBLEM_INVALID_TOKEN);
    token_pair_done(&alice.pair);
}

/* --- Counting. --- */

static void results_are_counted(void **state)
{
    (void)state;
    AUTO(bench) struct bench bench;
    bench_open(&bench);
    struct error err = { 0 };
    AUTO(metrics) struct metrics *metrics = metrics_new(&err);
    AUTO(buffer) struct buffer page = { 0 };
    static const char *const lines[] = {
        "logins_total{outcome=\"unknown\"} 2\n",   "logins_total{outcome=\"done\"} 0\n",
        "logins_total{outcome=\"error\"} 1\n",     "signups_total{outcome=\"done\"} 1\n",
        "signups_total{outcome=\"taken\"} 1\n",    "refreshes_total{outcome=\"refused\"} 1\n",
        "refreshes_total{outcome=\"reused\"} 0\n",
    };

    assert_non_null(metrics);
    assert_true(user_service_count(&bench.service, metrics, &err));
    run_login(&bench);
    run_login(&bench);
    fail_at(&bench.fixture, 1, ERR_UNAVAILABLE);
    run_login(&bench);
    run_signup(&bench);
    run_signup(&bench);
    run_refresh(&bench);
    metrics_render(metrics, &page);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (!strstr(page.data, lines[i]))
            fail_msg("missing: %s", lines[i]);
}

/* --- Wiping. --- */

static const struct wipe_case {
    const char *name, *path;
} wipe_cases[] = {
    { "wipe: signup", "/signup" },
    { "wipe: login", "/login" },
    { "wipe: refresh", "/refresh" },
    { "wipe: logout", "/logout" },
};

static void a_state_with_secrets_is_wiped(void **state)
{
    const struct wipe_case *c = *state;
    const struct route *route = route_of(POST, c->path);
    union {
        struct signup_state signup;
        struct login_state login;
        struct refresh_state refresh;
        struct logout_state logout;
        unsigned char bytes[sizeof(struct signup_state) + sizeof(struct login_state)];
    } s = { 0 };

    strcpy(s.signup.signup.wanted.password, strcmp(c->path, "/signup") == 0 ? "secret" : "");
    if (strcmp(c->path, "/login") == 0)
        strcpy(s.login.login.password, "secret");
    if (strcmp(c->path, "/refresh") == 0)
        strcpy(s.refresh.refresh.token.text, "secret");
    if (strcmp(c->path, "/logout") == 0)
        strcpy(s.logout.token.text, "secret");
    route->release(&s);
    for (size_t i = 0; i < route->state_bytes; i++)
        assert_int_equal(s.bytes[i], 0);
}

int main(void)
{
    struct tests tests = { 0 };

    log_open("unit", LOG_ERROR);
    ADD_ROWS(&tests, a_route_is_for_whom_it_is, route_cases);
    ADD_TEST(&tests, no_route_is_forgotten_here);
    ADD_ROWS(&tests, a_failure_is_told_to_the_client_and_to_health, failure_cases);
    ADD_TEST(&tests, garbage_tells_nothing_of_the_store);
    ADD_TEST(&tests, a_living_session_is_let_in);
    ADD_TEST(&tests, results_are_counted);
    ADD_ROWS(&tests, a_state_with_secrets_is_wiped, wipe_cases);
    return tests_run("routes", &tests);
}
