/* Taking orders in.
 *
 * The key of a request decides the id of its order before anything is written, so the record and
 * the order of one key collide wherever they are written. The record goes first: once it is stored
 * a crash can only delay the order, because the scheduler completes what a record promised. The
 * order, once written, is the truth; before it, the record is.
 *
 * A batch goes through the protocol step by step together, each request in its own state. The order
 * of the steps is what protects on a store without transactions; see docs/how-an-order-travels.md
 * for why each is where it is. */
#include "place_orders.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/test_point.h"

/* What is to be done next for a request. */
enum step {
    STEP_ADD_RECORD,  /* promise the order */
    STEP_ADD_ORDER,   /* our record is stored: insert its order */
    STEP_HELP,        /* another's record with our content is stored: insert its order */
    STEP_LOOK,        /* a record was there: is its order? */
    STEP_COMPARE,     /* an order was there when we inserted ours: is it the same content? */
    STEP_READ_RECORD, /* a record without an order: what did it promise? */
    STEP_DOUBT,       /* a record of other content: its order may have come meanwhile, look again */
    STEP_ANSWERED,
};

struct entry {
    struct place_order *request;
    struct record record; /* what we promise; where another's was found, what that one promised */
    enum step step;
};

struct intake {
    struct order_store_unit *unit;
    struct entry *entries;
    size_t count;
    struct error first_error; /* of the store, for the caller */
};

/* The requests at certain steps, side by side as the store wants them. */
struct selection {
    struct entry **entries;
    struct id *ids;
    size_t count;
};

static void auto_selection(struct selection *selection)
{
    free(selection->entries);
    free(selection->ids);
}

static void answer(struct entry *entry, enum place_result result)
{
    entry->request->result = result;
    entry->step = STEP_ANSWERED;
}

static void note_error(struct intake *intake, const struct error *err)
{
    if (intake->first_error.code == ERR_NONE)
        intake->first_error = *err;
}

static void note(struct intake *intake, enum err code, const char *detail)
{
    struct error err;
    error_set(&err, code, 0, "%s", detail);
    note_error(intake, &err);
}

