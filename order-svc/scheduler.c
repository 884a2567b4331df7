/* The scheduler's protocol: claim, complete, publish, confirm, purge.
 *
 * Each claimed record carries a fate through the steps. Nothing is published but orders known to be
 * stored; nothing is confirmed but what the broker acknowledged; no record is done but one whose
 * order is known to be `processing`. Whatever fails on the way is released, or comes back by itself
 * when its lease ends, and every step may be repeated. */
#include "scheduler.h"

#include <assert.h>
#include <stdlib.h>

#include "base/backoff.h"
#include "base/date.h"
#include "base/test_point.h"
#include "scheduler_metrics.h"

enum {
    /* First pause before a released record is tried again; doubled with each attempt, jittered. */
    BACKOFF_MIN_MS = 500,
    /* The longest: a backlog drains at most this long after the broker is back. */
    BACKOFF_MAX_MS = 30 * SECOND_MS,
};

enum fate {
    FATE_UNDECIDED,
    FATE_PUBLISH, /* its order is stored and new */
    FATE_CONFIRM, /* its order is processing, or its event was acknowledged just now */
    FATE_CLOSE,   /* its order is known to be processing: the record may be done */
    FATE_RELEASE, /* another time */
    FATE_PARK,    /* the broker refuses this very event */
};

struct claimed {
    struct record record;
    struct order order;
    enum fate fate;
};

struct scheduler {
    struct scheduler_options options;
    struct order_store *store;
    struct publisher *publisher;
    const struct clock *clock;
    const struct random *random;
    struct scheduler_metrics counts;

    /* The batch under way, and room for what the ports want side by side. */
    struct id owner;
    int64_t lease_ends_ms; /* monotonic */
    size_t count;
    struct claimed claimed[ORDER_UNIT_MAX];
    struct record records[ORDER_UNIT_MAX];
    struct {
        struct claimed *members[ORDER_UNIT_MAX];
        struct id ids[ORDER_UNIT_MAX];
        struct order orders[ORDER_UNIT_MAX];
        struct order_event events[ORDER_UNIT_MAX];
        int64_t due_at[ORDER_UNIT_MAX];
        bool flags[ORDER_UNIT_MAX];
        enum write_outcome writes[ORDER_UNIT_MAX];
        enum publish_outcome reports[ORDER_UNIT_MAX];
    } selected;
};

static size_t select_fate(struct scheduler *s, enum fate fate)
{
    size_t count = 0;
    for (size_t i = 0; i < s->count; i++) {
        if (s->claimed[i].fate != fate)
            continue;
        s->selected.members[count] = &s->claimed[i];
        s->selected.ids[count++] = s->claimed[i].record.order_id;
    }
    return count;
}

/* ---- claim ---- */

static bool claim(struct scheduler *s, struct error *err)
{
    /* Unique to this claim, not to this replica: one that comes back late finds itself a stranger.
     */
    s->owner = id_random(s->random);
    s->count = 0;
    s->lease_ends_ms = clock_monotonic_ms(s->clock) + s->options.lease_ms;

    int64_t now = order_store_now(s->store);
    TEST_POINT("relay.claim.before");
    if (!order_store_claim(s->store, &s->owner, now, now + s->options.lease_ms,
                           s->options.batch_max, s->records, &s->count, err))
        return false;
    TEST_POINT("relay.claim.after");

    for (size_t i = 0; i < s->count; i++)
        s->claimed[i] = (struct claimed){ .record = s->records[i], .fate = FATE_UNDECIDED };
    return true;
}

/* ---- complete ---- */

static enum fate fate_of_order(const struct order *order)
{
    /* One that is processing already is only confirmed, never published again. */
    bool published = order->status == ORDER_PROCESSING && !TEST_FAULT("processing-published-again");
    return published ? FATE_CONFIRM : FATE_PUBLISH;
}

/* Reads the orders of those undecided; the ones found get their fate. */
static bool find_orders(struct scheduler *s, struct order_store_unit *unit, struct error *err)
{
    size_t count = select_fate(s, FATE_UNDECIDED);
    if (count == 0)
        return true;
    if (!order_store_find_orders(unit, s->selected.ids, count, s->selected.orders,
                                 s->selected.flags, err))
        return false;

    for (size_t i = 0; i < count; i++) {
        if (!s->selected.flags[i])
            continue;
        s->selected.members[i]->order = s->selected.orders[i];
        s->selected.members[i]->fate = fate_of_order(&s->selected.orders[i]);
    }
    return true;
}

