/* What a server that does not answer costs: one wait, not one for each call. Whether a call was
 * waited for is told by a clock that the test turns. */
#include "contract/order_store_suite.h"

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <time.h>

#include "base/clock.h"
#include "contract/canned_mongo.h"

enum { REST_MS = 1000, POLL_MS = 10 };

static atomic_int_fast64_t now_ms = 5000;
static atomic_int_fast64_t tick_ms; /* with each look at the clock so much passes */

static int64_t ticking_ms(const struct clock *clock)
{
    (void)clock;
    const int64_t tick = atomic_load(&tick_ms);
    return atomic_fetch_add(&now_ms, tick) + tick;
}

static const struct clock ticking_clock = { ticking_ms, ticking_ms };

static struct order_store *open_store(void)
{
    struct error err = { 0 };

    canned_mongo_script(NULL, 0);
    struct order_store *store = order_store_mongo_open(canned_mongo_uri(), &ticking_clock, &err);
    if (!store)
        fail_msg("cannot open: %s", err.detail);
    return store;
}

static bool get(struct order_store *store, struct error *err)
{
    const struct id id = nth_id(0);
    struct order order;
    bool found;

    return order_store_get_order(store, &id, &order, &found, err);
}

/* Asks as the script says, in vain; `waited`: and that took its time. */
static void ask_in_vain(struct order_store *store, const struct canned_reply *reply, bool waited)
{
    struct error err = { 0 };

    canned_mongo_script(reply, 1);
    atomic_store(&tick_ms, waited ? REST_MS : 0);
    assert_false(get(store, &err));
    atomic_store(&tick_ms, 0);
    assert_int_equal(err.code, ERR_UNAVAILABLE);
    assert_int_equal(canned_mongo_given(), 1);
}

static void a_silent_store_is_left_alone_for_a_moment(void **state)
{
    (void)state;
    static const struct canned_reply silence = { "find", CANNED_SILENCE };
    static const struct canned_reply there = { "find", CANNED_BATCH("") };
    struct order_store *store = open_store();
    const struct record record = nth_record(0);
    enum write_outcome outcome = WRITE_OK;
    struct error err = { 0 };

    ask_in_vain(store, &silence, true);
    canned_mongo_script(&there, 1);
    assert_false(get(store, &err));
    assert_int_equal(err.code, ERR_UNAVAILABLE);
    assert_true(try_add(store, &record, NULL, 1, &outcome, &err));
    assert_int_equal(outcome, WRITE_FAILED); /* and not unknown: nothing was sent */
    assert_string_equal(canned_mongo_last("insert"), "");
    assert_int_equal(canned_mongo_given(), 0);

    atomic_fetch_add(&now_ms, REST_MS);
    assert_true(get(store, &err));
    assert_int_equal(canned_mongo_given(), 1);
    order_store_close(store);
}

/* A connection that ended is no silence: the next one may be good. */
static void a_failure_at_once_stops_nobody(void **state)
{
    (void)state;
    static const struct canned_reply hang_up = { "find", CANNED_HANG_UP };
    struct order_store *store = open_store();
    struct error err = { 0 };

    ask_in_vain(store, &hang_up, false);
    assert_true(get(store, &err));
    order_store_close(store);
}

/* --- Where others have answers. --- */

struct asker {
    struct order_store *store;
    bool answered;
};

static void *ask(void *context)
{
    struct asker *asker = context;
    struct error err = { 0 };

    asker->answered = get(asker->store, &err);
    return NULL;
}

static void await_given(size_t count)
{
    const struct timespec pause = { .tv_nsec = POLL_MS * 1000000L };

    while (canned_mongo_given() < count)
        nanosleep(&pause, NULL);
}

/* One slow query is that query's own affair. */
static void a_call_in_vain_stops_nobody_while_others_are_answered(void **state)
{
    (void)state;
    static const struct canned_reply silence = { "find", CANNED_SILENCE };
    struct asker slow = { .store = open_store(), .answered = true };
    struct error err = { 0 };
    pthread_t thread;

    canned_mongo_script(&silence, 1);
    assert_int_equal(pthread_create(&thread, NULL, ask, &slow), 0);
    await_given(1);
    atomic_fetch_add(&now_ms, REST_MS);
    assert_true(get(slow.store, &err));
    pthread_join(thread, NULL);
    assert_false(slow.answered);
    assert_true(get(slow.store, &err));
    order_store_close(slow.store);
}

int main(void)
{
    struct tests tests = { 0 };

    assert(sodium_init() >= 0);
    canned_mongo_start();
    ADD_TEST(&tests, a_silent_store_is_left_alone_for_a_moment);
    ADD_TEST(&tests, a_failure_at_once_stops_nobody);
    ADD_TEST(&tests, a_call_in_vain_stops_nobody_while_others_are_answered);
    int failed = tests_run("order store on MongoDB, silence", &tests);
    canned_mongo_stop();
    return failed;
}
