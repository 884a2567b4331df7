/* The outbox of reset mails: who gets one, when it is tried again, what of it may be repeated. */
#include "unit/user/mailing.h"

#include "base/log.h"
#include "unit/support/oom.h"

#define ALICE "alice@example.org"

enum { LEASE_MS = MINUTE_MS, BACKOFF_MAX_MS = 5 * MINUTE_MS }; /* reset_mail.c's */

struct bench {
    struct fixture f;
    struct kept_mailer mailer;
    struct metrics *metrics;
    struct reset_mails mails;
    struct user alice;
};

static void bench_open(struct bench *bench)
{
    struct error err = { 0 };

    fixture_open(&bench->f);
    bench->mailer = kept_mailer();
    bench->metrics = metrics_new(&err);
    bench->mails = mails_over(&bench->f, &bench->mailer);
    assert_true(reset_mails_count(&bench->mails, bench->metrics, &err));
    struct signup alice = alice_signs_up(&bench->f);
    bench->alice = alice.user;
    token_pair_done(&alice.pair);
}

static void auto_bench(struct bench *bench)
{
    metrics_free(bench->metrics);
    fixture_close(&bench->f);
}

static uint64_t counted(const struct bench *bench, enum reset_mail_fate fate)
{
    return counter_value(bench->mails.counts[fate]);
}

static struct account alice_now(struct bench *bench)
{
    return account_now(&bench->f, &bench->alice.id);
}

static void whoever_asked_gets_a_mail(void **state)
{
    (void)state;
    AUTO(bench) struct bench bench;
    bench_open(&bench);

    ask(&bench.f, "ALICE@Example.org");
    assert_true(send_one(&bench.mails));
    assert_int_equal(bench.mailer.sent, 1);
    assert_string_equal(bench.mailer.to, ALICE); /* as the account has it */
    assert_non_null(strstr(bench.mailer.body, "Hello Alice,\n"));
    assert_non_null(strstr(bench.mailer.body, "within 10 minutes"));
    mailed_token(&bench.mailer);
    assert_int_equal(alice_now(&bench).reset.expires_at, T0 + 10 * MINUTE_MS);
    assert_int_equal(alice_now(&bench).user.version, 0);
    assert_int_equal(counted(&bench, RESET_MAIL_SENT), 1);
    bench.f.clock.now_ms += LEASE_MS;
    assert_false(send_one(&bench.mails));
}

static void a_link_has_one_slash(void **state)
{
    (void)state;
    AUTO(bench) struct bench bench;
    bench_open(&bench);

    bench.mails.public_url = "http://arch.homework//";
    ask(&bench.f, ALICE);
    assert_true(send_one(&bench.mails));
    mailed_token(&bench.mailer); /* of the one link that is right */
}

static void nothing_due_is_nothing_to_do(void **state)
{
    (void)state;
    AUTO(bench) struct bench bench;
    bench_open(&bench);

    assert_false(send_one(&bench.mails));
    assert_int_equal(bench.mailer.sent, 0);
}

/* --- Who gets none. --- */

static void assert_dropped(struct bench *bench, unsigned sent)
{
    const uint64_t before = counted(bench, RESET_MAIL_DROPPED);

    assert_true(send_one(&bench->mails));
    assert_int_equal(bench->mailer.sent, sent);
    assert_int_equal(counted(bench, RESET_MAIL_DROPPED), before + 1);
    bench->f.clock.now_ms += LEASE_MS;
    assert_false(send_one(&bench->mails));
}

static void nobody_gets_none(void **state)
{
    (void)state;
    AUTO(bench) struct bench bench;
    bench_open(&bench);

    ask(&bench.f, "nobody@example.org");
    assert_dropped(&bench, 0);
}

static void put(struct bench *bench, const struct account *from, const struct account *to)
{
    enum put_account_outcome outcome;
    struct error err = { 0 };

    assert_true(user_store_put_account(bench->f.store.real, from, to, &outcome, &err));
    assert_int_equal(outcome, ACCOUNT_PUT);
}

static void who_left_gets_none(void **state)
{
    (void)state;
    AUTO(bench) struct bench bench;
    bench_open(&bench);
    const struct account from = alice_now(&bench);
    struct account to = from;

    to.user.active = false;
    put(&bench, &from, &to);
    ask(&bench.f, ALICE);
    assert_dropped(&bench, 0);
    assert_int_equal(alice_now(&bench).reset.expires_at, 0);
}

