/* What a failure of MongoDB means to us: not done, perhaps done, try again, or our own bug. */
#include "store/mongo_parts.h"

/* A server's codes; all others are MONGO_FAULT_UNKNOWN, the one that promises nothing. */
static const struct code_meaning {
    int32_t code;
    enum mongo_fault fault;
} meanings[] = {
    { 11000, MONGO_FAULT_DUPLICATE }, /* DuplicateKey */
    { 1, MONGO_FAULT_INTERNAL },      /* InternalError */

    { 112, MONGO_FAULT_AGAIN },      /* WriteConflict */
    { 24, MONGO_FAULT_AGAIN },       /* LockTimeout */
    { 46, MONGO_FAULT_AGAIN },       /* LockBusy */
    { 26, MONGO_FAULT_AGAIN },       /* NamespaceNotFound: a collection that is just being made */
    { 16908292, MONGO_FAULT_AGAIN }, /* DocumentDB: deadlock detected */

    /* Refused before anything was done. What is interrupted in its midst, by a primary that steps
     * down or a server that shuts down, is none of these. */
    { 10107, MONGO_FAULT_UNAVAILABLE }, /* NotWritablePrimary */
    { 13435, MONGO_FAULT_UNAVAILABLE }, /* NotPrimaryNoSecondaryOk */
    { 13436, MONGO_FAULT_UNAVAILABLE }, /* NotPrimaryOrSecondary */
    { 14031, MONGO_FAULT_UNAVAILABLE }, /* OutOfDiskSpace */
    { 13, MONGO_FAULT_UNAVAILABLE },    /* Unauthorized */
    { 18, MONGO_FAULT_UNAVAILABLE },    /* AuthenticationFailed */

    { 2, MONGO_FAULT_BUG },     /* BadValue */
    { 9, MONGO_FAULT_BUG },     /* FailedToParse */
    { 14, MONGO_FAULT_BUG },    /* TypeMismatch */
    { 59, MONGO_FAULT_BUG },    /* CommandNotFound */
    { 67, MONGO_FAULT_BUG },    /* CannotCreateIndex */
    { 72, MONGO_FAULT_BUG },    /* InvalidOptions */
    { 85, MONGO_FAULT_BUG },    /* IndexOptionsConflict */
    { 86, MONGO_FAULT_BUG },    /* IndexKeySpecsConflict */
    { 238, MONGO_FAULT_BUG },   /* NotImplemented */
    { 10334, MONGO_FAULT_BUG }, /* BSONObjectTooLarge */
    { 40415, MONGO_FAULT_BUG }, /* a field that it does not know */
};

enum mongo_fault mongo_fault_of_code(int32_t code)
{
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (meanings[i].code == code)
            return meanings[i].fault;
    return MONGO_FAULT_UNKNOWN;
}

/* A stream's failure before the first byte was sent. */
static bool is_of_connecting(uint32_t code)
{
    return code == MONGOC_ERROR_STREAM_CONNECT || code == MONGOC_ERROR_STREAM_NAME_RESOLUTION ||
           code == MONGOC_ERROR_STREAM_NOT_ESTABLISHED;
}

enum mongo_fault mongo_fault_of(const bson_error_t *fault)
{
    switch (fault->domain) {
    case MONGOC_ERROR_SERVER:
        return mongo_fault_of_code((int32_t)fault->code);
    case MONGOC_ERROR_SERVER_SELECTION:
    case MONGOC_ERROR_CLIENT: /* could not log in */
        return MONGO_FAULT_UNAVAILABLE;
    case MONGOC_ERROR_STREAM:
        return is_of_connecting(fault->code) ? MONGO_FAULT_UNAVAILABLE : MONGO_FAULT_UNKNOWN;
    case MONGOC_ERROR_BSON:
    case MONGOC_ERROR_COMMAND:
        return MONGO_FAULT_BUG;
    default: /* no acknowledgement by a majority, a reply that is none */
        return MONGO_FAULT_UNKNOWN;
    }
}

bool mongo_is_answer(const bson_error_t *fault)
{
    return fault->domain != MONGOC_ERROR_STREAM && fault->domain != MONGOC_ERROR_SERVER_SELECTION;
}

bool mongo_failed(const bson_error_t *fault, bool wrote, const char *what, struct error *err)
{
    enum err code = ERR_UNAVAILABLE;

    switch (mongo_fault_of(fault)) {
    case MONGO_FAULT_UNKNOWN:
    case MONGO_FAULT_INTERNAL:
        code = wrote ? ERR_UNKNOWN : ERR_UNAVAILABLE;
        break;
    case MONGO_FAULT_DUPLICATE: /* of a write that can have none */
    case MONGO_FAULT_BUG:
        code = ERR_BUG;
        break;
    case MONGO_FAULT_AGAIN:
    case MONGO_FAULT_UNAVAILABLE:
        break;
    }
    return error_set(err, code, (int)fault->code, "%s: %s", what, fault->message);
}