/* Inserts the orders that were promised and are not there. */
static void add_missing_orders(struct scheduler *s, struct order_store_unit *unit)
{
    size_t count = select_fate(s, FATE_UNDECIDED);
    if (count == 0)
        return;

    for (size_t i = 0; i < count; i++)
        s->selected.orders[i] = order_of_record(&s->selected.members[i]->record);
    order_store_add_orders(unit, s->selected.orders, count, s->selected.writes);

    for (size_t i = 0; i < count; i++) {
        struct claimed *member = s->selected.members[i];
        member->order = s->selected.orders[i];
        if (s->selected.writes[i] == WRITE_OK)
            member->fate = FATE_PUBLISH;
        else if (s->selected.writes[i] != WRITE_DUPLICATE)
            member->fate = FATE_RELEASE;
    }
}

static void release_fate(struct scheduler *s, enum fate fate)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->claimed[i].fate == fate)
            s->claimed[i].fate = FATE_RELEASE;
}

/* After it no fate is undecided, and everything to be published is known to be stored. */
static bool complete(struct scheduler *s, struct error *err)
{
    TEST_POINT("relay.complete.before");
    struct order_store_unit *unit = order_store_begin(s->store, err);
    if (!unit)
        return false;

    bool read = find_orders(s, unit, err);
    if (read) {
        add_missing_orders(s, unit);
        read = find_orders(s, unit, err); /* a duplicate: somebody was faster, theirs counts */
    }
    if (!read) {
        order_store_rollback(unit);
        return false;
    }
    if (!order_store_commit(unit, err))
        return false;
    TEST_POINT("relay.complete.after");

    release_fate(s, FATE_UNDECIDED); /* a duplicate that a majority does not show yet */
    return true;
}

/* ---- publish ---- */

static bool lease_allows_publishing(const struct scheduler *s)
{
    int64_t left_ms = s->lease_ends_ms - clock_monotonic_ms(s->clock);
    return left_ms >= scheduler_lease_min_ms(publisher_publish_max_ms(s->publisher));
}

static void take_report(struct scheduler *s, struct claimed *member, enum publish_outcome report,
                        bool alone)
{
    switch (report) {
    case PUBLISH_DELIVERED:
        counter_add(s->counts.published, 1);
        member->fate = FATE_CONFIRM;
        break;
    case PUBLISH_REFUSED: /* of a batch any may be to blame: each has its turn alone */
        member->fate = alone ? FATE_PARK : FATE_PUBLISH;
        break;
    case PUBLISH_FAILED:
    case PUBLISH_UNKNOWN:
        member->fate = FATE_RELEASE;
        break;
    }
}

/* Publishes members[from..from+count-1] in one go. */
static void publish_batch(struct scheduler *s, size_t from, size_t count)
{
    uint64_t rebuilds = publisher_rebuilds(s->publisher);
    bool unknown = false;

    for (size_t i = 0; i < count; i++) {
        struct claimed *member = s->selected.members[from + i];
        s->selected.events[i] = (struct order_event){ &member->order, &member->record.traceparent };
    }
    TEST_POINT("relay.produce.before");
    publisher_publish(s->publisher, s->selected.events, count, s->selected.reports);
    TEST_POINT("relay.report.after");

    for (size_t i = 0; i < count; i++) {
        unknown |= s->selected.reports[i] == PUBLISH_UNKNOWN;
        take_report(s, s->selected.members[from + i], s->selected.reports[i], count == 1);
    }
    if (publisher_rebuilds(s->publisher) != rebuilds)
        counter_add(s->counts.repeats[REPEAT_PRODUCER_REBUILT], 1);
    else if (unknown)
        counter_add(s->counts.repeats[REPEAT_DELIVERY_TIMEOUT], 1);
}

/* A refusal is answered for a whole batch, so those refused are sent one at a time; only one that
 * is refused alone is bad in itself. */
static void publish(struct scheduler *s)
{
    size_t count = select_fate(s, FATE_PUBLISH);
    if (count > 0 && lease_allows_publishing(s))
        publish_batch(s, 0, count);

    count = count > 1 ? select_fate(s, FATE_PUBLISH) : 0;
    for (size_t i = 0; i < count && lease_allows_publishing(s); i++)
        publish_batch(s, i, 1);

    release_fate(s, FATE_PUBLISH);
}

/* ---- confirm ---- */

