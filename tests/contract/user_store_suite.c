/* The suite's frame and what its cases share. */
#include "contract/user_store_suite.h"

#include <stdio.h>
#include <string.h>

static const struct user_store_fixture *current;

const struct user_store_fixture *suite_fixture(void)
{
    return current;
}

int user_store_suite(const struct user_store_fixture *fixture)
{
    struct tests tests = { 0 };

    current = fixture;
    add_user_cases(&tests);
    add_account_cases(&tests);
    add_admin_cases(&tests);
    add_listing_cases(&tests);
    add_session_cases(&tests);
    add_counter_cases(&tests);
    add_recovery_cases(&tests);
    add_audit_cases(&tests);
    add_sweep_cases(&tests);
    add_outage_cases(&tests);
    add_user_race_cases(&tests);
    return tests_run(fixture->name, &tests);
}

struct user_store *suite_open(void)
{
    struct error err = { 0 };
    struct user_store *store = current->open(&err);

    if (!store)
        fail_msg("cannot open: %s", err.detail);
    return store;
}

struct user_store *suite_begin(void)
{
    current->clear();
    return suite_open();
}

/* --- Things to store. --- */

struct id nth_id(uint32_t n, enum kind kind)
{
    struct id id = { .bytes = { (uint8_t)kind } };

    for (int i = 0; i < 4; i++)
        id.bytes[ID_BYTES - 1 - i] = (uint8_t)(n >> 8 * i);
    return id;
}

struct digest nth_digest(uint32_t n)
{
    struct digest digest = { .bytes = { 0xA5 } };

    memcpy(digest.bytes + DIGEST_BYTES - sizeof n, &n, sizeof n);
    return digest;
}

/* No member is like another, and none has its default. */
struct account nth_account(uint32_t n)
{
    struct account account = {
        .user = { .id = nth_id(n, A_USER),
                  .first_name = "Ødger \xF0\x9F\x98\x80",
                  .last_name = "O'Neil",
                  .phone = "+35799123456",
                  .photo = "face.jpg",
                  .role = ROLE_ADMIN,
                  .active = true,
                  .version = 7 },
        .password = { "$argon2id$…" },
        .epoch = 3,
        .revision = 1,
        .reset = { .digest = nth_digest(10000 + n),
                   .requested_at = INT64_C(1800000000004) + n,
                   .expires_at = INT64_C(1800000000005) + n },
        .created_at = INT64_C(1800000000000) + n,
    };

    snprintf(account.user.username, sizeof account.user.username, "Name.%u", n);
    snprintf(account.user.email, sizeof account.user.email, "Mail%u@Example.org", n);
    return account;
}

static void fill_older(struct used_token older[USED_TOKENS_KEPT - 1], uint32_t n)
{
    for (uint32_t i = 0; i < USED_TOKENS_KEPT - 1; i++)
        older[i] = (struct used_token){ nth_digest(n + i), INT64_C(1700000000000) + n + i };
}

struct session nth_session(uint32_t n)
{
    struct session session = {
        .id = nth_id(n, A_SESSION),
        .user_id = nth_id(n, A_USER),
        .epoch = 3,
        .current = nth_digest(2 * n),
        .parent = nth_digest(2 * n + 1),
        .rotated_at = INT64_C(1800000000001) + n,
        .created_at = INT64_C(1800000000002) + n,
        .expires_at = INT64_C(1800000000003) + n,
    };

    fill_older(session.older, 100 * n);
    return session;
}

struct rotation rotation_of(uint32_t n, const struct digest *to)
{
    const struct session session = nth_session(n);

    struct rotation rotation = { .session_id = session.id,
                                 .from = session.current,
                                 .to = *to,
                                 .rotated_at = INT64_C(1900000000000),
                                 .expires_at = INT64_C(1900000000001) };

    fill_older(rotation.older, 100 * n + 50);
    return rotation;
}

struct users suite_users(struct user_store *store)
{
    static const char secret[] = "contract tests sign with 5b0e77aa41c9d286";
    const struct key_source source = { .secret = secret };
    struct error err = { 0 };
    const struct users users = {
        .store = store,
        .clock = &system_clock,
        .random = &system_random,
        .keys = key_ring_open(&source, &err),
        .token_rules = { .issuer = "arch.homework", .audience = "arch.homework", .ttl_s = 3600 },
        .refresh_key = refresh_key_of(secret, sizeof secret - 1),
        .refresh_ttl_ms = (int64_t)14 * DAY_MS,
    };

    if (!users.keys)
        fail_msg("keys: %s", err.detail);
    return users;
}

/* --- Calls that must succeed. --- */

