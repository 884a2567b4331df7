/* What only this adapter has: statements that must stay on their indexes, a file of the version
 * before, rows that are not ours, and allocations that fail. */
#include "unit/support/tests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/user_tables_sqlite.h"
#include "unit/support/oom.h"
#include "unit/support/sqlite_memory.h"
#include "unit/support/sqlite_plan.h"

static char directory[] = "/tmp/users-XXXXXX";
static char path[sizeof directory + 16];

static struct user_store *open_store(void)
{
    struct error err = { 0 };
    struct user_store *store = user_store_sqlite_open(path, &system_clock, &err);

    if (!store)
        fail_msg("cannot open: %s", err.detail);
    return store;
}

static void close_and_remove(struct user_store *store)
{
    user_store_close(store); /* the last handle takes the log with it */
    assert_int_equal(unlink(path), 0);
}

/* On the file itself. */
static void run_sql(const char *sql)
{
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(db));
    sqlite3_close(db);
}

/* --- Indexes. --- */

static const struct plan_case {
    const char *name;
    enum user_statement statement;
    const char *uses;
} plan_cases[] = {
    { "plan: account by id", GET_ACCOUNT, "PRIMARY KEY (id=?)" },
    { "plan: account by a name", FIND_ACCOUNT, "MULTI-INDEX OR" },
    { "plan: put an account", PUT_ACCOUNT, "PRIMARY KEY (id=?)" },
    { "plan: delete an account", DELETE_ACCOUNT, "PRIMARY KEY (id=?)" },
    { "plan: end sessions of a user", END_SESSIONS_OF, "INDEX sessions_user (user_id=?)" },
    { "plan: is there an admin", HAS_ADMIN, "INDEX users_role (role=?)" },
    { "plan: list users", LIST_USERS, "PRIMARY KEY (id>?)" },
    { "plan: list a role", LIST_USERS_OF_ROLE, "INDEX users_role (role=? AND id>?)" },
    { "plan: list the active", LIST_USERS_BY_ACTIVE, "INDEX users_active (active=? AND id>?)" },
    { "plan: list a name", LIST_USERS_NAMED, "INDEX sqlite_autoindex_users_2 (username_key=?)" },
    { "plan: session and account", GET_SESSION, "SEARCH s USING PRIMARY KEY (id=?)" },
    { "plan: end a session as it was read", END_SESSION_AS_READ, "PRIMARY KEY (id=?)" },
    { "plan: counter", GET_COUNTER, "PRIMARY KEY (key=?)" },
    { "plan: put a counter", PUT_COUNTER, "PRIMARY KEY (key=?)" },
    { "plan: claim a recovery", CLAIM_RECOVERY, "INDEX recoveries_due (due_at<?)" },
    { "plan: list audit", LIST_AUDIT, "PRIMARY KEY ((date,id)<(?,?))" },
    { "plan: list audit of an actor", LIST_AUDIT_OF_USER,
      "INDEX audit_actor (actor=? AND (date,id)<(?,?))" },
    { "plan: list audit of a target", LIST_AUDIT_OF_USER,
      "INDEX audit_target (target=? AND (date,id)<(?,?))" },
    { "plan: sweep sessions", SWEEP_SESSIONS_TABLE, "INDEX sessions_expiry (expires_at<?)" },
    { "plan: sweep counters", SWEEP_COUNTERS_TABLE, "INDEX counters_expiry (expires_at<?)" },
    { "plan: sweep audit", SWEEP_AUDIT_TABLE, "PRIMARY KEY (date<?)" },
};

static void statement_goes_by_its_index(void **state)
{
    const struct plan_case *c = *state;
    struct user_store *store = open_store();

    assert_goes_by_index(path, user_tables.statements[c->statement], c->uses);
    close_and_remove(store);
}

/* --- The version before. --- */

/* What it writes: on a schema of its own, and on ours while a rolling update lasts. */
static const char version_3_adds_a_user[] =
    "INSERT INTO users (id, username, first_name, last_name, email, phone, photo, role, active,"
    " version, password, epoch, created_at, username_key, email_key)"
    " VALUES (zeroblob(12), 'Name', 'F', 'L', 'mail@x.org', '+1234567', 'p', 'admin', 1, 4, 'hash',"
    " 5, 6, 'name', 'mail@x.org');"
    "INSERT INTO sessions (id, user_id, epoch, current, parent, rotated_at, created_at, expires_at,"
    " older) VALUES (zeroblob(12), zeroblob(12), 5, zeroblob(32), zeroblob(32), 7, 8, 9, x'')";

enum { VERSION_3 = 3 };