static bool at_step(const struct entry *entry, const enum step steps[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (entry->step == steps[i])
            return true;
    return false;
}

static size_t count_at(const struct intake *intake, const enum step steps[], size_t step_count)
{
    size_t count = 0;
    for (size_t i = 0; i < intake->count; i++)
        count += at_step(&intake->entries[i], steps, step_count);
    return count;
}

/* False: nobody is at these steps, or there is no memory; then those who are end unknown, since a
 * record of theirs may be stored. */
static bool select_steps(struct intake *intake, const enum step steps[], size_t step_count,
                         struct selection *selection)
{
    size_t room = count_at(intake, steps, step_count);
    if (room == 0)
        return false;

    selection->entries = calloc(room, sizeof(struct entry *));
    selection->ids = calloc(room, sizeof(struct id));
    bool whole = selection->entries && selection->ids;
    if (!whole)
        note(intake, ERR_NO_MEMORY, "intake");

    for (size_t i = 0; i < intake->count; i++) {
        struct entry *entry = &intake->entries[i];
        if (!at_step(entry, steps, step_count))
            continue;
        if (!whole) {
            answer(entry, ORDER_OUTCOME_UNKNOWN);
            continue;
        }
        selection->entries[selection->count] = entry;
        selection->ids[selection->count++] = entry->request->order_id;
    }
    return whole;
}

/* The order is there and is the truth of its key. */
static void answer_by_order(struct entry *entry, const struct order *order)
{
    answer(entry, order->price == entry->request->price ? ORDER_REPLAYED : ORDER_ID_REUSED);
}

static void after_record(struct intake *intake, struct entry *entry, enum write_outcome outcome)
{
    if (outcome == WRITE_UNKNOWN && TEST_FAULT("order-despite-unknown-record"))
        outcome = WRITE_OK;
    switch (outcome) {
    case WRITE_OK:
        entry->step = STEP_ADD_ORDER;
        break;
    case WRITE_DUPLICATE:
        entry->step = STEP_LOOK;
        break;
    case WRITE_FAILED:
        note(intake, ERR_UNAVAILABLE, "a record was not written");
        answer(entry, ORDER_NOT_ACCEPTED);
        break;
    case WRITE_UNKNOWN: /* an order is written only for a record that is known to be stored */
        note(intake, ERR_UNKNOWN, "a record may be written");
        answer(entry, ORDER_OUTCOME_UNKNOWN);
        break;
    }
}

static bool add_records(struct intake *intake)
{
    AUTO(memory) const struct record **records = calloc(intake->count, sizeof *records);
    AUTO(memory) enum write_outcome *outcomes = calloc(intake->count, sizeof *outcomes);
    if (!records || !outcomes)
        return error_set(&intake->first_error, ERR_NO_MEMORY, 0, "intake");

    for (size_t i = 0; i < intake->count; i++)
        records[i] = &intake->entries[i].record;

    TEST_POINT("intake.record.before");
    order_store_add_records(intake->unit, records, intake->count, outcomes);
    TEST_POINT("intake.record.after");

    for (size_t i = 0; i < intake->count; i++)
        after_record(intake, &intake->entries[i], outcomes[i]);
    return true;
}

static void after_order(struct intake *intake, struct entry *entry, enum write_outcome outcome)
{
    bool helps = entry->step == STEP_HELP;
    if (outcome == WRITE_DUPLICATE &&
        TEST_FAULT(helps ? "helper-duplicate-not-read" : "own-duplicate-not-read"))
        outcome = WRITE_OK;
    switch (outcome) {
    case WRITE_OK:
        answer(entry, helps ? ORDER_HELPED : ORDER_PLACED);
        break;
    case WRITE_DUPLICATE: /* a helper's too: it is read and compared before it is answered */
        entry->step = STEP_COMPARE;
        break;
    case WRITE_FAILED:
    case WRITE_UNKNOWN: /* its record is stored: the scheduler completes it */
        note(intake, ERR_UNKNOWN, "an order may be written");
        answer(entry, ORDER_OUTCOME_UNKNOWN);
        break;
    }
}

static void write_orders(struct intake *intake)
{
    static const enum step steps[] = { STEP_ADD_ORDER, STEP_HELP };
    AUTO(selection) struct selection selected = { 0 };
    if (!select_steps(intake, steps, 2, &selected))
        return;

    AUTO(memory) struct order *orders = calloc(selected.count, sizeof *orders);
    AUTO(memory) enum write_outcome *outcomes = calloc(selected.count, sizeof *outcomes);
    bool whole = orders && outcomes;
    if (!whole)
        note(intake, ERR_NO_MEMORY, "intake");

    for (size_t i = 0; whole && i < selected.count; i++)
        orders[i] = order_of_record(&selected.entries[i]->record);

    TEST_POINT("intake.order.before");
    if (whole)
        order_store_add_orders(intake->unit, orders, selected.count, outcomes);
    TEST_POINT("intake.order.after");

    for (size_t i = 0; i < selected.count; i++)
        after_order(intake, selected.entries[i], whole ? outcomes[i] : WRITE_UNKNOWN);
}

static void after_look(struct intake *intake, struct entry *entry, const struct order *order)
{
    if (order) {
        answer_by_order(entry, order);
    } else if (entry->step == STEP_LOOK) {
        entry->step = STEP_READ_RECORD;
    } else if (entry->step == STEP_DOUBT) {
        answer(entry, ORDER_ID_REUSED); /* no order yet: the record is the truth, and differs */
    } else {
        note(intake, ERR_UNKNOWN, "an order is there, but a majority does not show it");
        answer(entry, ORDER_OUTCOME_UNKNOWN);
    }
}

static void read_orders(struct intake *intake)
{
    static const enum step steps[] = { STEP_LOOK, STEP_COMPARE, STEP_DOUBT };
    AUTO(selection) struct selection selected = { 0 };
    if (!select_steps(intake, steps, 3, &selected))
        return;

    AUTO(memory) struct order *orders = calloc(selected.count, sizeof *orders);
    AUTO(memory) bool *found = calloc(selected.count, sizeof *found);
    struct error err = { .code = ERR_NO_MEMORY, .detail = "intake" };
    bool read =
        orders && found &&
        order_store_find_orders(intake->unit, selected.ids, selected.count, orders, found, &err);
    if (!read)
        note_error(intake, &err);

    for (size_t i = 0; i < selected.count; i++) {
        if (!read)
            answer(selected.entries[i], ORDER_OUTCOME_UNKNOWN);
        else
            after_look(intake, selected.entries[i], found[i] ? &orders[i] : NULL);
    }
}

static void after_record_read(struct entry *entry, const struct record *record)
{
    if (!record) { /* purged meanwhile, so its order is there: the same again finds it */
        answer(entry, ORDER_OUTCOME_UNKNOWN);
        return;
    }
    if (!TEST_FAULT("helper-own-content"))
        entry->record = *record;
    entry->step = record->price == entry->request->price ? STEP_HELP : STEP_DOUBT;
    if (entry->step == STEP_DOUBT && TEST_FAULT("mismatch-not-read-again"))
        answer(entry, ORDER_ID_REUSED);
}

static void read_records(struct intake *intake)
{
    static const enum step steps[] = { STEP_READ_RECORD };
    AUTO(selection) struct selection selected = { 0 };
    if (!select_steps(intake, steps, 1, &selected))
        return;

    AUTO(memory) struct record *records = calloc(selected.count, sizeof *records);
    AUTO(memory) bool *found = calloc(selected.count, sizeof *found);
    struct error err = { .code = ERR_NO_MEMORY, .detail = "intake" };
    bool read =
        records && found &&
        order_store_find_records(intake->unit, selected.ids, selected.count, records, found, &err);
    if (!read)
        note_error(intake, &err);

    for (size_t i = 0; i < selected.count; i++) {
        if (!read)
            answer(selected.entries[i], ORDER_OUTCOME_UNKNOWN);
        else
            after_record_read(selected.entries[i], found[i] ? &records[i] : NULL);
    }
}

static void answer_all(struct intake *intake, enum place_result result)
{
    for (size_t i = 0; i < intake->count; i++)
        answer(&intake->entries[i], result);
}

/* The protocol, from the record to the last doubt. */
static bool take_steps(struct intake *intake)
{
    if (TEST_FAULT("order-before-record"))
        write_orders(intake);
    if (!add_records(intake))
        return false;

    write_orders(intake); /* of our own records */
    read_orders(intake);  /* of keys that were there before */
    read_records(intake); /* of keys whose order was not */
    write_orders(intake); /* help those */
    read_orders(intake);  /* what came between */
    return true;
}

/* A planted fault, what must never be done, for tests that have to see it: the answers go out at
 * once, and the commit comes with the next batch. */
static struct order_store_unit *late_unit;

static bool late_commit_planted(void)
{
    return TEST_FAULT("acknowledged-before-commit");
}

static void commit(struct intake *intake)
{
    struct error err = { 0 };

    if (late_commit_planted()) {
        late_unit = STEAL(intake->unit);
        return;
    }
    TEST_POINT("intake.commit.before");
    bool committed = order_store_commit(STEAL(intake->unit), &err);
    TEST_POINT("intake.commit.after");
    if (committed)
        return;

    note_error(intake, &err);
    answer_all(intake, err.code == ERR_UNKNOWN ? ORDER_OUTCOME_UNKNOWN : ORDER_NOT_ACCEPTED);
}

static struct record record_of_request(const struct place_order *request, int64_t now,
                                       int64_t linger_ms)
{
    struct record record = {
        .order_id = request->order_id,
        .user_id = request->user_id,
        .price = request->price,
        .date = now,
        .traceparent = request->traceparent,
        .state = RECORD_PENDING,
        .due_at = now + linger_ms,
        .created_at = now,
    };
    memcpy(record.request_id, request->request_id, sizeof record.request_id);
    return record;
}

static void begin_entries(struct intake *intake, struct place_order *const batch[],
                          const struct place_options *options, int64_t now)
{
    for (size_t i = 0; i < intake->count; i++) {
        struct place_order *request = batch[i];
        request->order_id = order_id_of(&request->user_id, request->request_id);
        intake->entries[i] = (struct entry){
            .request = request,
            .record = record_of_request(request, now, options->linger_ms),
            .step = TEST_FAULT("order-before-record") ? STEP_ADD_ORDER : STEP_ADD_RECORD,
        };
    }
}

bool place_orders(struct order_store *store, const struct place_options *options,
                  struct place_order *const batch[], size_t count, struct error *err)
{
    assert(count > 0 && count <= ORDER_UNIT_MAX);
    for (size_t i = 0; i < count; i++)
        batch[i]->result = ORDER_NOT_ACCEPTED;

    AUTO(memory) struct entry *entries = calloc(count, sizeof *entries);
    if (!entries)
        return error_set(err, ERR_NO_MEMORY, 0, "intake of %zu requests", count);

    struct intake intake = { .entries = entries, .count = count };
    begin_entries(&intake, batch, options, order_store_now(store));

    if (late_commit_planted() && late_unit && !order_store_commit(STEAL(late_unit), err))
        return false;
    intake.unit = order_store_begin(store, err);
    if (!intake.unit)
        return false;

    if (take_steps(&intake))
        commit(&intake);
    else
        order_store_rollback(intake.unit);

    if (intake.first_error.code == ERR_NONE)
        return true;
    return error_set(err, intake.first_error.code, intake.first_error.cause, "%s",
                     intake.first_error.detail);
}
