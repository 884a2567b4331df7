/* Commands and what their replies mean.
 *
 * A write's reply tells of each document (writeErrors) and, apart from that, whether a majority has
 * it all (writeConcernError). Without the majority nothing in it is sure: what was written may be
 * undone by an election, and so may what a duplicate ran into. */
#include "store/mongo.h"

#include <time.h>

#include "base/random.h"
#include "base/test_point.h"
#include "store/mongo_parts.h"

enum {
    /* Of what met another's work. DocumentDB finds a deadlock after 1 s; each try ends one. */
    TRIES_MAX = 5,
    PAUSE_MAX_MS = 20,
};

enum kind { READ, INSERT, CHANGE, SWAP };

/* --- Running. --- */

/* The first of the reply's writeErrors, as if the whole command had failed by it. */
static bool has_write_error(const bson_t *reply, bson_error_t *fault)
{
    bson_iter_t errors, first, field;
    int32_t code = 0;
    const char *message = "";

    if (!bson_iter_init_find(&errors, reply, "writeErrors") ||
        !bson_iter_recurse(&errors, &first) || !bson_iter_next(&first))
        return false;
    if (bson_iter_recurse(&first, &field) && bson_iter_find(&field, "code"))
        code = (int32_t)bson_iter_as_int64(&field);
    if (bson_iter_recurse(&first, &field) && bson_iter_find(&field, "errmsg"))
        message = bson_iter_utf8(&field, NULL);
    bson_set_error(fault, MONGOC_ERROR_SERVER, (uint32_t)code, "%s", message);
    return true;
}

static bool send_command(struct mongo_session *session, enum kind kind, const bson_t *command,
                         bson_t *reply, bson_error_t *fault)
{
    const char *database = mongo_database(session);

    if (kind == READ)
        return mongoc_client_read_command_with_opts(session->client, database, command, NULL, NULL,
                                                    reply, fault);
    return mongoc_client_write_command_with_opts(session->client, database, command, NULL, reply,
                                                 fault);
}

static bool attempt(struct mongo_session *session, enum kind kind, const bson_t *command,
                    bson_t *reply, bson_error_t *fault)
{
    int64_t asked_at = 0;

    if (!mongo_may_ask(session->mongo, &asked_at, fault)) {
        bson_init(reply);
        return false;
    }
    bool done = send_command(session, kind, command, reply, fault);
    mongo_note_answer(session->mongo, asked_at, done || mongo_is_answer(fault));
    if (done && kind != READ)
        mongo_count_flush(session->mongo);
    return done && !((kind == CHANGE || kind == SWAP) && has_write_error(reply, fault));
}

/* Jittered: whoever collided shall not do it again. */
static void pause_for(unsigned tries)
{
    const uint32_t ms = random_below(&system_random, tries * PAUSE_MAX_MS);
    const struct timespec pause = { .tv_nsec = ms * 1000000L };

    nanosleep(&pause, NULL);
}

/* A change has a duplicate only where two upsert one document; the next try finds it there. An
 * internal error is DocumentDB's answer to some who make a collection at one moment. */
static bool is_worth_a_try(enum kind kind, const bson_error_t *fault)
{
    switch (mongo_fault_of(fault)) {
    case MONGO_FAULT_AGAIN:
        return true;
    case MONGO_FAULT_DUPLICATE:
    case MONGO_FAULT_INTERNAL:
        return kind == CHANGE;
    case MONGO_FAULT_UNKNOWN:
    case MONGO_FAULT_UNAVAILABLE:
    case MONGO_FAULT_BUG:
        break;
    }
    return false;
}

/* What one try may have done stays in doubt when a later one fails. */
static bool run(struct mongo_session *session, enum kind kind, const bson_t *command, bson_t *reply,
                bson_error_t *fault)
{
    bson_error_t doubt = { 0 };

    for (unsigned tries = 1;; tries++) {
        bson_destroy(reply);
        if (attempt(session, kind, command, reply, fault))
            return true;
        if (mongo_fault_of(fault) == MONGO_FAULT_INTERNAL)
            doubt = *fault;
        if (tries == TRIES_MAX || !is_worth_a_try(kind, fault))
            break;
        pause_for(tries);
    }
    if (doubt.code)
        *fault = doubt;
    return false;
}

/* --- Reading. --- */

