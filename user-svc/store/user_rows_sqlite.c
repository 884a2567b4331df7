#include "store/user_rows_sqlite.h"

#include <string.h>

enum {
    ACCOUNT_COLUMN_COUNT = 17,
    OLDER_MAX = USED_TOKENS_KEPT - 1,
    /* Of a used token in `older`: its digest, and when, the highest byte first. */
    TIME_BYTES = 8,
    USED_TOKEN_BYTES = DIGEST_BYTES + TIME_BYTES,
};

/* --- Binding. --- */

int bind_digest(sqlite3_stmt *statement, int index, const struct digest *digest)
{
    return sqlite3_bind_blob(statement, index, digest->bytes, DIGEST_BYTES, SQLITE_STATIC);
}

int bind_nothing(sqlite3_stmt *statement, const void *nothing)
{
    (void)statement;
    (void)nothing;
    return SQLITE_OK;
}

int bind_id(sqlite3_stmt *statement, const void *id)
{
    return sqlite_bind_id(statement, 1, id);
}

int bind_user_key(sqlite3_stmt *statement, const void *what)
{
    const struct user_key *key = what;

    return sqlite_bind_text(statement, 1, key->text);
}

/* A copy: the key is this function's own. */
static int bind_key_of(sqlite3_stmt *statement, int index, const char *name)
{
    const struct user_key key = user_key_of(name);

    return sqlite3_bind_text(statement, index, key.text, -1, SQLITE_TRANSIENT);
}

int bind_account(sqlite3_stmt *statement, const void *what)
{
    const struct account *account = what;
    const struct user *user = &account->user;

    return SQLITE_FIRST_FAILURE(
        sqlite_bind_id(statement, 1, &user->id), sqlite_bind_text(statement, 2, user->username),
        sqlite_bind_text(statement, 3, user->first_name),
        sqlite_bind_text(statement, 4, user->last_name),
        sqlite_bind_text(statement, 5, user->email), sqlite_bind_text(statement, 6, user->phone),
        sqlite_bind_text(statement, 7, user->photo),
        sqlite_bind_text(statement, 8, role_name(user->role)),
        sqlite3_bind_int(statement, 9, user->active),
        sqlite3_bind_int64(statement, 10, user->version),
        sqlite_bind_text(statement, 11, account->password.text),
        sqlite3_bind_int64(statement, 12, account->epoch),
        sqlite3_bind_int64(statement, 13, account->created_at),
        sqlite3_bind_int64(statement, 14, account->revision),
        bind_digest(statement, 15, &account->reset.digest),
        sqlite3_bind_int64(statement, 16, account->reset.requested_at),
        sqlite3_bind_int64(statement, 17, account->reset.expires_at),
        bind_key_of(statement, 18, user->username), bind_key_of(statement, 19, user->email));
}

static void encode_used_token(const struct used_token *token, uint8_t *out)
{
    const uint64_t used_at = (uint64_t)token->used_at;

    memcpy(out, token->digest.bytes, DIGEST_BYTES);
    for (int i = 0; i < TIME_BYTES; i++)
        out[DIGEST_BYTES + i] = (uint8_t)(used_at >> 8 * (TIME_BYTES - 1 - i));
}

/* A copy, of as many as there are. */
static int bind_older(sqlite3_stmt *statement, int index, const struct used_token older[OLDER_MAX])
{
    uint8_t bytes[OLDER_MAX * USED_TOKEN_BYTES];
    int length = 0;

    for (size_t i = 0; i < OLDER_MAX && older[i].used_at != 0; i++) {
        encode_used_token(&older[i], bytes + length);
        length += USED_TOKEN_BYTES;
    }
    return sqlite3_bind_blob(statement, index, bytes, length, SQLITE_TRANSIENT);
}

int bind_session(sqlite3_stmt *statement, const void *what)
{
    const struct session *session = what;

    return SQLITE_FIRST_FAILURE(
        sqlite_bind_id(statement, 1, &session->id), sqlite_bind_id(statement, 2, &session->user_id),
        sqlite3_bind_int64(statement, 3, session->epoch),
        bind_digest(statement, 4, &session->current), bind_digest(statement, 5, &session->parent),
        sqlite3_bind_int64(statement, 6, session->rotated_at),
        sqlite3_bind_int64(statement, 7, session->created_at),
        sqlite3_bind_int64(statement, 8, session->expires_at),
        bind_older(statement, 9, session->older));
}

