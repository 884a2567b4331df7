/* What order_store.h promises, as cases that every adapter passes.
 *
 * An adapter's test program describes itself in a fixture and runs order_store_suite(). Times are
 * the cases' own: leases and dates are turned by hand, no case waits for a clock. */
#ifndef CONTRACT_ORDER_STORE_SUITE_H
#define CONTRACT_ORDER_STORE_SUITE_H

#include "unit/support/tests.h"

#include "store/order_store.h"

struct order_store_fixture {
    const char *name;
    /* Makes the one store of the suite empty; no handle is open. */
    void (*clear)(void);
    /* Another handle on it; NULL fails the case. */
    struct order_store *(*open)(struct error *err);
    /* From now on no write succeeds, reads may; and back. Handles stay open. */
    void (*make_unavailable)(void);
    void (*make_available)(void);
    bool units_are_atomic; /* rollback leaves nothing, a unit without a write is no flush */
    bool opens_after_fork; /* a child may open a handle when its parent has none */
};

/* Runs all; returns the number of failed cases. */
int order_store_suite(const struct order_store_fixture *fixture);

/* --- For the parts of the suite. --- */

#define T0 INT64_C(1800000000000) /* a moment; the cases count from here */

void add_intake_cases(struct tests *tests);
void add_reading_cases(struct tests *tests);
void add_outbox_cases(struct tests *tests);
void add_race_cases(struct tests *tests);

const struct order_store_fixture *suite_fixture(void);

/* An empty store and a handle on it; another handle; the end of a case. */
struct order_store *suite_begin(void);
struct order_store *suite_open(void);
void suite_end(struct order_store *store);
/* Until it takes writes again, without being opened anew. */
void suite_await_recovery(struct order_store *store);

/* The n-th id, user, order, record: all different, created at T0 + n, due at once. */
struct id nth_id(uint32_t n);
struct order nth_order(uint32_t n);
struct record nth_record(uint32_t n);

/* One unit each; `outcomes` may be NULL: then all must be WRITE_OK. False: commit refused. */
bool try_add(struct order_store *store, const struct record records[], const struct order orders[],
             size_t count, enum write_outcome outcomes[], struct error *err);
void add_records(struct order_store *store, const struct record records[], size_t count);
void add_orders(struct order_store *store, const struct order orders[], size_t count);

/* Reads one; false: not there. */
bool read_record(struct order_store *store, const struct id *id, struct record *out);
bool read_order(struct order_store *store, const struct id *id, struct order *out);

void assert_same_order(const struct order *actual, const struct order *expected);
void assert_same_record(const struct record *actual, const struct record *expected);

#endif