static bool not_as_expected(const char *what, struct error *err)
{
    return error_set(err, ERR_BUG, 0, "%s: the store's reply is not as it must be", what);
}

static bool holds_documents_only(bson_iter_t batch)
{
    while (bson_iter_next(&batch))
        if (!BSON_ITER_HOLDS_DOCUMENT(&batch))
            return false;
    return true;
}

bool mongo_find(struct mongo_session *session, const struct mongo_query *query,
                struct mongo_rows *rows, struct error *err)
{
    AUTO(bson)
    bson_t *command =
        BCON_NEW("find", BCON_UTF8(query->collection), "filter", BCON_DOCUMENT(query->filter),
                 "limit", BCON_INT64((int64_t)query->limit), "batchSize",
                 BCON_INT64((int64_t)query->limit), "singleBatch", BCON_BOOL(true));
    bson_error_t fault = { 0 };
    bson_iter_t reply;

    if (query->sort)
        BSON_APPEND_DOCUMENT(command, "sort", query->sort);
    if (query->fields)
        BSON_APPEND_DOCUMENT(command, "projection", query->fields);
    if (!run(session, READ, command, &rows->reply, &fault))
        return mongo_failed(&fault, false, "cannot read", err);
    if (!bson_iter_init(&reply, &rows->reply) ||
        !bson_iter_find_descendant(&reply, "cursor.firstBatch", &rows->batch) ||
        !bson_iter_recurse(&rows->batch, &rows->batch) || !holds_documents_only(rows->batch))
        return not_as_expected("cannot read", err);
    return true;
}

static bool borrow(const bson_iter_t *field, bson_t *document)
{
    const uint8_t *bytes = NULL;
    uint32_t length = 0;

    bson_iter_document(field, &length, &bytes);
    return bson_init_static(document, bytes, length);
}

bool mongo_next(struct mongo_rows *rows, bson_t *document)
{
    return bson_iter_next(&rows->batch) && borrow(&rows->batch, document);
}

bool mongo_count(struct mongo_session *session, const char *collection, const bson_t *filter,
                 uint64_t *count, struct error *err)
{
    AUTO(bson)
    bson_t *command = BCON_NEW("count", BCON_UTF8(collection), "query", BCON_DOCUMENT(filter));
    AUTO(bson_local) bson_t reply = BSON_INITIALIZER;
    bson_error_t fault = { 0 };
    int64_t number = 0;

    if (!run(session, READ, command, &reply, &fault))
        return mongo_failed(&fault, false, "cannot count", err);
    if (!mongo_field_number(&reply, "n", &number) || number < 0)
        return not_as_expected("cannot count", err);
    *count = (uint64_t)number;
    return true;
}

/* --- Inserting. --- */

static enum mongo_outcome outcome_of(enum mongo_fault fault)
{
    switch (fault) {
    case MONGO_FAULT_DUPLICATE:
        return MONGO_DUPLICATE;
    case MONGO_FAULT_UNKNOWN:
    case MONGO_FAULT_INTERNAL:
        return MONGO_UNKNOWN;
    case MONGO_FAULT_AGAIN:
    case MONGO_FAULT_UNAVAILABLE:
    case MONGO_FAULT_BUG:
        break;
    }
    return MONGO_REFUSED;
}

static void set_all(enum mongo_outcome outcomes[], size_t count, enum mongo_outcome outcome)
{
    for (size_t i = 0; i < count; i++)
        outcomes[i] = outcome;
}

/* Takes over each of the reply's writeErrors; how many there are. */
static size_t read_write_errors(const bson_t *reply, size_t count, enum mongo_outcome outcomes[])
{
    bson_iter_t errors, entry;
    size_t found = 0;

    if (!bson_iter_init_find(&errors, reply, "writeErrors") || !bson_iter_recurse(&errors, &entry))
        return 0;
    for (; bson_iter_next(&entry); found++) {
        const uint8_t *bytes = NULL;
        uint32_t length = 0;
        bson_t error;
        int64_t index = -1, code = 0;

        if (!BSON_ITER_HOLDS_DOCUMENT(&entry))
            continue;
        bson_iter_document(&entry, &length, &bytes);
        if (bson_init_static(&error, bytes, length) &&
            mongo_field_number(&error, "index", &index) &&
            mongo_field_number(&error, "code", &code) && index >= 0 && (size_t)index < count)
            outcomes[index] = outcome_of(mongo_fault_of_code((int32_t)code));
    }
    return found;
}

