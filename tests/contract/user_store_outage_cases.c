/* A store that is away: every call says so, changes no output, and works again once it is back. */
#include "contract/user_store_suite.h"

#include <string.h>
#include <time.h>

enum { RECOVERY_TRIES = 500, RECOVERY_PAUSE_MS = 20 };

struct outputs {
    enum add_user_outcome added;
    enum rotate_outcome rotated;
    bool found;
    struct account account;
    struct session session;
};

static bool call_add_user(struct user_store *store, struct outputs *out, struct error *err)
{
    const struct account account = nth_account(2);

    return user_store_add_user(store, &account, &out->added, err);
}

static bool call_replace_password(struct user_store *store, struct outputs *out, struct error *err)
{
    const struct account account = nth_account(1);
    const struct password_hash to = { "$argon2id$new" };

    (void)out;
    return user_store_replace_password(store, &account.user.id, &account.password, &to, err);
}

static bool call_add_session(struct user_store *store, struct outputs *out, struct error *err)
{
    const struct session session = nth_session(2);

    (void)out;
    return user_store_add_session(store, &session, err);
}

static bool call_rotate_session(struct user_store *store, struct outputs *out, struct error *err)
{
    const struct digest child = nth_digest(1000);
    const struct rotation rotation = rotation_of(1, &child);

    return user_store_rotate_session(store, &rotation, &out->rotated, err);
}

static bool call_end_session(struct user_store *store, struct outputs *out, struct error *err)
{
    const struct session session = nth_session(1);

    (void)out;
    return user_store_end_session(store, &session.id, err);
}

static bool call_get_account(struct user_store *store, struct outputs *out, struct error *err)
{
    const struct account account = nth_account(1);

    return user_store_get_account(store, &account.user.id, &out->account, &out->found, err);
}

static bool call_find_account(struct user_store *store, struct outputs *out, struct error *err)
{
    const struct user_key key = user_key_of("Name.1");

    return user_store_find_account(store, &key, &out->account, &out->found, err);
}

static bool call_get_session(struct user_store *store, struct outputs *out, struct error *err)
{
    const struct session session = nth_session(1);

    return user_store_get_session(store, &session.id, &out->session, &out->account, &out->found,
                                  err);
}

static bool call_probe(struct user_store *store, struct outputs *out, struct error *err)
{
    (void)out;
    return user_store_probe(store, err);
}

static const struct outage_case {
    const char *name;
    bool (*call)(struct user_store *store, struct outputs *out, struct error *err);
    bool writes;
} outage_cases[] = {
    { "outage: add_user", call_add_user, true },
    { "outage: replace_password", call_replace_password, true },
    { "outage: add_session", call_add_session, true },
    { "outage: rotate_session", call_rotate_session, true },
    { "outage: end_session", call_end_session, true },
    { "outage: probe", call_probe, true },
    { "outage: get_account", call_get_account, false },
    { "outage: find_account", call_find_account, false },
    { "outage: get_session", call_get_session, false },
};

/* In an outage: fails as unavailable (or, a write, with its outcome unknown), outputs untouched. */
static void assert_refused(const struct outage_case *c, struct user_store *store)
{
    struct outputs out, before;
    struct error err = { 0 };

    memset(&out, 0x5A, sizeof out);
    memcpy(&before, &out, sizeof out);
    assert_false(c->call(store, &out, &err));
    assert_true(err.code == ERR_UNAVAILABLE || (c->writes && err.code == ERR_UNKNOWN));
    assert_memory_equal(&out, &before, sizeof out);
}

/* Without a new handle, in a while. */
static void assert_recovers(const struct outage_case *c, struct user_store *store)
{
    const struct timespec pause = { .tv_nsec = RECOVERY_PAUSE_MS * 1000000L };
    struct outputs out;
    struct error err = { 0 };

    for (int tries = 0; tries < RECOVERY_TRIES; tries++) {
        if (c->call(store, &out, &err))
            return;
        nanosleep(&pause, NULL);
    }
    fail_msg("not recovered: %s", err.detail);
}

static void an_outage_is_told_and_passes(void **state)
{
    const struct outage_case *c = *state;
    const struct user_store_fixture *fixture = suite_fixture();
    AUTO(user_store) struct user_store *store = suite_begin();

    add_nth(store, 1);
    fixture->make_unreachable();
    assert_refused(c, store);
    fixture->make_reachable();
    assert_recovers(c, store);
}

static void an_unwritable_store_refuses_writes(void **state)
{
    const struct outage_case *c = *state;
    const struct user_store_fixture *fixture = suite_fixture();
    AUTO(user_store) struct user_store *store = suite_begin();

    add_nth(store, 1);
    fixture->make_unwritable();
    if (c->writes)
        assert_refused(c, store);
    fixture->make_writable();
    assert_recovers(c, store);
}

/* Probing is a write like any other, of any handle at any time, that nobody sees. */
static void a_probe_changes_nothing_that_is_seen(void **state)
{
    (void)state;
    AUTO(user_store) struct user_store *store = suite_begin();
    AUTO(user_store) struct user_store *other = suite_open();
    const struct account expected = nth_account(1);
    const struct session expected_session = nth_session(1);
    struct account account;
    struct session session;
    struct error err = { 0 };

    assert_true(user_store_probe(store, &err)); /* on an empty store, too */
    add_nth(store, 1);
    for (int i = 0; i < 3; i++)
        if (!user_store_probe(store, &err) || !user_store_probe(other, &err))
            fail_msg("probe: %s", err.detail);
    assert_true(find(store, "Name.1", &account));
    assert_same_account(&account, &expected);
    assert_true(read_session(store, 1, &session));
    assert_same_session(&session, &expected_session);
}

void add_outage_cases(struct tests *tests)
{
    ADD_TEST(tests, a_probe_changes_nothing_that_is_seen);
    ADD_ROWS(tests, an_outage_is_told_and_passes, outage_cases);
    ADD_ROWS(tests, an_unwritable_store_refuses_writes, outage_cases);
}
