/* A forgotten password: asking for a link by mail, and what the link's token does. Failures are as
 * in session.h.
 *
 * Asking only notes that somebody asked, for whatever e-mail was typed: so it costs the same and
 * says the same whether or not there is such an account. reset_mail.h does the rest later. */
#ifndef RECOVERY_H
#define RECOVERY_H

#include <stdbool.h>
#include "account_change.h"
#include "base/error.h"
#include "refresh_token.h"
#include "user.h"
#include "users.h"

/* `email` is well-formed. What one source asks for too often is not noted, and that is not told. */
bool ask_for_reset(const struct users *users, const char *email, const struct source *source,
                   struct error *err) MUST_USE;

struct reset_password {
    /* The request. */
    struct refresh_text token;         /* any text */
    char password[PASSWORD_BYTES + 1]; /* follows the rules but that it is not a name */
    struct source source;
    /* The answer: CHANGE_DONE; CHANGE_GONE: the token is no account's live one; or
     * CHANGE_PASSWORD_IS_NAME, and the token is as good as before. */
    enum change_result result;
};

/* Once done, all sessions are over, and so is every link that was asked for up to now. */
bool reset_password(const struct users *users, struct reset_password *request, struct error *err)
    MUST_USE;

#endif
