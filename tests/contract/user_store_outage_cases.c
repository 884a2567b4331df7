/* A store that is away: every call says so, changes no output, and works again once it is back. */
#include "contract/user_store_suite.h"

#include <string.h>
#include <time.h>

enum { RECOVERY_TRIES = 500, RECOVERY_PAUSE_MS = 20 };

struct outputs {
    enum add_user_outcome added;
    enum put_account_outcome put;
    enum rotate_outcome rotated;
    bool found;
    size_t count;
    struct account account;
    struct session session;
    struct user user;
    struct counter counter;
    struct recovery recovery;
    struct audit_event event;
};

/* What the calls find: the first two accounts and sessions, the first counter, a recovery that the
 * first claim has and one that is due, an event. */
static void fill(struct user_store *store)
{
    const struct digest key = nth_digest(1);
    const struct counter none = { 0 }, counter = { .count = 1 };
    const struct recovery claimed = { .id = nth_id(1, A_RECOVERY) };
    const struct recovery due = { .id = nth_id(2, A_RECOVERY), .due_at = 1 };
    const struct id claim = nth_id(1, A_CLAIM);
    const struct audit_event event = { .id = nth_id(1, AN_EVENT) };
    struct outputs out;
    struct error err = { 0 };

    add_nth(store, 1);
    add_nth(store, 2);
    if (!user_store_put_counter(store, &key, &none, &counter, &out.found, &err) ||
        !user_store_add_recovery(store, &claimed, &err) ||
        !user_store_claim_recovery(store, &claim, 0, 10, &out.recovery, &out.found, &err) ||
        !user_store_add_recovery(store, &due, &err) || !user_store_add_audit(store, &event, &err))
        fail_msg("fill: %s", err.detail);
}

static bool call_add_user(struct user_store *store, struct outputs *out, struct error *err)
{
    const struct account account = nth_account(3);

    return user_store_add_user(store, &account, &out->added, err);
}

static bool call_put_account(struct user_store *store, struct outputs *out, struct error *err)
{
    const struct account from = nth_account(1);
    struct account to = from;

    strcpy(to.user.username, "Other");
    return user_store_put_account(store, &from, &to, &out->put, err);
}

static bool call_delete_account(struct user_store *store, struct outputs *out, struct error *err)
{
    const struct account from = nth_account(1);

    return user_store_delete_account(store, &from, &out->put, err);
}

static bool call_add_session(struct user_store *store, struct outputs *out, struct error *err)
{
    const struct session session = nth_session(3);

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

static bool call_end_session_as_read(struct user_store *store, struct outputs *out,
                                     struct error *err)
{
    const struct session session = nth_session(1);

    return user_store_end_session_as_read(store, &session, &out->found, err);
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

static bool call_list_users(struct user_store *store, struct outputs *out, struct error *err)
{
    const struct user_query query = { .limit = 1 };

    return user_store_list_users(store, &query, &out->user, &out->count, err);
}

static bool call_has_admin(struct user_store *store, struct outputs *out, struct error *err)
{
    return user_store_has_admin(store, &out->found, err);
}

static bool call_get_counter(struct user_store *store, struct outputs *out, struct error *err)
{
    const struct digest key = nth_digest(1);

    return user_store_get_counter(store, &key, &out->counter, err);
}

static bool call_put_counter(struct user_store *store, struct outputs *out, struct error *err)
{
    const struct digest key = nth_digest(2);
    const struct counter none = { 0 }, to = { .count = 1 };

    return user_store_put_counter(store, &key, &none, &to, &out->found, err);
}

static bool call_delete_counter(struct user_store *store, struct outputs *out, struct error *err)
{
    const struct digest key = nth_digest(1);

    (void)out;
    return user_store_delete_counter(store, &key, err);
}

static bool call_add_recovery(struct user_store *store, struct outputs *out, struct error *err)
{
    const struct recovery recovery = { .id = nth_id(3, A_RECOVERY) };

    (void)out;
    return user_store_add_recovery(store, &recovery, err);
}

static bool call_claim_recovery(struct user_store *store, struct outputs *out, struct error *err)
{
    const struct id claim = nth_id(2, A_CLAIM);

    return user_store_claim_recovery(store, &claim, 1, 10, &out->recovery, &out->found, err);
}

static bool call_postpone_recovery(struct user_store *store, struct outputs *out, struct error *err)
{
    const struct id id = nth_id(1, A_RECOVERY), claim = nth_id(1, A_CLAIM);

    (void)out;
    return user_store_postpone_recovery(store, &id, &claim, 20, err);
}

static bool call_delete_recovery(struct user_store *store, struct outputs *out, struct error *err)
{
    const struct id id = nth_id(1, A_RECOVERY), claim = nth_id(1, A_CLAIM);

    (void)out;
    return user_store_delete_recovery(store, &id, &claim, err);
}

static bool call_add_audit(struct user_store *store, struct outputs *out, struct error *err)
{
    const struct audit_event event = { .id = nth_id(2, AN_EVENT) };

    (void)out;
    return user_store_add_audit(store, &event, err);
}

static bool call_list_audit(struct user_store *store, struct outputs *out, struct error *err)
{
    const struct audit_query query = { .limit = 1 };

    return user_store_list_audit(store, &query, &out->event, &out->count, err);
}

static bool call_sweep_sessions(struct user_store *store, struct outputs *out, struct error *err)
{
    return user_store_sweep(store, SWEEP_SESSIONS, INT64_MAX, 9, &out->count, err);
}

static bool call_sweep_counters(struct user_store *store, struct outputs *out, struct error *err)
{
    return user_store_sweep(store, SWEEP_COUNTERS, INT64_MAX, 9, &out->count, err);
}

static bool call_sweep_audit(struct user_store *store, struct outputs *out, struct error *err)
{
    return user_store_sweep(store, SWEEP_AUDIT, INT64_MAX, 9, &out->count, err);
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
    { "outage: put_account", call_put_account, true },
    { "outage: delete_account", call_delete_account, true },
    { "outage: add_session", call_add_session, true },
    { "outage: rotate_session", call_rotate_session, true },
    { "outage: end_session", call_end_session, true },
    { "outage: end_session_as_read", call_end_session_as_read, true },
    { "outage: put_counter", call_put_counter, true },
    { "outage: delete_counter", call_delete_counter, true },
    { "outage: add_recovery", call_add_recovery, true },
    { "outage: claim_recovery", call_claim_recovery, true },
    { "outage: postpone_recovery", call_postpone_recovery, true },
    { "outage: delete_recovery", call_delete_recovery, true },
    { "outage: add_audit", call_add_audit, true },
    { "outage: sweep sessions", call_sweep_sessions, true },
    { "outage: sweep counters", call_sweep_counters, true },
    { "outage: sweep audit", call_sweep_audit, true },
    { "outage: probe", call_probe, true },
    { "outage: get_account", call_get_account, false },
    { "outage: find_account", call_find_account, false },
    { "outage: get_session", call_get_session, false },
    { "outage: list_users", call_list_users, false },
    { "outage: has_admin", call_has_admin, false },
    { "outage: get_counter", call_get_counter, false },
    { "outage: list_audit", call_list_audit, false },
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

    fill(store);
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

    fill(store);
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