int bind_rotation(sqlite3_stmt *statement, const void *what)
{
    const struct rotation *rotation = what;

    return SQLITE_FIRST_FAILURE(sqlite_bind_id(statement, 1, &rotation->session_id),
                                bind_digest(statement, 2, &rotation->from),
                                bind_digest(statement, 3, &rotation->to),
                                sqlite3_bind_int64(statement, 4, rotation->rotated_at),
                                sqlite3_bind_int64(statement, 5, rotation->expires_at),
                                bind_older(statement, 6, rotation->older));
}

/* --- Reading. --- */

static bool read_digest(sqlite3_stmt *row, int index, struct digest *out)
{
    const void *bytes = sqlite3_column_blob(row, index);

    if (!bytes || sqlite3_column_bytes(row, index) != DIGEST_BYTES)
        return false;
    memcpy(out->bytes, bytes, DIGEST_BYTES);
    return true;
}

static bool read_role(sqlite3_stmt *row, int index, enum role *out)
{
    const char *text = (const char *)sqlite3_column_text(row, index);

    return text && role_parse(text, (size_t)sqlite3_column_bytes(row, index), out);
}

bool read_user(sqlite3_stmt *row, void *out)
{
    struct user user = {
        .active = sqlite3_column_int(row, 8) != 0,
        .version = (uint32_t)sqlite3_column_int64(row, 9),
    };

    if (!sqlite_column_id(row, 0, &user.id) ||
        !sqlite_column_string(row, 1, user.username, sizeof user.username) ||
        !sqlite_column_string(row, 2, user.first_name, sizeof user.first_name) ||
        !sqlite_column_string(row, 3, user.last_name, sizeof user.last_name) ||
        !sqlite_column_string(row, 4, user.email, sizeof user.email) ||
        !sqlite_column_string(row, 5, user.phone, sizeof user.phone) ||
        !sqlite_column_string(row, 6, user.photo, sizeof user.photo) ||
        !read_role(row, 7, &user.role))
        return false;
    *(struct user *)out = user;
    return true;
}

bool read_account(sqlite3_stmt *row, void *out)
{
    struct account account = {
        .epoch = (uint32_t)sqlite3_column_int64(row, 11),
        .created_at = sqlite3_column_int64(row, 12),
        .revision = (uint32_t)sqlite3_column_int64(row, 13),
        .reset = { .requested_at = sqlite3_column_int64(row, 15),
                   .expires_at = sqlite3_column_int64(row, 16) },
    };

    if (!read_user(row, &account.user) ||
        !sqlite_column_string(row, 10, account.password.text, sizeof account.password.text) ||
        !read_digest(row, 14, &account.reset.digest))
        return false;
    *(struct account *)out = account;
    return true;
}

static void decode_used_token(const uint8_t *bytes, struct used_token *out)
{
    uint64_t used_at = 0;

    memcpy(out->digest.bytes, bytes, DIGEST_BYTES);
    for (int i = 0; i < TIME_BYTES; i++)
        used_at = used_at << 8 | bytes[DIGEST_BYTES + i];
    out->used_at = (int64_t)used_at;
}

/* Into what is zeroed. A later version may keep more than we do: the newest are enough for us. */
static bool read_older(sqlite3_stmt *row, int index, struct used_token older[OLDER_MAX])
{
    const uint8_t *bytes = sqlite3_column_blob(row, index);
    const size_t length = (size_t)sqlite3_column_bytes(row, index);

    if (sqlite3_column_type(row, index) != SQLITE_BLOB || length % USED_TOKEN_BYTES != 0)
        return false;
    for (size_t i = 0; i < OLDER_MAX && i < length / USED_TOKEN_BYTES; i++)
        decode_used_token(bytes + i * USED_TOKEN_BYTES, &older[i]);
    return true;
}

static bool read_session(sqlite3_stmt *row, struct session *out)
{
    const int first = ACCOUNT_COLUMN_COUNT;

    out->epoch = (uint32_t)sqlite3_column_int64(row, first + 2);
    out->rotated_at = sqlite3_column_int64(row, first + 5);
    out->created_at = sqlite3_column_int64(row, first + 6);
    out->expires_at = sqlite3_column_int64(row, first + 7);
    return sqlite_column_id(row, first, &out->id) &&
           sqlite_column_id(row, first + 1, &out->user_id) &&
           read_digest(row, first + 3, &out->current) &&
           read_digest(row, first + 4, &out->parent) && read_older(row, first + 8, out->older);
}

bool read_session_and_account(sqlite3_stmt *row, void *out)
{
    struct session_and_account both = { 0 };

    if (!read_account(row, &both.account) || !read_session(row, &both.session))
        return false;
    *(struct session_and_account *)out = both;
    return true;
}
