/* A mail that the server had, though its answer was lost, is sent again. What ended its token
 * meanwhile still holds. */
#include "unit/user/mailing.h"

#include "account_change.h"
#include "own_account.h"

#define ALICE "alice@example.org"

static void use_it(struct fixture *f, const struct id *id, const struct refresh_text *token)
{
    (void)id;
    assert_int_equal(try_reset(f, token, RESET_PASSWORD), CHANGE_DONE);
}

static void change_the_password(struct fixture *f, const struct id *id,
                                const struct refresh_text *token)
{
    struct change_password request = { .actor = { .user_id = *id },
                                       .current_password = ALICE_PASSWORD,
                                       .password = RESET_PASSWORD };
    struct error err = { 0 };

    (void)token;
    assert_true(change_password(&f->users, &request, &err));
    assert_int_equal(request.result, CHANGE_DONE);
    token_pair_done(&request.pair);
}

static void leave_the_address_and_return(struct fixture *f, const struct id *id,
                                         const struct refresh_text *token)
{
    static const char *const addresses[] = { "other@example.org", ALICE };

    (void)token;
    for (size_t i = 0; i < 2; i++) {
        struct user_change change = { .given.email = true };
        const struct account from = account_now(f, id);
        struct account to = from;
        enum put_account_outcome outcome;
        struct error err = { 0 };

        strcpy(change.email, addresses[i]);
        assert_int_equal(account_apply(&to, &change), CHANGE_DONE);
        assert_true(user_store_put_account(f->store.real, &from, &to, &outcome, &err));
        assert_int_equal(outcome, ACCOUNT_PUT);
    }
}

static const struct end_case {
    const char *name;
    void (*end)(struct fixture *f, const struct id *id, const struct refresh_text *token);
} end_cases[] = {
    { "it was used", use_it },
    { "the password was changed", change_the_password },
    { "the address was another's meanwhile", leave_the_address_and_return },
};

static void a_dead_token_does_not_come_back(void **state)
{
    const struct end_case *c = *state;
    AUTO(fixture) struct fixture f;
    struct kept_mailer mailer = kept_mailer();
    const struct reset_mails mails = mails_over(&f, &mailer);

    fixture_open(&f);
    struct signup alice = alice_signs_up(&f);
    ask(&f, ALICE);
    mailer.outcome = MAIL_DEFERRED;
    assert_true(send_one(&mails));
    const struct refresh_text token = mailed_token(&mailer);

    c->end(&f, &alice.user.id, &token);
    f.clock.now_ms += MINUTE_MS;
    mailer.outcome = MAIL_SENT;
    assert_true(send_one(&mails));
    assert_int_equal(mailer.sent, 1);
    assert_int_equal(try_reset(&f, &token, RESET_PASSWORD), CHANGE_GONE);
    token_pair_done(&alice.pair);
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_ROWS(&tests, a_dead_token_does_not_come_back, end_cases);
    return tests_run("reset_retry", &tests);
}