static void make_file_of_version_3(void)
{
    struct sqlite_options options = user_tables;
    static const char *const statements[] = { version_3_adds_a_user };
    struct error err = { 0 };

    options.path = path;
    options.migration_count = VERSION_3;
    options.statements = statements;
    options.statement_count = 0;
    struct sqlite_pool *pool = sqlite_pool_open(&options, &err);
    if (!pool)
        fail_msg("cannot make it: %s", err.detail);
    sqlite_pool_close(pool);
    run_sql(version_3_adds_a_user);
}

/* It is a whole account: found, changed, the last admin, deleted with its session. */
static void assert_usable(struct user_store *store)
{
    const struct user_key key = user_key_of("Name");
    const struct digest none = { .bytes = { 0 } };
    struct account account, to;
    struct session session;
    struct error err = { 0 };
    enum put_account_outcome outcome;
    bool found = false;

    assert_true(user_store_find_account(store, &key, &account, &found, &err) && found);
    assert_int_equal(account.revision, 1);
    assert_int_equal(account.reset.expires_at, 0);
    assert_int_equal(account.reset.requested_at, 0);
    assert_memory_equal(account.reset.digest.bytes, none.bytes, DIGEST_BYTES);
    assert_true(user_store_delete_account(store, &account, &outcome, &err));
    assert_int_equal(outcome, ACCOUNT_LAST_ADMIN);

    to = account;
    to.user.version++;
    assert_true(user_store_put_account(store, &account, &to, &outcome, &err));
    assert_int_equal(outcome, ACCOUNT_PUT);
    assert_true(user_store_get_session(store, &account.user.id, &session, &to, &found, &err));
    assert_true(found);
    assert_int_equal(to.revision, 2);
}

static void a_file_of_the_version_before_is_taken_over(void **state)
{
    (void)state;
    make_file_of_version_3();
    struct user_store *store = open_store();

    assert_usable(store);
    close_and_remove(store);
}

static void the_version_before_writes_on_our_schema(void **state)
{
    (void)state;
    struct user_store *store = open_store();

    run_sql(version_3_adds_a_user);
    assert_usable(store);
    close_and_remove(store);
}

/* --- Rows that are not ours. --- */

static const char foreign_rows[] =
    "INSERT INTO users (id, username, first_name, last_name, email, phone, photo, role, active,"
    " version, password, epoch, created_at, username_key, email_key)"
    " VALUES (zeroblob(12), printf('%0500d', 1), '', '', '', '', '', 'admin', 1, 0, '', 0, 0, '',"
    " '');"
    "INSERT INTO recoveries VALUES (zeroblob(12), printf('%0500d', 1), 1, 1, 0, NULL);"
    "INSERT INTO audit VALUES (1, zeroblob(12), zeroblob(500), NULL, '', '', '')";

static void row_of_another_shape_is_a_bug_not_an_overflow(void **state)
{
    (void)state;
    struct user_store *store = open_store();
    const struct user_query users = { .limit = 1 };
    const struct audit_query events = { .limit = 1 };
    const struct id id = { .bytes = { 0 } };
    struct account account;
    struct user user;
    struct recovery recovery;
    struct audit_event event;
    struct error err[4] = { 0 };
    size_t count = 77;
    bool found = true;

    run_sql(foreign_rows);
    assert_false(user_store_get_account(store, &id, &account, &found, &err[0]));
    assert_false(user_store_list_users(store, &users, &user, &count, &err[1]));
    assert_false(user_store_claim_recovery(store, &id, 10, 20, &recovery, &found, &err[2]));
    assert_false(user_store_list_audit(store, &events, &event, &count, &err[3]));
    for (size_t i = 0; i < sizeof err / sizeof *err; i++)
        assert_int_equal(err[i].code, ERR_BUG);
    assert_true(found);
    assert_int_equal(count, 77);
    close_and_remove(store);
}

/* --- No memory. --- */

static void id_of(uint32_t n, struct id *id)
{
    memcpy(id->bytes, &n, sizeof n);
}

/* An admin beside the one who stays. */
static struct account nth_account(uint32_t n)
{
    struct account account = { .user = { .role = ROLE_ADMIN, .active = true }, .revision = 1 };

    id_of(n, &account.user.id);
    snprintf(account.user.username, sizeof account.user.username, "name%u", n);
    snprintf(account.user.email, sizeof account.user.email, "mail%u@x.org", n);
    return account;
}

