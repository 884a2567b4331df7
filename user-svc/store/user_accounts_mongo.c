/* Changing an account: one conditional write of its document, and around it what makes it safe. New
 * names are claimed before it (user_names_mongo.c), the last admin is guarded while it happens
 * (admin_guard_mongo.c), what it leaves behind is deleted after it.
 *
 * Whoever is stopped on the way leaves a claim or a guard that leads to nothing; what they are in
 * the way of waits a second, fences the account, and goes on. */
#include "store/admin_guard_mongo.h"
#include "store/user_names_mongo.h"
#include "store/user_rooms_mongo.h"

enum { NAMES_EACH = 2 }; /* username, e-mail */

/* --- Names. --- */

struct claims {
    size_t count;
    struct name_claim each[NAMES_EACH];
};

/* On the names of `whose` that `other` (NULL: nobody) has not, the username first. */
static struct claims claims_of(const struct account *whose, const struct account *other,
                               uint32_t revision)
{
    const char *const names[NAMES_EACH] = { whose->user.username, whose->user.email };
    struct claims claims = { .count = 0 };

    for (size_t i = 0; i < NAMES_EACH; i++) {
        const struct user_key key = user_key_of(names[i]);
        if (!other || !account_uses(other, &key))
            claims.each[claims.count++] = (struct name_claim){ key, whose->user.id, revision };
    }
    return claims;
}

static void free_all(struct mongo_session *session, const struct claims *claims)
{
    for (size_t i = 0; i < claims->count; i++)
        names_free(session, &claims->each[i]);
}

/* All of `wanted`; those that are ours then are in `claimed`. */
static bool claim_all(struct mongo_session *session, const struct claims *wanted,
                      struct claims *claimed, enum put_account_outcome *outcome, struct error *err)
{
    *outcome = ACCOUNT_PUT;
    for (size_t i = 0; i < wanted->count && *outcome == ACCOUNT_PUT; i++)
        switch (names_claim(session, &wanted->each[i], err)) {
        case CLAIM_OURS:
            claimed->each[claimed->count++] = wanted->each[i];
            break;
        case CLAIM_TAKEN:
            *outcome = ACCOUNT_NAME_TAKEN;
            break;
        case CLAIM_MOVED_ON:
            *outcome = ACCOUNT_MOVED_ON;
            break;
        case CLAIM_FAILED:
            return false;
        }
    return true;
}

/* --- The write. --- */

static bool is_admin(const struct account *account)
{
    return account->user.role == ROLE_ADMIN && account->user.active;
}

static bool write_account(struct mongo_session *session, const struct account *from,
                          const bson_t *change, enum put_account_outcome *outcome,
                          struct error *err)
{
    AUTO(bson) bson_t *filter = document_by_id(&from->user.id);
    bool put = false;

    BSON_APPEND_INT64(filter, "revision", from->revision);
    no_tombstone_append(filter); /* its revisions, raised by fences, begin anew */
    if (!document_swap(session, USERS, filter, change, &put, err))
        return false;
    *outcome = put ? ACCOUNT_PUT : ACCOUNT_MOVED_ON;
    return true;
}

/* There is no other admin; but is it still the account that was read? */
static bool refuse(struct mongo_session *session, const struct account *from,
                   enum put_account_outcome *outcome, struct error *err)
{
    struct account account;
    bool found = false;

    if (!user_read(session, &from->user.id, &account, &found, err))
        return false;
    *outcome = found && account.revision == from->revision ? ACCOUNT_LAST_ADMIN : ACCOUNT_MOVED_ON;
    return true;
}

static bool write_guarded(struct mongo_session *session, const struct account *from,
                          const bson_t *change, enum put_account_outcome *outcome,
                          struct error *err)
{
    struct admin_guard guard;
    bool another = false;

    if (!admin_guard_take(session, &from->user.id, &guard, err) ||
        !admin_guard_another(session, &guard, &another, err))
        return false;
    const bool decided = another ? write_account(session, from, change, outcome, err)
                                 : refuse(session, from, outcome, err);
    if (decided)
        admin_guard_release(session, &guard);
    return decided;
}

/* `to`: what becomes of the account by the change; NULL: it is deleted. */
static bool change_account(struct mongo_session *session, const struct account *from,
                           const struct account *to, const bson_t *change,
                           enum put_account_outcome *outcome, struct error *err)
{
    const bool resigns = is_admin(from) && !(to && is_admin(to));

    return (resigns ? write_guarded : write_account)(session, from, change, outcome, err);
}

/* --- The port's calls. --- */

bool user_mongo_put_account(struct user_store *store, const struct account *from,
                            const struct account *to, enum put_account_outcome *outcome,
                            struct error *err)
{
    AUTO(mongo_session) struct mongo_session *session = user_mongo_begin(store, err);
    AUTO(bson) bson_t *fields = bson_new();
    const uint32_t revision = from->revision + 1;
    const struct claims gained = claims_of(to, from, revision);
    const struct claims lost = claims_of(from, to, revision);
    struct claims claimed = { .count = 0 };
    enum put_account_outcome end = ACCOUNT_PUT;

    account_append(fields, to, revision);
    AUTO(bson) bson_t *change = BCON_NEW("$set", BCON_DOCUMENT(fields));
    if (!session || !claim_all(session, &gained, &claimed, &end, err))
        return false;
    if (end == ACCOUNT_PUT && !change_account(session, from, to, change, &end, err))
        return false;
    free_all(session, end == ACCOUNT_PUT ? &lost : &claimed);
    *outcome = end;
    return true;
}

/* A session whose user is not there is over already, and swept when it expires. */
static void delete_sessions(struct mongo_session *session, const struct id *user_id)
{
    AUTO(bson) bson_t *filter = bson_new();
    size_t count = 0;

    id_append(filter, "userId", user_id);
    bool deleted = documents_delete(session, SESSIONS, filter, &count, NULL);

    (void)deleted;
}

bool user_mongo_delete_account(struct user_store *store, const struct account *from,
                               enum put_account_outcome *outcome, struct error *err)
{
    AUTO(mongo_session) struct mongo_session *session = user_mongo_begin(store, err);
    AUTO(bson) bson_t *tombstone = bson_new();
    const struct claims lost = claims_of(from, NULL, UINT32_MAX);
    enum put_account_outcome end = ACCOUNT_PUT;

    tombstone_append(tombstone);
    if (!session || !change_account(session, from, NULL, tombstone, &end, err))
        return false;
    if (end == ACCOUNT_PUT) {
        free_all(session, &lost);
        delete_sessions(session, &from->user.id);
    }
    *outcome = end;
    return true;
}