static void in_no_hour_are_there_more_than_three(void **state)
{
    (void)state;
    AUTO(bench) struct bench bench;
    bench_open(&bench);

    for (unsigned n = 1; n <= 3; n++) {
        ask(&bench.f, ALICE);
        assert_true(send_one(&bench.mails));
        assert_int_equal(bench.mailer.sent, n);
        bench.f.clock.now_ms += 20 * MINUTE_MS;
    }
    const struct password_reset before = alice_now(&bench).reset;
    ask(&bench.f, ALICE);
    assert_dropped(&bench, 3);
    const struct password_reset after = alice_now(&bench).reset;
    assert_memory_equal(&after, &before, sizeof before); /* the third's holds */

    bench.f.clock.now_ms = before.requested_at + HOUR_MS;
    ask(&bench.f, ALICE);
    assert_true(send_one(&bench.mails));
    assert_int_equal(bench.mailer.sent, 4);
}

static void each_account_has_its_three(void **state)
{
    (void)state;
    AUTO(bench) struct bench bench;
    bench_open(&bench);
    add_user(&bench.f, "bob", ROLE_PLAYER);

    for (unsigned n = 1; n <= 3; n++) {
        bench.f.clock.now_ms++;
        ask(&bench.f, ALICE);
        assert_true(send_one(&bench.mails));
    }
    ask(&bench.f, "bob@example.org");
    assert_true(send_one(&bench.mails));
    assert_int_equal(bench.mailer.sent, 4);
}

/* Two requests wait; the later one is sent first. */
static void an_older_request_takes_nothing_back(void **state)
{
    (void)state;
    AUTO(bench) struct bench bench;
    bench_open(&bench);

    bench.mailer.outcome = MAIL_DEFERRED;
    ask(&bench.f, ALICE);
    assert_true(send_one(&bench.mails));
    bench.f.clock.now_ms++;
    ask(&bench.f, ALICE);
    bench.mailer.outcome = MAIL_SENT;
    assert_true(send_one(&bench.mails));
    const struct refresh_text newer = mailed_token(&bench.mailer);
    bench.f.clock.now_ms += 10 * SECOND_MS;
    assert_dropped(&bench, 2);
    assert_int_equal(try_reset(&bench.f, &newer, RESET_PASSWORD), CHANGE_DONE);
}

/* --- Trying again. --- */

static void what_could_not_be_sent_is_sent_later_the_same(void **state)
{
    (void)state;
    AUTO(bench) struct bench bench;
    bench_open(&bench);

    ask(&bench.f, ALICE);
    bench.mailer.outcome = MAIL_DEFERRED;
    for (unsigned n = 1; n <= 5; n++) { /* more than three: one mail is counted once */
        assert_true(send_one(&bench.mails));
        assert_int_equal(bench.mailer.sent, n);
        assert_false(send_one(&bench.mails)); /* not at once */
        bench.f.clock.now_ms += BACKOFF_MAX_MS;
    }
    const struct refresh_text first = mailed_token(&bench.mailer);
    const struct id id = bench.mailer.id;

    bench.mailer.outcome = MAIL_SENT;
    assert_true(send_one(&bench.mails));
    const struct refresh_text last = mailed_token(&bench.mailer);
    assert_string_equal(first.text, last.text);
    assert_true(id_equal(&id, &bench.mailer.id));
    assert_int_equal(counted(&bench, RESET_MAIL_DEFERRED), 5);
    assert_int_equal(alice_now(&bench).reset.expires_at,
                     bench.f.clock.now_ms + 10 * MINUTE_MS); /* its time begins now */
    assert_int_equal(try_reset(&bench.f, &last, RESET_PASSWORD), CHANGE_DONE);
}

static void one_that_was_interrupted_is_due_at_once(void **state)
{
    (void)state;
    AUTO(bench) struct bench bench;
    bench_open(&bench);

    ask(&bench.f, ALICE);
    bench.mailer.outcome = MAIL_DEFERRED;
    bench.mailer.interrupted = true;
    assert_true(send_one(&bench.mails));
    struct kept_mailer others = kept_mailer();
    const struct reset_mails elsewhere = mails_over(&bench.f, &others);
    assert_true(send_one(&elsewhere));
    assert_int_equal(others.sent, 1);
}

static void after_an_hour_it_is_given_up(void **state)
{
    (void)state;
    AUTO(bench) struct bench bench;
    bench_open(&bench);

    ask(&bench.f, ALICE);
    bench.f.clock.now_ms += HOUR_MS;
    assert_true(send_one(&bench.mails));
    assert_int_equal(bench.mailer.sent, 0);
    assert_int_equal(counted(&bench, RESET_MAIL_EXPIRED), 1);
    bench.f.clock.now_ms += LEASE_MS;
    assert_false(send_one(&bench.mails));
}

static void what_a_server_refuses_is_given_up(void **state)
{
    (void)state;
    AUTO(bench) struct bench bench;
    bench_open(&bench);

    ask(&bench.f, ALICE);
    bench.mailer.outcome = MAIL_REFUSED;
    assert_true(send_one(&bench.mails));
    assert_int_equal(counted(&bench, RESET_MAIL_REFUSED), 1);
    bench.f.clock.now_ms += BACKOFF_MAX_MS;
    assert_false(send_one(&bench.mails));
}

