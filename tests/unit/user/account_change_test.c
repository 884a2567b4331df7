/* What a change makes of an account, and how it comes through beside others. */
#include "unit/user/accounts.h"

#include "account_change.h"
#include "base/log.h"

/* --- What a change is. --- */

static struct account some_account(void)
{
    return (struct account){ .user = { .username = "Alice",
                                       .first_name = "Alice",
                                       .last_name = "Liddell",
                                       .email = "alice@example.org",
                                       .phone = "+35799123456",
                                       .photo = "default.jpg",
                                       .role = ROLE_ADMIN,
                                       .active = true,
                                       .version = 7 },
                             .epoch = 3,
                             .revision = 9,
                             .reset = { .requested_at = 1, .expires_at = 2 } };
}

#define GIVEN(member) .given = { .member = true }

static const struct apply_case {
    const char *name;
    struct user_change change;
    bool changes, ends_sessions, drops_reset;
} apply_cases[] = {
    { "apply: nothing", { .username = "ignored", .active = false }, false, false, false },
    { "apply: the same text", { .last_name = "Liddell", GIVEN(last_name) }, false, false, false },
    { "apply: the same rights",
      { .role = ROLE_ADMIN, .active = true, .given = { .role = true, .active = true } },
      false,
      false,
      false },
    { "apply: username", { .username = "Bob", GIVEN(username) }, true, false, false },
    { "apply: another case", { .username = "alice", GIVEN(username) }, true, false, false },
    { "apply: first name", { .first_name = "A", GIVEN(first_name) }, true, false, false },
    { "apply: last name", { .last_name = "L", GIVEN(last_name) }, true, false, false },
    { "apply: phone", { .phone = "+1234567", GIVEN(phone) }, true, false, false },
    { "apply: photo", { .photo = "me.jpg", GIVEN(photo) }, true, false, false },
    { "apply: e-mail", { .email = "a@b", GIVEN(email) }, true, false, true },
    { "apply: role", { .role = ROLE_PLAYER, GIVEN(role) }, true, false, false },
    { "apply: inactive", { .active = false, GIVEN(active) }, true, true, false },
};

static void a_change_is_applied(void **state)
{
    const struct apply_case *c = *state;
    const struct account before = some_account();
    struct account after = before;

    assert_int_equal(account_apply(&after, &c->change), c->changes ? CHANGE_DONE : CHANGE_NONE);
    assert_int_equal(after.user.version, before.user.version + c->changes);
    assert_int_equal(after.epoch, before.epoch + c->ends_sessions);
    assert_int_equal(after.reset.expires_at, c->drops_reset ? 0 : before.reset.expires_at);
    assert_int_equal(after.revision, before.revision); /* the store's */
}

static void every_member_arrives(void **state)
{
    (void)state;
    struct account account = some_account();
    const struct user_change change = {
        .username = "Bob",
        .first_name = "Robert",
        .last_name = "Roe",
        .email = "bob@example.org",
        .phone = "+1234567",
        .photo = "bob.jpg",
        .role = ROLE_PLAYER,
        .active = false,
        .given = { true, true, true, true, true, true, true, true },
    };
    const struct user *user = &account.user;

    assert_int_equal(account_apply(&account, &change), CHANGE_DONE);
    assert_string_equal(user->username, "Bob");
    assert_string_equal(user->first_name, "Robert");
    assert_string_equal(user->last_name, "Roe");
    assert_string_equal(user->email, "bob@example.org");
    assert_string_equal(user->phone, "+1234567");
    assert_string_equal(user->photo, "bob.jpg");
    assert_int_equal(user->role, ROLE_PLAYER);
    assert_false(user->active);
    assert_int_equal(user->version, 8); /* one change, however much of it */
}

/* Who comes back does not find old sessions alive. */
static void becoming_active_again_brings_no_session_back(void **state)
{
    (void)state;
    struct account account = some_account();
    const struct user_change off = { .active = false, GIVEN(active) };
    const struct user_change on = { .active = true, GIVEN(active) };

    assert_int_equal(account_apply(&account, &off), CHANGE_DONE);
    assert_int_equal(account_apply(&account, &on), CHANGE_DONE);
    assert_int_equal(account.epoch, 4);
    assert_int_equal(account.user.version, 9);
}

/* --- The loop. --- */

static const struct user_change to_photo = { .photo = "new.jpg", GIVEN(photo) };

static bool edit(const struct users *users, void *context, struct account *account,
                 enum change_result *result, struct error *err)
{
    (void)users;
    (void)err;
    ++*(int *)context;
    *result = account_apply(account, &to_photo);
    return true;
}

static void a_change_is_decided_again_on_what_another_made(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    const struct user anna = add_user(&f, "anna", ROLE_PLAYER);
    struct account account = { .epoch = 0 };
    enum change_result result;
    struct error err = { 0 };
    int calls = 0;

    f.store.before_put = moves_on_once;
    assert_true(account_change(&f.users, &anna.id, edit, &calls, &account, &result, &err));
    assert_int_equal(result, CHANGE_DONE);
    assert_int_equal(calls, 2);
    const struct account now = account_now(&f, &anna.id);
    assert_string_equal(now.user.photo, "new.jpg");
    assert_int_equal(now.user.phone[1], '9'); /* the other's change is not lost */
    assert_int_equal(now.user.version, 2);
    assert_int_equal(account.user.version, 2);
}

