/* No memory at any point of judging a request with a token: it is told to come again (503), never
 * let in, and a bad token is never called a good one. */
#include "unit/common/auth/forge.h"
#include "unit/common/http/request_making.h"

#ifdef __SANITIZE_THREAD__
/* See oom_everywhere.h; nothing here has threads. */
int main(void)
{
    return 0;
}
#else

#include "unit/support/oom_everywhere.h"

#include "base/log.h"
#include "http/judge.h"
#include "http/server_parts.h"

static int64_t forge_now(const struct clock *clock)
{
    (void)clock;
    return FORGE_NOW_S * INT64_C(1000);
}

static const struct clock forge_clock = { forge_now, forge_now };

static const struct route routes[] = {
    { GET, "/mine", BEARER, 0, LANE_INLINE, 0, NULL, NULL, NULL, NULL },
};

static const struct judge_case {
    const char *name, *payload;
    enum problem_type type;
} judge_cases[] = {
    { "judge: a good token", FORGE_PAYLOAD, PROBLEM_NONE },
    { "judge: another's token", "{}", PROBLEM_INVALID_TOKEN },
};

static struct exchange *exchange_with(struct http_server *server, const char *authorization)
{
    static struct exchange exchange;

    exchange = (struct exchange){ .server = server };
    exchange.request.head.method = slice_of("GET");
    set_target(&exchange.request, "/mine");
    add_header(&exchange.request, "Authorization", authorization);
    return &exchange;
}

static void without_memory_nobody_is_let_in(void **state)
{
    const struct judge_case *c = *state;
    const struct key_source source = { .secret = FORGE_SECRET };
    AUTO(key_ring) struct key_ring *keys = key_ring_open(&source, NULL);
    struct http_server server = { .options = { .routes = routes,
                                               .route_count = 1,
                                               .keys = keys,
                                               .token_rules = forge_rules,
                                               .clock = &forge_clock } };
    struct forged token;
    char authorization[sizeof token.text + 8];
    bool ran_out = true;
    unsigned n = 0;

    forge(&token, FORGE_HEADER, c->payload);
    snprintf(authorization, sizeof authorization, "Bearer %s", token.text);
    while (ran_out) {
        struct exchange *exchange = exchange_with(&server, authorization);

        everywhere_fail_at(++n);
        const bool good = judge_head(exchange);
        ran_out = everywhere_stop();
        assert_int_equal(good, !ran_out && c->type == PROBLEM_NONE);
        assert_int_equal(exchange->problem.type, ran_out ? PROBLEM_NOT_ACCEPTED : c->type);
        problem_done(&exchange->problem);
        target_done(&exchange->request.target);
    }
    assert_true(n > 20);
}

int main(void)
{
    struct tests tests = { 0 };

    assert_true(sodium_init() >= 0);
    log_open("unit", LOG_ERROR);
    ADD_ROWS(&tests, without_memory_nobody_is_let_in, judge_cases);
    return tests_run("judge: no memory", &tests);
}
#endif
