/* The use cases over a real SQLite file, with a clock that tests turn and a store that can be told
 * to fail. */
#ifndef UNIT_USER_FIXTURE_H
#define UNIT_USER_FIXTURE_H

#include "unit/support/tests.h"

#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "account.h"
#include "login.h"
#include "session.h"
#include "unit/user/faulty_store.h"

#define T0 INT64_C(1800000000000) /* a moment, on a full second */

struct turned_clock {
    struct clock base;
    int64_t now_ms;
};

static inline int64_t turned_now(const struct clock *clock)
{
    return ((const struct turned_clock *)clock)->now_ms;
}

struct fixture {
    char directory[32], path[48];
    struct turned_clock clock;
    struct faulty_store store;
    struct users users;
};

/* Fails the n-th store call from now on. */
static inline void fail_at(struct fixture *fixture, unsigned n, enum err code)
{
    fixture->store.calls = 0;
    fixture->store.fail_at = n;
    fixture->store.code = code;
}

#define FIXTURE_SECRET "unit tests sign with 8f2c61d07be94a35"

static inline void fixture_open(struct fixture *f)
{
    const struct key_source keys = { .secret = FIXTURE_SECRET };
    const struct password_cost cost = { .memory_kib = 8, .passes = 1 }; /* tests hash often */
    const struct refresh_key refresh_key =
        refresh_key_of(FIXTURE_SECRET, sizeof FIXTURE_SECRET - 1);
    struct error err = { 0 };

    *f = (struct fixture){ .directory = "/tmp/user-unit-XXXXXX",
                           .clock = { { turned_now, turned_now }, T0 } };
    assert_true(sodium_init() >= 0);
    assert_non_null(mkdtemp(f->directory));
    snprintf(f->path, sizeof f->path, "%s/db", f->directory);
    f->store.base.functions = faulty_functions();
    f->store.real = user_store_sqlite_open(f->path, &f->clock.base, &err);
    f->users = (struct users){
        .store = &f->store.base,
        .clock = &f->clock.base,
        .random = &system_random,
        .keys = key_ring_open(&keys, &err),
        .token_rules = { .issuer = "arch.homework", .audience = "arch.homework", .ttl_s = 3600 },
        .refresh_key = refresh_key,
        .reset_key = reset_key_of(&refresh_key),
        .refresh_ttl_ms = (int64_t)14 * DAY_MS,
        .password_cost = cost,
        .dummy = password_dummy(&cost, &system_random),
        .throttle = throttle_of(&refresh_key, true),
    };
    if (!f->store.real || !f->users.keys)
        fail_msg("fixture: %s", err.detail);
}

static inline void fixture_close(struct fixture *f)
{
    static const char *const suffixes[] = { "", "-wal", "-shm" };

    user_store_close(f->store.real);
    key_ring_close(f->users.keys);
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        char file[sizeof f->path + 8];
        snprintf(file, sizeof file, "%s%s", f->path, suffixes[i]);
        unlink(file);
    }
    rmdir(f->directory);
}

/* AUTO(fixture) struct fixture f; fixture_open(&f); */
static inline void auto_fixture(struct fixture *f)
{
    fixture_close(f);
}

static const struct source fixture_source __attribute__((unused)) = { "203.0.113.9" };

#define ALICE_PASSWORD "correct horse battery"

static inline struct signup signup_request(const char *username, const char *email)
{
    struct signup signup = { .wanted = { .first_name = "Alice",
                                         .last_name = "Liddell",
                                         .phone = "+35799123456",
                                         .password = ALICE_PASSWORD } };

    signup.source = fixture_source;
    strcpy(signup.wanted.username, username);
    strcpy(signup.wanted.email, email);
    return signup;
}

/* Alice signs up; the caller gives the pair back by token_pair_done(). */
static inline struct signup alice_signs_up(struct fixture *f)
{
    struct signup alice = signup_request("Alice", "alice@example.org");
    struct error err = { 0 };

    if (!signup(&f->users, &alice, &err))
        fail_msg("signup: %s", err.detail);
    assert_int_equal(alice.result, SIGNUP_DONE);
    return alice;
}

/* A login, a refresh: each must not fail. */
static inline struct login try_login(struct fixture *f, const char *name, const char *password)
{
    struct login request = { 0 };
    struct error err = { 0 };

    request.source = fixture_source;
    strcpy(request.name, name);
    strcpy(request.password, password);
    if (!login(&f->users, &request, &err))
        fail_msg("login: %s", err.detail);
    return request;
}

static inline struct refresh try_refresh(struct fixture *f, const struct refresh_text *token)
{
    struct refresh request = { .token = *token, .source = fixture_source };
    struct error err = { 0 };

    if (!refresh(&f->users, &request, &err))
        fail_msg("refresh: %s", err.detail);
    return request;
}

/* Refreshes and gives back the result; the pair's token goes to `token`. */
static inline enum refresh_result refreshed(struct fixture *f, struct refresh_text *token)
{
    struct refresh done = try_refresh(f, token);
    const enum refresh_result result = done.result;

    *token = done.pair.refresh;
    token_pair_done(&done.pair);
    return result;
}

/* What an access token says; it must be valid. */
static inline struct caller caller_of(struct fixture *f, const struct token_pair *pair)
{
    AUTO(key_set) const struct key_set *keys = key_ring_take(f->users.keys);
    struct caller caller;

    assert_int_equal(token_verify(keys, &f->users.token_rules, f->clock.now_ms / SECOND_MS,
                                  pair->access.data, pair->access.length, &caller, NULL),
                     TOKEN_VALID);
    return caller;
}

/* Must not fail: gives back whether the session lives. */
static inline bool is_allowed(struct fixture *f, struct caller caller)
{
    struct error err = { 0 };
    bool allowed = false;

    if (!session_authorize(&f->users, &caller, &allowed, &err))
        fail_msg("authorize: %s", err.detail);
    return allowed;
}

/* --- The audit log. --- */

enum { EVENTS_MAX = 64 };

static inline size_t list_events(struct fixture *f, struct audit_event events[EVENTS_MAX])
{
    const struct audit_query newest_first = { .limit = EVENTS_MAX };
    struct error err = { 0 };
    size_t count = 0;

    if (!user_store_list_audit(f->store.real, &newest_first, events, &count, &err))
        fail_msg("list_audit: %s", err.detail);
    return count;
}

static inline size_t events_of(struct fixture *f)
{
    struct audit_event events[EVENTS_MAX];

    return list_events(f, events);
}

/* Ids: NULL for none. */
static inline void assert_last_event(struct fixture *f, const char *action, const char *outcome,
                                     const struct id *actor, const struct id *target)
{
    struct audit_event events[EVENTS_MAX];

    assert_true(list_events(f, events) > 0);
    assert_string_equal(events[0].action, action);
    assert_string_equal(events[0].outcome, outcome);
    assert_string_equal(events[0].source.text, fixture_source.text);
    assert_int_equal(events[0].has_actor, actor != NULL);
    assert_int_equal(events[0].has_target, target != NULL);
    assert_true(!actor || id_equal(&events[0].actor, actor));
    assert_true(!target || id_equal(&events[0].target, target));
}

/* Statements on the file itself, as another replica might run them. */
static inline void run_sql(struct fixture *f, const char *sql)
{
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(db));
    sqlite3_close(db);
}

#endif