/* new -> processing for what was acknowledged. */
static bool confirm_orders(struct scheduler *s, struct error *err)
{
    size_t count = select_fate(s, FATE_CONFIRM);
    if (count == 0)
        return true;

    TEST_POINT("relay.confirm-order.before");
    if (TEST_FAULT("done-despite-failed-confirm")) {
        for (size_t i = 0; i < count; i++)
            s->selected.members[i]->fate = FATE_CLOSE;
        return true;
    }
    if (!order_store_confirm_orders(s->store, s->selected.ids, count, s->selected.flags, err)) {
        counter_add(s->counts.repeats[REPEAT_CONFIRM_FAILED], 1);
        return false;
    }
    TEST_POINT("relay.confirm-order.after");

    bool all = true;
    for (size_t i = 0; i < count; i++) {
        s->selected.members[i]->fate = s->selected.flags[i] ? FATE_CLOSE : FATE_RELEASE;
        all &= s->selected.flags[i];
    }
    if (!all)
        counter_add(s->counts.repeats[REPEAT_CONFIRM_FAILED], 1);
    return true;
}

/* The record is done only now, and only while it is still ours. */
static bool confirm_records(struct scheduler *s, struct error *err)
{
    size_t count = select_fate(s, FATE_CLOSE);
    if (count == 0)
        return true;

    size_t confirmed = 0;
    TEST_POINT("relay.confirm-record.before");
    if (!order_store_confirm_records(s->store, &s->owner, s->selected.ids, count, &confirmed, err))
        return false;
    TEST_POINT("relay.confirm-record.after");

    if (confirmed < count) /* another replica took them over and may have published them too */
        counter_add(s->counts.repeats[REPEAT_LEASE_LOST], 1);
    return true;
}

static bool release(struct scheduler *s, struct error *err)
{
    size_t count = select_fate(s, FATE_RELEASE);
    if (count == 0)
        return true;

    int64_t now = order_store_now(s->store);
    for (size_t i = 0; i < count; i++)
        s->selected.due_at[i] = now + backoff_ms(s->random, s->selected.members[i]->record.attempts,
                                                 BACKOFF_MIN_MS, BACKOFF_MAX_MS);
    return order_store_release(s->store, &s->owner, s->selected.ids, s->selected.due_at, count,
                               err);
}

static bool park(struct scheduler *s, struct error *err)
{
    size_t count = select_fate(s, FATE_PARK);
    for (size_t i = 0; i < count; i++)
        if (!order_store_park(s->store, &s->owner, &s->selected.ids[i], err))
            return false;
    return true;
}

/* A planted fault: what the protocol must never do, for tests that have to see it. */
static void confirm_unpublished(struct scheduler *s)
{
    struct error err;
    size_t count = select_fate(s, FATE_PUBLISH);
    (void)!order_store_confirm_orders(s->store, s->selected.ids, count, s->selected.flags, &err);
}

/* ---- public ---- */

int64_t scheduler_lease_min_ms(int64_t publish_max_ms)
{
    /* A fifth more than the slowest publishing: time for the two confirms after the last report. */
    return publish_max_ms + publish_max_ms / 5;
}

bool scheduler_sweep(struct scheduler *s, size_t *claimed, struct error *err)
{
    if (!claim(s, err))
        return false;
    if (s->count > 0 && !complete(s, err))
        return false;
    if (TEST_FAULT("confirm-before-acknowledgement"))
        confirm_unpublished(s);
    publish(s);
    if (!confirm_orders(s, err) || !confirm_records(s, err) || !park(s, err) || !release(s, err))
        return false;
    *claimed = s->count;
    return true;
}

bool scheduler_purge(struct scheduler *s, size_t *purged, struct error *err)
{
    /* Records live at least to the end of the next day. */
    int64_t today = date_day_start(order_store_now(s->store));

    TEST_POINT("relay.purge.before");
    if (!order_store_purge(s->store, today - DAY_MS, PURGE_BATCH_MAX, purged, err))
        return false;
    TEST_POINT("relay.purge.after");

    counter_add(s->counts.purged, *purged);
    return true;
}

struct scheduler *scheduler_new(const struct scheduler_options *options, struct order_store *store,
                                struct publisher *publisher, const struct clock *clock,
                                const struct random *random, struct metrics *metrics,
                                struct error *err)
{
    assert(options->batch_max > 0 && options->batch_max <= ORDER_UNIT_MAX);

    AUTO(scheduler) struct scheduler *s = calloc(1, sizeof *s);
    if (!s) {
        error_set(err, ERR_NO_MEMORY, 0, "scheduler");
        return NULL;
    }
    s->options = *options;
    s->store = store;
    s->publisher = publisher;
    s->clock = clock;
    s->random = random;
    if (!scheduler_metrics_make(metrics, &s->counts, err))
        return NULL;
    return STEAL(s);
}

void scheduler_free(struct scheduler *s)
{
    free(s);
}