enum add_user_outcome add(struct user_store *store, const struct account *account)
{
    struct error err = { 0 };
    enum add_user_outcome outcome;

    if (!user_store_add_user(store, account, &outcome, &err))
        fail_msg("add_user: %s", err.detail);
    return outcome;
}

bool find(struct user_store *store, const char *name, struct account *out)
{
    const struct user_key key = user_key_of(name);
    struct error err = { 0 };
    bool found = false;

    if (!user_store_find_account(store, &key, out, &found, &err))
        fail_msg("find_account: %s", err.detail);
    return found;
}

bool get(struct user_store *store, const struct account *account, struct account *out)
{
    struct error err = { 0 };
    bool found = false;

    if (!user_store_get_account(store, &account->user.id, out, &found, &err))
        fail_msg("get_account: %s", err.detail);
    return found;
}

enum put_account_outcome put(struct user_store *store, const struct account *from,
                             const struct account *to)
{
    struct error err = { 0 };
    enum put_account_outcome outcome;

    if (!user_store_put_account(store, from, to, &outcome, &err))
        fail_msg("put_account: %s", err.detail);
    return outcome;
}

enum put_account_outcome delete_read(struct user_store *store, const struct account *from)
{
    struct error err = { 0 };
    enum put_account_outcome outcome;

    if (!user_store_delete_account(store, from, &outcome, &err))
        fail_msg("delete_account: %s", err.detail);
    return outcome;
}

enum rotate_outcome rotate(struct user_store *store, const struct rotation *rotation)
{
    struct error err = { 0 };
    enum rotate_outcome outcome;

    if (!user_store_rotate_session(store, rotation, &outcome, &err))
        fail_msg("rotate_session: %s", err.detail);
    return outcome;
}

void add_nth(struct user_store *store, uint32_t n)
{
    const struct account account = nth_account(n);
    const struct session session = nth_session(n);
    struct error err = { 0 };

    assert_int_equal(add(store, &account), USER_ADDED);
    if (!user_store_add_session(store, &session, &err))
        fail_msg("add_session: %s", err.detail);
}

bool read_session(struct user_store *store, uint32_t n, struct session *out)
{
    const struct session session = nth_session(n);
    struct account account;
    struct error err = { 0 };
    bool found = false;

    if (!user_store_get_session(store, &session.id, out, &account, &found, &err))
        fail_msg("get_session: %s", err.detail);
    return found;
}

/* --- Comparing. --- */

void assert_same_user(const struct user *a, const struct user *e)
{
    assert_memory_equal(a->id.bytes, e->id.bytes, ID_BYTES);
    assert_string_equal(a->username, e->username);
    assert_string_equal(a->first_name, e->first_name);
    assert_string_equal(a->last_name, e->last_name);
    assert_string_equal(a->email, e->email);
    assert_string_equal(a->phone, e->phone);
    assert_string_equal(a->photo, e->photo);
    assert_int_equal(a->role, e->role);
    assert_int_equal(a->active, e->active);
    assert_int_equal(a->version, e->version);
}

void assert_same_account(const struct account *actual, const struct account *expected)
{
    assert_same_user(&actual->user, &expected->user);
    assert_string_equal(actual->password.text, expected->password.text);
    assert_int_equal(actual->epoch, expected->epoch);
    assert_int_equal(actual->revision, expected->revision);
    assert_memory_equal(actual->reset.digest.bytes, expected->reset.digest.bytes, DIGEST_BYTES);
    assert_int_equal(actual->reset.requested_at, expected->reset.requested_at);
    assert_int_equal(actual->reset.expires_at, expected->reset.expires_at);
    assert_int_equal(actual->created_at, expected->created_at);
}

void assert_same_session(const struct session *actual, const struct session *expected)
{
    assert_memory_equal(actual->id.bytes, expected->id.bytes, ID_BYTES);
    assert_memory_equal(actual->user_id.bytes, expected->user_id.bytes, ID_BYTES);
    assert_int_equal(actual->epoch, expected->epoch);
    assert_memory_equal(actual->current.bytes, expected->current.bytes, DIGEST_BYTES);
    assert_memory_equal(actual->parent.bytes, expected->parent.bytes, DIGEST_BYTES);
    assert_int_equal(actual->rotated_at, expected->rotated_at);
    assert_int_equal(actual->created_at, expected->created_at);
    assert_int_equal(actual->expires_at, expected->expires_at);
    for (size_t i = 0; i < USED_TOKENS_KEPT - 1; i++) {
        const struct used_token *a = &actual->older[i], *e = &expected->older[i];
        assert_memory_equal(a->digest.bytes, e->digest.bytes, DIGEST_BYTES);
        assert_int_equal(a->used_at, e->used_at);
    }
}