static void who_is_never_first_is_told_to_come_again(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    const struct user anna = add_user(&f, "anna", ROLE_PLAYER);
    struct account account;
    enum change_result result;
    struct error err = { 0 };
    int calls = 0;

    f.store.before_put = moves_on;
    assert_false(account_change(&f.users, &anna.id, edit, &calls, &account, &result, &err));
    assert_int_equal(err.code, ERR_BUSY);
    assert_int_equal(calls, 16);
}

static void nothing_is_written_where_nothing_changes(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    const struct user anna = add_user(&f, "anna", ROLE_PLAYER);
    struct account account;
    enum change_result result;
    struct error err = { 0 };
    int calls = 0;

    assert_true(account_change(&f.users, &anna.id, edit, &calls, &account, &result, &err));
    fail_at(&f, 2, ERR_UNAVAILABLE); /* behind the read */
    assert_true(account_change(&f.users, &anna.id, edit, &calls, &account, &result, &err));
    assert_int_equal(result, CHANGE_NONE);
    assert_string_equal(account.user.photo, "new.jpg");
}

static void nobody_is_changed_who_is_not_there(void **state)
{
    (void)state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    const struct id nobody = { { 1 } };
    struct account account;
    enum change_result result;
    struct error err = { 0 };
    int calls = 0;

    assert_true(account_change(&f.users, &nobody, edit, &calls, &account, &result, &err));
    assert_int_equal(result, CHANGE_GONE);
    assert_true(account_delete(&f.users, &nobody, edit, &calls, &result, &err));
    assert_int_equal(result, CHANGE_GONE);
    assert_int_equal(calls, 0);
}

static bool edit_fails(const struct users *users, void *context, struct account *account,
                       enum change_result *result, struct error *err)
{
    (void)users;
    (void)context;
    (void)account;
    (void)result;
    return error_set(err, ERR_NO_MEMORY, 0, "told to fail");
}

static const struct failure_case {
    const char *name;
    unsigned call; /* 0: the edit */
    enum err code;
} failure_cases[] = {
    { "change: the read fails", 1, ERR_UNAVAILABLE },
    { "change: the write fails", 2, ERR_UNAVAILABLE },
    { "change: the write is unknown", 2, ERR_UNKNOWN },
    { "change: the edit fails", 0, ERR_NO_MEMORY },
};

static void a_failure_is_told_and_nothing_is_written(void **state)
{
    const struct failure_case *c = *state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    const struct user anna = add_user(&f, "anna", ROLE_PLAYER);
    account_edit *const which = c->call ? edit : edit_fails;
    struct account account;
    enum change_result result;
    struct error err = { 0 };
    int calls = 0;

    fail_at(&f, c->call, c->code);
    assert_false(account_change(&f.users, &anna.id, which, &calls, &account, &result, &err));
    assert_int_equal(err.code, c->code);
    fail_at(&f, c->call, c->code);
    assert_false(account_delete(&f.users, &anna.id, which, &calls, &result, &err));
    assert_int_equal(err.code, c->code);
    assert_string_equal(account_now(&f, &anna.id).user.photo, PHOTO_DEFAULT);
}

/* --- Audit. --- */

static const struct audit_case {
    const char *name;
    enum change_result result;
    const char *told;
} audit_cases[] = {
    { "audit: done", CHANGE_DONE, "user-change done, " },
    { "audit: nothing happened", CHANGE_NONE, "" },
    { "audit: nobody there", CHANGE_GONE, "" },
    { "audit: not expected", CHANGE_NOT_EXPECTED, "" },
    { "audit: name taken", CHANGE_NAME_TAKEN, "" },
    { "audit: the last admin", CHANGE_LAST_ADMIN, "user-change refused, " },
    { "audit: wrong password", CHANGE_WRONG_PASSWORD, "user-change refused, " },
    { "audit: throttled", CHANGE_THROTTLED, "" },
    { "audit: bad new password", CHANGE_PASSWORD_IS_NAME, "" },
};

static void what_happened_and_what_was_refused_is_told(void **state)
{
    const struct audit_case *c = *state;
    AUTO(fixture) struct fixture f;
    fixture_open(&f);
    const struct actor actor = { { { 1 } }, SOME_SOURCE };
    const struct id target = { { 2 } };
    const struct audit_query query = { .limit = 1 };
    struct audit_event event = { .has_actor = false };
    struct error err = { 0 };
    size_t count = 0;

    account_audit(&f.users, AUDIT_USER_CHANGE, &actor, &target, c->result);
    assert_string_equal(events_told(&f).text, c->told);
    assert_true(user_store_list_audit(f.store.real, &query, &event, &count, &err));
    if (count == 0)
        return;
    assert_true(event.has_actor && id_equal(&event.actor, &actor.user_id));
    assert_true(event.has_target && id_equal(&event.target, &target));
    assert_string_equal(event.source.text, actor.source.text);
    assert_int_equal(event.date, f.clock.now_ms);
}

int main(void)
{
    struct tests tests = { 0 };

    log_open("unit", LOG_ERROR);
    ADD_ROWS(&tests, a_change_is_applied, apply_cases);
    ADD_TEST(&tests, every_member_arrives);
    ADD_TEST(&tests, becoming_active_again_brings_no_session_back);
    ADD_TEST(&tests, a_change_is_decided_again_on_what_another_made);
    ADD_TEST(&tests, who_is_never_first_is_told_to_come_again);
    ADD_TEST(&tests, nothing_is_written_where_nothing_changes);
    ADD_TEST(&tests, nobody_is_changed_who_is_not_there);
    ADD_ROWS(&tests, a_failure_is_told_and_nothing_is_written, failure_cases);
    ADD_ROWS(&tests, what_happened_and_what_was_refused_is_told, audit_cases);
    return tests_run("account_change", &tests);
}
