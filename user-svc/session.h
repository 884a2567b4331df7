/* Sessions: their beginning, refresh, logout, and the look at a session that each bearer request
 * gets.
 *
 * Functions return false on failure, with `err`: ERR_UNAVAILABLE, ERR_NO_MEMORY, … : nothing was
 * done; ERR_UNKNOWN: it may be done, the same again is safe. What was asked for and refused is a
 * result. */
#ifndef SESSION_H
#define SESSION_H

#include <stdbool.h>
#include <stdint.h>
#include "auth/caller.h"
#include "base/buffer.h"
#include "base/error.h"
#include "refresh_token.h"
#include "user.h"
#include "users.h"

/* A client whose answer was lost repeats at once; 10 s hold its retries, and are too short for a
 * thief to profit from. */
enum { REFRESH_GRACE_MS = 10 * SECOND_MS };

/* However often it is refreshed, after that the password is asked for again. */
#define SESSION_LIFE_MAX_MS ((int64_t)90 * DAY_MS)

/* What a client gets. Start it zeroed. */
struct token_pair {
    struct buffer access; /* a JWT */
    struct refresh_text refresh;
    int64_t expires_in_s; /* the access token's life */
};

/* Wipes and frees. */
void token_pair_done(struct token_pair *pair);

/* A new session of the account and its first pair; nothing is stored: user_store_add_session() is
 * the next step, the caller's. */
bool session_prepare(const struct users *users, const struct account *account,
                     struct session *session, struct token_pair *pair, struct error *err) MUST_USE;

/* Stores a prepared session after something else was stored. "Nothing was done" is no longer true
 * then: a failure is ERR_UNKNOWN whatever the store says, and the client may log in. */
bool session_begin_after_write(const struct users *users, const struct session *session,
                               struct error *err) MUST_USE;

enum refresh_result {
    REFRESH_ROTATED,
    REFRESH_REPLAYED, /* again within the grace: the same child, also when that was used already */
    REFRESH_REFUSED,  /* no token of ours, or its session is over */
    REFRESH_REUSED,   /* an old token: somebody has a copy, so the session was ended */
    REFRESH_RESULTS,
};

struct refresh {
    /* The request. */
    struct refresh_text token; /* "": something that is no token */
    struct source source;
    /* The answer. */
    enum refresh_result result;
    struct token_pair pair; /* of the first two results */
};

bool refresh(const struct users *users, struct refresh *refresh, struct error *err) MUST_USE;

/* Ends the token's session; a token that is not ours, or whose session is over, is fine too. */
bool logout(const struct users *users, const struct refresh_text *token,
            const struct source *source, struct error *err) MUST_USE;

/* Whether the session lives, the user is active and it is the caller's; then the caller's role
 * becomes the one in the store. On false nothing is allowed. */
bool session_authorize(const struct users *users, struct caller *caller, bool *allowed,
                       struct error *err) MUST_USE;

#endif
