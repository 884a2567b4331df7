/* The first admin: made when there is none, once, and never out of somebody else. */
#include "unit/user/accounts.h"

#include "base/log.h"
#include "first_admin.h"

static const struct first_admin wanted = { "Admin", "admin@example.org", "nine-brown-ladders" };

static size_t admins(struct fixture *f)
{
    const struct user_query query = { .by_role = true, .role = ROLE_ADMIN, .limit = 10 };
    struct user users[10];
    struct error err = { 0 };
    size_t count = 0;

    assert_true(user_store_list_users(f->store.real, &query, users, &count, &err));
    return count;
}

static void it_is_made_once_and_logs_in(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct error err = { 0 };

    assert_true(make_first_admin(&f.users, &wanted, &err));
    assert_true(make_first_admin(&f.users, &wanted, &err));
    assert_int_equal(admins(&f), 1);
    struct login login = try_login(&f, wanted.email, wanted.password);
    assert_int_equal(login.result, LOGIN_DONE);
    assert_int_equal(login.user.role, ROLE_ADMIN);
    assert_string_equal(login.user.username, wanted.username);
    assert_true(is_allowed(&f, caller_of(&f, &login.pair)));
    token_pair_done(&login.pair);
    assert_string_equal(events_told(&f).text, "user-create done, ");
}

static void where_there_is_an_admin_nothing_is_made(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct error err = { 0 };

    add_user(&f, "somebody", ROLE_ADMIN);
    assert_true(make_first_admin(&f.users, &wanted, &err));
    assert_int_equal(admins(&f), 1);
}

static void without_settings_nothing_is_made(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    const struct first_admin none = { .username = NULL };
    struct error err = { 0 };

    assert_true(make_first_admin(&f.users, &none, &err));
    assert_int_equal(admins(&f), 0);
}

static const struct taken_case {
    const char *name, *username, *email, *setting;
} taken_cases[] = {
    { "taken: the username", "ADMIN", "other@example.org", "ADMIN_USERNAME: " },
    { "taken: the e-mail", "other", "Admin@Example.org", "ADMIN_EMAIL: " },
};

static void a_players_name_makes_no_admin(void **state)
{
    const struct taken_case *c = *state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct signup player = signup_request(c->username, c->email);
    struct error err = { 0 };

    assert_true(signup(&f.users, &player, &err));
    token_pair_done(&player.pair);
    assert_false(make_first_admin(&f.users, &wanted, &err));
    assert_int_equal(err.code, ERR_CONFIG);
    assert_non_null(strstr(err.detail, c->setting));
    assert_int_equal(admins(&f), 0);
}

/* Another replica makes it between our look and our write. */
static bool other_replica_adds(struct user_store *store, const struct account *account,
                               enum add_user_outcome *outcome, struct error *err)
{
    struct user_store *real = ((struct faulty_store *)store)->real;
    struct account other = *account;

    memset(other.user.id.bytes, 0xEE, sizeof other.user.id.bytes);
    assert_true(user_store_add_user(real, &other, outcome, err));
    return user_store_add_user(real, account, outcome, err);
}

static void of_two_replicas_one_makes_it(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    struct user_store_functions functions = *f.store.base.functions;
    struct error err = { 0 };

    functions.add_user = other_replica_adds;
    f.store.base.functions = &functions;
    assert_false(make_first_admin(&f.users, &wanted, &err));
    assert_int_equal(err.code, ERR_UNAVAILABLE); /* do it again, and … */
    assert_true(make_first_admin(&f.users, &wanted, &err));
    assert_int_equal(admins(&f), 1);
}

/* The look for admins, for both names, the write. */
static void a_failure_is_told_and_the_next_try_does_it(void **state)
{
    (void)state;

    for (unsigned n = 1; n <= 4; n++) {
        AUTO(fixture) struct fixture f;
        fixture_open(&f);
        struct error err = { 0 };
        fail_at(&f, n, ERR_UNAVAILABLE);
        assert_false(make_first_admin(&f.users, &wanted, &err));
        assert_int_equal(err.code, ERR_UNAVAILABLE);
        assert_true(make_first_admin(&f.users, &wanted, &err));
        assert_int_equal(admins(&f), 1);
    }
}

int main(void)
{
    struct tests tests = { 0 };

    log_open("unit", LOG_ERROR);
    ADD_TEST(&tests, it_is_made_once_and_logs_in);
    ADD_TEST(&tests, where_there_is_an_admin_nothing_is_made);
    ADD_TEST(&tests, without_settings_nothing_is_made);
    ADD_ROWS(&tests, a_players_name_makes_no_admin, taken_cases);
    ADD_TEST(&tests, of_two_replicas_one_makes_it);
    ADD_TEST(&tests, a_failure_is_told_and_the_next_try_does_it);
    return tests_run("first_admin", &tests);
}
