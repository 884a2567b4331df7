/* Sessions. One document of the store is the truth of a session: which refresh token is current is
 * decided by one conditional update of it, so any number of replicas may be asked at once. */
#include "session.h"

#include <sodium.h>
#include <string.h>
#include "audit.h"

/* Tries to rotate before the client is told to come again. The second try already finds what the
 * first lost to; a store whose reads lag behind may need one more. */
enum { ROTATE_TRIES = 3 };

/* --- The pair. --- */

void token_pair_done(struct token_pair *pair)
{
    if (pair->access.data)
        sodium_memzero(pair->access.data, pair->access.length);
    buffer_done(&pair->access);
    sodium_memzero(pair, sizeof *pair);
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* An access token of the session that does not outlive it, and the refresh token's text. */
static bool pair_make(const struct users *users, const struct session *session,
                      const struct user *user, int64_t now, const struct refresh_token *token,
                      struct token_pair *pair, struct error *err)
{
    AUTO(key_set) const struct key_set *keys = key_ring_take(users->keys);
    struct token_rules rules = users->token_rules;
    const int64_t issued_at_s = clock_wall_ms(users->clock) / SECOND_MS;
    const struct caller caller = { .user_id = user->id,
                                   .session_id = session->id,
                                   .role = user->role };

    rules.ttl_s = smaller(rules.ttl_s, (session->expires_at - now + SECOND_MS - 1) / SECOND_MS);
    buffer_clear(&pair->access);
    if (!token_issue(keys, &rules, issued_at_s, &caller, &pair->access, err))
        return false;
    pair->refresh = refresh_token_format(&users->refresh_key, token);
    pair->expires_in_s = rules.ttl_s;
    return true;
}

static int64_t session_expiry(const struct users *users, int64_t created_at, int64_t now)
{
    return smaller(now + users->refresh_ttl_ms, created_at + SESSION_LIFE_MAX_MS);
}

bool session_prepare(const struct users *users, const struct account *account,
                     struct session *session, struct token_pair *pair, struct error *err)
{
    const int64_t now = user_store_now(users->store);
    const struct id id = id_random(users->random);
    struct refresh_token token = refresh_token_new(users->random, &id);
    const struct session made = {
        .id = id,
        .user_id = account->user.id,
        .epoch = account->epoch,
        .current = refresh_token_digest(&token),
        .created_at = now,
        .expires_at = session_expiry(users, now, now),
    };
    const bool ok = pair_make(users, &made, &account->user, now, &token, pair, err);

    sodium_memzero(&token, sizeof token);
    if (ok)
        *session = made;
    return ok;
}

bool session_begin_after_write(const struct users *users, const struct session *session,
                               struct error *err)
{
    if (user_store_add_session(users->store, session, err))
        return true;
    err->code = ERR_UNKNOWN;
    return false;
}

/* --- Refresh. --- */

static bool session_lives(const struct session *session, const struct account *account, int64_t now)
{
    return account->user.active && session->epoch == account->epoch && now < session->expires_at;
}

static bool digest_equal(const struct digest *a, const struct digest *b)
{
    return sodium_memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

static struct used_token last_used(const struct session *session)
{
    return (struct used_token){ session->parent, session->rotated_at };
}

/* A session as it was read, and the token that was given in for it. */
struct attempt {
    int64_t now;
    struct refresh_token token, child;
    struct digest digest;
    struct session session;
    struct account account;
};

static bool refuse(struct refresh *refresh)
{
    refresh->result = REFRESH_REFUSED;
    return true;
}

/* The token was already used, and not just now: it or its child is in wrong hands. Which of the two
 * cannot be told, so both end. But a read may lag behind, and to who sees an older session the
 * newest token is a stranger: only what is still as it was read is ended. */
static bool punish(const struct users *users, const struct attempt *attempt,
                   struct refresh *refresh, enum rotate_outcome *outcome, struct error *err)
{
    bool ended = false;

    if (!user_store_end_session_as_read(users->store, &attempt->session, &ended, err))
        return false;
    if (!ended) {
        *outcome = SESSION_MOVED_ON;
        return true;
    }
    audit(users, &(struct audit_entry){ .action = AUDIT_TOKEN_REUSE,
                                        .outcome = AUDIT_REFUSED,
                                        .target = &attempt->account.user.id,
                                        .source = &refresh->source });
    refresh->result = REFRESH_REUSED;
    return true;
}

/* A token repeated within its own grace, whether or not its child was used meanwhile: the client's
 * first answer was lost, or is still under way. */
static bool is_replay(const struct attempt *attempt)
{
    const struct session *session = &attempt->session;
    struct used_token used[USED_TOKENS_KEPT] = { last_used(session) };

    memcpy(used + 1, session->older, sizeof session->older);
    for (size_t i = 0; i < USED_TOKENS_KEPT; i++)
        if (digest_equal(&attempt->digest, &used[i].digest))
            return attempt->now - used[i].used_at <= REFRESH_GRACE_MS;
    return false;
}

static bool replay(const struct users *users, const struct attempt *attempt,
                   struct refresh *refresh, struct error *err)
{
    if (!pair_make(users, &attempt->session, &attempt->account.user, attempt->now, &attempt->child,
                   &refresh->pair, err))
        return false;
    refresh->result = REFRESH_REPLAYED;
    return true;
}

/* Puts the last used token in front of the older ones; the oldest falls off when they are full. */
static struct rotation rotation_of(const struct attempt *attempt, int64_t expires_at)
{
    const struct session *session = &attempt->session;
    struct rotation rotation = { .session_id = session->id,
                                 .from = attempt->digest,
                                 .to = refresh_token_digest(&attempt->child),
                                 .rotated_at = attempt->now,
                                 .expires_at = expires_at,
                                 .older = { last_used(session) } };

    memcpy(rotation.older + 1, session->older, sizeof session->older - sizeof *session->older);
    return rotation;
}

/* The pair is made first: once the store has rotated, nothing is left that could fail. */
static bool rotate(const struct users *users, const struct attempt *attempt,
                   struct refresh *refresh, enum rotate_outcome *outcome, struct error *err)
{
    struct session next = attempt->session;

    next.expires_at = session_expiry(users, next.created_at, attempt->now);
    if (!pair_make(users, &next, &attempt->account.user, attempt->now, &attempt->child,
                   &refresh->pair, err))
        return false;

    const struct rotation rotation = rotation_of(attempt, next.expires_at);
    if (!user_store_rotate_session(users->store, &rotation, outcome, err))
        return false;
    refresh->result = REFRESH_ROTATED;
    return true;
}

static bool try_refresh(const struct users *users, struct attempt *attempt, struct refresh *refresh,
                        enum rotate_outcome *outcome, struct error *err)
{
    const struct session *session = &attempt->session;
    bool found = false;

    *outcome = SESSION_ROTATED;
    attempt->now = user_store_now(users->store);
    if (!user_store_get_session(users->store, &attempt->token.session_id, &attempt->session,
                                &attempt->account, &found, err))
        return false;
    if (!found || !session_lives(session, &attempt->account, attempt->now))
        return refuse(refresh);
    if (digest_equal(&attempt->digest, &session->current))
        return rotate(users, attempt, refresh, outcome, err);
    if (is_replay(attempt))
        return replay(users, attempt, refresh, err);
    return punish(users, attempt, refresh, outcome, err);
}

static bool refresh_token(const struct users *users, struct attempt *attempt,
                          struct refresh *refresh, struct error *err)
{
    attempt->digest = refresh_token_digest(&attempt->token);
    attempt->child = refresh_token_child(&users->refresh_key, &attempt->token);
    for (int tries = 0; tries < ROTATE_TRIES; tries++) {
        enum rotate_outcome outcome;
        if (!try_refresh(users, attempt, refresh, &outcome, err))
            return false;
        if (outcome == SESSION_ROTATED)
            return true;
    }
    return error_set(err, ERR_BUSY, 0, "a session kept moving on");
}

bool refresh(const struct users *users, struct refresh *refresh, struct error *err)
{
    struct attempt attempt = { 0 };

    if (!refresh_token_parse(&users->refresh_key, refresh->token.text, strlen(refresh->token.text),
                             &attempt.token))
        return refuse(refresh);

    const bool ok = refresh_token(users, &attempt, refresh, err);
    sodium_memzero(&attempt, sizeof attempt);
    return ok;
}

/* --- Logout, and the look at a session. --- */

bool logout(const struct users *users, const struct refresh_text *text, const struct source *source,
            struct error *err)
{
    struct refresh_token token;
    struct session session;
    struct account account;
    bool found = false;

    if (!refresh_token_parse(&users->refresh_key, text->text, strlen(text->text), &token))
        return true;
    sodium_memzero(token.secret, sizeof token.secret);
    if (!user_store_get_session(users->store, &token.session_id, &session, &account, &found, err) ||
        !user_store_end_session(users->store, &token.session_id, err))
        return false;
    if (found)
        audit(users, &(struct audit_entry){ .action = AUDIT_LOGOUT,
                                            .outcome = AUDIT_DONE,
                                            .actor = &session.user_id,
                                            .target = &session.user_id,
                                            .source = source });
    return true;
}

bool session_authorize(const struct users *users, struct caller *caller, bool *allowed,
                       struct error *err)
{
    struct session session;
    struct account account;
    bool found = false;

    if (!user_store_get_session(users->store, &caller->session_id, &session, &account, &found, err))
        return false;
    *allowed = found && id_equal(&session.user_id, &caller->user_id) &&
               session_lives(&session, &account, user_store_now(users->store));
    if (*allowed)
        caller->role = account.user.role;
    return true;
}