/* --- A store that fails, and races. --- */

/* Claim, find, get, counter's get and put, put, delete. */
static void whatever_fails_a_mail_comes_after_the_lease(void **state)
{
    (void)state;

    for (unsigned n = 1; n <= 7; n++) {
        AUTO(bench) struct bench bench;
        bench_open(&bench);
        struct error err = { 0 };
        bool found = false;

        ask(&bench.f, ALICE);
        fail_at(&bench.f, n, ERR_UNAVAILABLE);
        assert_false(reset_mails_send_one(&bench.mails, &found, &err));
        assert_int_equal(err.code, ERR_UNAVAILABLE);
        assert_int_equal(bench.f.store.calls, n);
        bench.f.clock.now_ms += LEASE_MS;
        const unsigned before = bench.mailer.sent; /* one, where only the deletion failed */
        assert_int_equal(before, n == 7);
        assert_true(send_one(&bench.mails));
        assert_int_equal(bench.mailer.sent, before + 1);
    }
}

static void a_postponing_that_fails_waits_for_the_lease(void **state)
{
    (void)state;
    AUTO(bench) struct bench bench;
    bench_open(&bench);
    struct error err = { 0 };
    bool found = false;

    ask(&bench.f, ALICE);
    bench.mailer.outcome = MAIL_DEFERRED;
    fail_at(&bench.f, 7, ERR_UNAVAILABLE);
    assert_false(reset_mails_send_one(&bench.mails, &found, &err));
    bench.f.clock.now_ms += LEASE_MS;
    assert_true(send_one(&bench.mails));
    assert_int_equal(bench.mailer.sent, 2);
}

static void an_account_that_moved_on_is_counted_once(void **state)
{
    (void)state;
    AUTO(bench) struct bench bench;
    bench_open(&bench);

    for (unsigned n = 1; n <= 3; n++) {
        bench.f.clock.now_ms++;
        bench.f.store.before_put = moves_on_once;
        ask(&bench.f, ALICE);
        assert_true(send_one(&bench.mails));
        assert_int_equal(bench.mailer.sent, n);
    }
    assert_int_equal(alice_now(&bench).user.version, 3); /* the other changes are kept */
}

/* Between its look-up and its writing the address became another's. */
static void moves_the_address(struct faulty_store *store, const struct account *from)
{
    struct account to = *from;
    enum put_account_outcome outcome;
    struct error err = { 0 };

    store->before_put = NULL;
    snprintf(to.user.email, sizeof to.user.email, "elsewhere@example.org");
    assert_true(user_store_put_account(store->real, from, &to, &outcome, &err));
    assert_int_equal(outcome, ACCOUNT_PUT);
}

static void an_address_that_was_given_up_gets_none(void **state)
{
    (void)state;
    AUTO(bench) struct bench bench;
    bench_open(&bench);

    bench.f.store.before_put = moves_the_address;
    ask(&bench.f, ALICE);
    assert_dropped(&bench, 0);
    assert_int_equal(alice_now(&bench).reset.expires_at, 0);
}

static void counting_needs_memory(void **state)
{
    (void)state;
    struct reset_mails mails = { .users = NULL };
    bool failed = true;

    for (unsigned n = 1; failed; n++) {
        struct error err = { 0 };
        AUTO(metrics) struct metrics *metrics = metrics_new(&err);
        oom_fail_at(n);
        const bool made = reset_mails_count(&mails, metrics, &err);
        failed = oom_stop();
        assert_int_equal(made, !failed);
    }
}

int main(void)
{
    struct tests tests = { 0 };

    log_open("unit", LOG_ERROR);
    ADD_TEST(&tests, whoever_asked_gets_a_mail);
    ADD_TEST(&tests, a_link_has_one_slash);
    ADD_TEST(&tests, nothing_due_is_nothing_to_do);
    ADD_TEST(&tests, nobody_gets_none);
    ADD_TEST(&tests, who_left_gets_none);
    ADD_TEST(&tests, in_no_hour_are_there_more_than_three);
    ADD_TEST(&tests, each_account_has_its_three);
    ADD_TEST(&tests, an_older_request_takes_nothing_back);
    ADD_TEST(&tests, what_could_not_be_sent_is_sent_later_the_same);
    ADD_TEST(&tests, one_that_was_interrupted_is_due_at_once);
    ADD_TEST(&tests, after_an_hour_it_is_given_up);
    ADD_TEST(&tests, what_a_server_refuses_is_given_up);
    ADD_TEST(&tests, whatever_fails_a_mail_comes_after_the_lease);
    ADD_TEST(&tests, a_postponing_that_fails_waits_for_the_lease);
    ADD_TEST(&tests, an_account_that_moved_on_is_counted_once);
    ADD_TEST(&tests, an_address_that_was_given_up_gets_none);
    ADD_TEST(&tests, counting_needs_memory);
    return tests_run("reset_mail", &tests);
}