/* The reply is there; `majority`: and a majority has what was written. */
static void judge(const bson_t *reply, bool majority, size_t count, enum mongo_outcome outcomes[])
{
    int64_t written = -1;

    set_all(outcomes, count, MONGO_INSERTED);
    size_t errors = read_write_errors(reply, count, outcomes);
    bool adds_up = mongo_field_number(reply, "n", &written) && written >= 0 &&
                   (size_t)written + errors == count;
    if (majority && adds_up)
        return;
    for (size_t i = 0; i < count; i++)
        if (outcomes[i] == MONGO_INSERTED || (outcomes[i] == MONGO_DUPLICATE && !majority))
            outcomes[i] = MONGO_UNKNOWN;
}

static void tell_first_failure(const bson_t *reply, bson_error_t *fault, size_t count,
                               const enum mongo_outcome outcomes[], struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (outcomes[i] < MONGO_REFUSED)
            continue;
        if (fault->code == 0)
            has_write_error(reply, fault);
        mongo_failed(fault, true, "cannot insert", err);
        if (err)
            err->code = outcomes[i] == MONGO_UNKNOWN ? ERR_UNKNOWN : err->code;
        return;
    }
}

void mongo_insert(struct mongo_session *session, const char *collection, const bson_t *documents,
                  size_t count, enum mongo_outcome outcomes[], struct error *err)
{
    AUTO(bson)
    bson_t *command = BCON_NEW("insert", BCON_UTF8(collection), "ordered", BCON_BOOL(false),
                               "documents", BCON_ARRAY(documents));
    AUTO(bson_local) bson_t reply = BSON_INITIALIZER;
    bson_error_t fault = { 0 };

    bool done = run(session, INSERT, command, &reply, &fault);
    bool answered = done || fault.domain == MONGOC_ERROR_WRITE_CONCERN;
    if (answered)
        judge(&reply, done || TEST_FAULT("write-concern-error-ignored"), count, outcomes);
    else
        set_all(outcomes, count, outcome_of(mongo_fault_of(&fault)));
    tell_first_failure(&reply, &fault, count, outcomes, err);
}

/* --- Changing. --- */

static bool change(struct mongo_session *session, enum kind kind, const bson_t *command,
                   size_t *count, struct error *err)
{
    AUTO(bson_local) bson_t reply = BSON_INITIALIZER;
    bson_error_t fault = { 0 };
    int64_t number = 0;

    if (!run(session, kind, command, &reply, &fault))
        return mongo_failed(&fault, true, "cannot write", err);
    if (mongo_field_is(&reply, "n") && (!mongo_field_number(&reply, "n", &number) || number < 0))
        return not_as_expected("cannot write", err);
    *count = (size_t)number;
    return true;
}

bool mongo_change(struct mongo_session *session, const bson_t *command, size_t *count,
                  struct error *err)
{
    return change(session, CHANGE, command, count, err);
}

bool mongo_swap(struct mongo_session *session, const bson_t *command, size_t *count,
                struct error *err)
{
    return change(session, SWAP, command, count, err);
}

bool mongo_find_and_modify(struct mongo_session *session, const bson_t *command,
                           struct mongo_rows *rows, bson_t *document, bool *found,
                           struct error *err)
{
    bson_error_t fault = { 0 };
    bson_iter_t value;

    if (!run(session, SWAP, command, &rows->reply, &fault))
        return mongo_failed(&fault, true, "cannot write", err);
    if (!bson_iter_init_find(&value, &rows->reply, "value") ||
        !(BSON_ITER_HOLDS_NULL(&value) || BSON_ITER_HOLDS_DOCUMENT(&value)))
        return not_as_expected("cannot write", err);
    *found = BSON_ITER_HOLDS_DOCUMENT(&value) && borrow(&value, document);
    return true;
}

bool mongo_probe(struct mongo_session *session, const char *name, struct error *err)
{
    AUTO(bson)
    bson_t *command = BCON_NEW("update", BCON_UTF8(MONGO_PROBES), "updates", "[", "{", "q", "{",
                               "_id", BCON_UTF8(name), "}", "u", "{", "$inc", "{", "written",
                               BCON_INT64(1), "}", "}", "upsert", BCON_BOOL(true), "}", "]");
    size_t written = 0;

    return mongo_change(session, command, &written, err);
}