static bool live_with_an_account(struct user_store *store, uint32_t n, struct error *err)
{
    struct account account = nth_account(n), to = account, read;
    struct session session = { .user_id = account.user.id, .expires_at = 2 };
    struct user user;
    const struct user_query of_name = { .by_username = true,
                                        .username = user_key_of(account.user.username),
                                        .limit = 1 };
    enum add_user_outcome added;
    enum put_account_outcome outcome;
    size_t count;
    bool found;

    id_of(n, &session.id);
    snprintf(to.user.username, sizeof to.user.username, "other%u", n);
    return user_store_add_user(store, &account, &added, err) &&
           user_store_add_session(store, &session, err) &&
           user_store_get_session(store, &session.id, &session, &read, &found, err) &&
           user_store_put_account(store, &account, &to, &outcome, err) &&
           user_store_find_account(store, &of_name.username, &read, &found, err) &&
           user_store_list_users(store, &of_name, &user, &count, err) &&
           user_store_has_admin(store, &found, err) &&
           user_store_get_account(store, &account.user.id, &read, &found, err) &&
           user_store_delete_account(store, &read, &outcome, err);
}

static bool live_with_the_rest(struct user_store *store, uint32_t n, struct error *err)
{
    struct digest key = { .bytes = { 0 } };
    const struct counter none = { 0 }, to = { .count = 1, .expires_at = 2 };
    struct counter counter;
    struct recovery recovery = { .email = "mail@x.org" };
    struct audit_event event = { .date = 1, .has_actor = true };
    struct audit_query events = { .by_user = true, .limit = 1 };
    size_t count;
    bool found;

    memcpy(key.bytes, &n, sizeof n);
    id_of(n, &recovery.id);
    id_of(n, &event.id);
    id_of(n, &event.actor);
    id_of(n, &events.user);
    return user_store_put_counter(store, &key, &none, &to, &found, err) &&
           user_store_get_counter(store, &key, &counter, err) &&
           user_store_delete_counter(store, &key, err) &&
           user_store_add_recovery(store, &recovery, err) &&
           user_store_claim_recovery(store, &event.id, 1, 2, &recovery, &found, err) &&
           user_store_postpone_recovery(store, &recovery.id, &event.id, 1, err) &&
           user_store_delete_recovery(store, &recovery.id, &event.id, err) &&
           user_store_add_audit(store, &event, err) &&
           user_store_list_audit(store, &events, &event, &count, err) &&
           user_store_sweep(store, SWEEP_AUDIT, 2, 10, &count, err);
}

/* Whatever fails, it is for no memory, and then all is well again. */
static bool survives(struct user_store *store, unsigned n,
                     bool (*live)(struct user_store *store, uint32_t n, struct error *err))
{
    struct error err = { 0 };

    oom_fail_at(n);
    const bool lived = live(store, n, &err);
    const bool failed = oom_stop();
    if (!lived && err.code != ERR_NO_MEMORY && err.code != ERR_UNKNOWN)
        fail_msg("%s: %s", error_name(err.code), err.detail);
    err = (struct error){ 0 };
    if (!live(store, 1000000 + n, &err))
        fail_msg("%s", err.detail);
    return failed;
}

static const struct life {
    const char *name;
    bool (*live)(struct user_store *store, uint32_t n, struct error *err);
} lives[] = {
    { "no memory: an account's life", live_with_an_account },
    { "no memory: all else", live_with_the_rest },
};

/* Warm: how connections open is the pool's, whose own tests walk that. */
static void each_call_survives_any_failed_allocation(void **state)
{
    const struct life *c = *state;
    struct user_store *store = open_store();
    const struct account stays = nth_account(0);
    struct error err = { 0 };
    enum add_user_outcome outcome;
    unsigned n = 1;

    assert_true(user_store_add_user(store, &stays, &outcome, &err));
    assert_true(c->live(store, 2000000, &err));
    while (survives(store, n, c->live))
        n++;
    assert_true(n > 10);
    close_and_remove(store);
}

int main(void)
{
    struct tests tests = { 0 };

    sqlite_memory_by_malloc();
    if (!mkdtemp(directory))
        return 1;
    snprintf(path, sizeof path, "%s/users.db", directory);
    ADD_ROWS(&tests, statement_goes_by_its_index, plan_cases);
    ADD_TEST(&tests, a_file_of_the_version_before_is_taken_over);
    ADD_TEST(&tests, the_version_before_writes_on_our_schema);
    ADD_TEST(&tests, row_of_another_shape_is_a_bug_not_an_overflow);
    ADD_ROWS(&tests, each_call_survives_any_failed_allocation, lives);
    int failed = tests_run("user_store_sqlite", &tests);
    rmdir(directory);
    return failed;
}
