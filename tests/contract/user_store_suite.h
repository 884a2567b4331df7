/* What user_store.h promises, as cases that every adapter passes.
 *
 * An adapter's test program describes itself in a fixture and runs user_store_suite(). */
#ifndef CONTRACT_USER_STORE_SUITE_H
#define CONTRACT_USER_STORE_SUITE_H

#include "unit/support/tests.h"

#include "store/user_store.h"
#include "users.h"

struct user_store_fixture {
    const char *name;
    /* Makes the one store of the suite empty; no handle is open. */
    void (*clear)(void);
    /* Another handle on it; NULL fails the case. */
    struct user_store *(*open)(struct error *err);
    /* From now on no write succeeds, reads may; and back. Handles stay open. */
    void (*make_unwritable)(void);
    void (*make_writable)(void);
    /* From now on nothing succeeds; and back. Handles stay open. */
    void (*make_unreachable)(void);
    void (*make_reachable)(void);
};

/* Runs all; returns the number of failed cases. */
int user_store_suite(const struct user_store_fixture *fixture);

/* --- For the parts of the suite. --- */

void add_user_cases(struct tests *tests);
void add_account_cases(struct tests *tests);
void add_admin_cases(struct tests *tests);
void add_listing_cases(struct tests *tests);
void add_session_cases(struct tests *tests);
void add_counter_cases(struct tests *tests);
void add_recovery_cases(struct tests *tests);
void add_audit_cases(struct tests *tests);
void add_sweep_cases(struct tests *tests);
void add_outage_cases(struct tests *tests);
void add_user_race_cases(struct tests *tests);

const struct user_store_fixture *suite_fixture(void);

/* An empty store and a handle on it; another handle. */
struct user_store *suite_begin(void);
struct user_store *suite_open(void);

/* The n-th id of its kind: the greater n, the greater the id. */
enum kind { A_USER = 1, A_SESSION, A_RECOVERY, A_CLAIM, AN_EVENT };
struct id nth_id(uint32_t n, enum kind kind);

/* The n-th account, session and digest: all different; the session is the n-th account's. The
 * account is an active admin, as it is after it was added: its revision is 1. */
struct account nth_account(uint32_t n);
struct session nth_session(uint32_t n);
struct digest nth_digest(uint32_t n);
/* From the n-th session's own digest to another; `older` is another, too. */
struct rotation rotation_of(uint32_t n, const struct digest *to);

/* Each must succeed. */
enum add_user_outcome add(struct user_store *store, const struct account *account);
bool find(struct user_store *store, const char *name, struct account *out);
bool get(struct user_store *store, const struct account *account, struct account *out);
enum put_account_outcome put(struct user_store *store, const struct account *from,
                             const struct account *to);
enum put_account_outcome delete_read(struct user_store *store, const struct account *from);
enum rotate_outcome rotate(struct user_store *store, const struct rotation *rotation);
/* The n-th account and its session. */
void add_nth(struct user_store *store, uint32_t n);
bool read_session(struct user_store *store, uint32_t n, struct session *out);

/* For use cases over the store; the keys are the caller's, key_ring_close(). */
struct users suite_users(struct user_store *store);

void assert_same_user(const struct user *actual, const struct user *expected);
void assert_same_account(const struct account *actual, const struct account *expected);
void assert_same_session(const struct session *actual, const struct session *expected);

#endif
