#include "recovery.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include "audit.h"
#include "reset_token.h"

bool ask_for_reset(const struct users *users, const char *email, const struct source *source,
                   struct error *err)
{
    const int64_t now = user_store_now(users->store);
    struct recovery recovery = {
        .id = id_random(users->random), .created_at = now, .due_at = now, .attempts = 0
    };
    bool allowed = false;

    snprintf(recovery.email, sizeof recovery.email, "%s", email);
    if (!throttle_count_asking(users, source, &allowed, err))
        return false;
    return !allowed || user_store_add_recovery(users->store, &recovery, err);
}

struct reset_edit {
    const struct reset_password *request;
    struct digest digest;       /* of the token */
    struct password_hash fresh; /* empty: not hashed yet */
};

static bool is_live(const struct account *account, const struct digest *digest, int64_t now)
{
    const struct password_reset *reset = &account->reset;

    return account->user.active && now < reset->expires_at &&
           sodium_memcmp(reset->digest.bytes, digest->bytes, DIGEST_BYTES) == 0;
}

static bool is_name(const struct reset_password *request, const struct user *user)
{
    return password_judge(request->password, user->username, user->email) == PASSWORD_IS_NAME;
}

/* Only a live token is worth a hash. Of many at once with one token a few may hash; the account is
 * swapped by the first, and the others find it without that token. */
static bool edit_by_token(const struct users *users, void *context, struct account *account,
                          enum change_result *result, struct error *err)
{
    struct reset_edit *edit = context;
    const char *password = edit->request->password;
    const int64_t now = user_store_now(users->store);

    *result = CHANGE_GONE;
    if (!is_live(account, &edit->digest, now))
        return true;
    *result = CHANGE_PASSWORD_IS_NAME;
    if (is_name(edit->request, &account->user))
        return true;
    if (!*edit->fresh.text && !password_hash(&users->password_cost, users->random, password,
                                             strlen(password), &edit->fresh, err))
        return false;
    account->password = edit->fresh;
    /* Not zeroed whole: a mail that was sent but not known to be is sent again, and must not bring
     * a used token back. */
    account->reset = (struct password_reset){ .requested_at = now };
    account_end_sessions(account);
    *result = CHANGE_DONE;
    return true;
}

bool reset_password(const struct users *users, struct reset_password *request, struct error *err)
{
    struct reset_edit edit = { .request = request };
    struct reset_token token;
    struct account account;

    request->result = CHANGE_GONE;
    if (!reset_token_parse(&users->reset_key, request->token.text, &token))
        return true;
    edit.digest = reset_token_digest(&token);

    const struct actor holder = { .user_id = token.token.session_id, .source = request->source };
    if (!account_change(users, &holder.user_id, edit_by_token, &edit, &account, &request->result,
                        err))
        return false;
    account_audit(users, AUDIT_PASSWORD_RESET, &holder, &holder.user_id, request->result);
    return true;
}
