/* What the decoding of bodies shares: rows of field tables, and the rules for new passwords. */
#ifndef HTTP_BODY_H
#define HTTP_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include "account.h"
#include "audit.h"
#include "http/readers.h"
#include "http/request.h"
#include "user.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

#define SIZE_OF(type, member) sizeof(((type *)NULL)->member)

/* A row: `reader` puts the member `name` into `member` of `type`. */
#define FIELD(type, name, member, reader)                                                          \
    {                                                                                              \
        name, FIELD_REQUIRED, offsetof(type, member), SIZE_OF(type, member), 0, reader             \
    }

/* The same, but it may be missing; `given`, a bool of `type`, tells. */
#define FIELD_IF(type, name, member, given, reader)                                                \
    {                                                                                              \
        name, FIELD_OPTIONAL, offsetof(type, member), SIZE_OF(type, member),                       \
            offsetof(type, given), reader                                                          \
    }

/* Where the request comes from, as states keep it. */
struct source body_source(const struct request *request);

/* Who makes it; only on routes with BEARER or ADMIN. */
struct actor body_actor(const struct request *request);

/* Decodes, so that faults can be added: false only when none could help any more. */
bool body_decode(const struct request *request, const struct field fields[], size_t count,
                 void *target, struct problem *problem) MUST_USE;

/* Whether no fault was found; else `problem` says so. */
bool body_judged(struct problem *problem) MUST_USE;

/* Whether a fault of what `pointer` names is told already; "" is the body, of which nothing else is
 * asked when it is no object. */
bool body_is_at_fault(const struct faults *faults, const char *pointer);

/* A new account as a body has it, in `member` of `type`. */
struct sent_account {
    struct new_account account; /* its password is filled at the end */
    struct sent_password password;
    struct sent_confirmation confirmation;
};

#define SENT_ACCOUNT_FIELDS(type, member)                                                          \
    FIELD(type, "username", member.account.username, read_username),                               \
        FIELD(type, "firstName", member.account.first_name, read_name),                            \
        FIELD(type, "lastName", member.account.last_name, read_name),                              \
        FIELD(type, "phone", member.account.phone, read_phone),                                    \
        FIELD(type, "email", member.account.email, read_email),                                    \
        FIELD(type, "password", member.password, read_password),                                   \
        FIELD(type, "passwordConfirm", member.confirmation, read_confirmation)

/* What of a user may change, as a struct user_change in `member` of `type`; for everybody, … */
#define PROFILE_FIELDS(type, member)                                                               \
    FIELD_IF(type, "firstName", member.first_name, member.given.first_name, read_name),            \
        FIELD_IF(type, "lastName", member.last_name, member.given.last_name, read_name),           \
        FIELD_IF(type, "phone", member.phone, member.given.phone, read_phone),                     \
        FIELD_IF(type, "photo", member.photo, member.given.photo, read_photo),                     \
        FIELD_IF(type, "email", member.email, member.given.email, read_email)

/* … and by an admin alone. */
#define ADMIN_FIELDS(type, member)                                                                 \
    FIELD_IF(type, "username", member.username, member.given.username, read_username),             \
        FIELD_IF(type, "role", member.role, member.given.role, read_role),                         \
        FIELD_IF(type, "active", member.active, member.given.active, read_active)

/* Adds the faults that no single field can tell. */
void body_check_account(const struct sent_account *sent, struct faults *faults);

/* Only of a body that is without fault. */
void body_take_account(const struct sent_account *sent, struct new_account *out);

/* Of the member `password`. */
void body_add_password_fault(struct faults *faults, enum password_fault fault);

/* A new password and its repetition; an empty username or e-mail is not compared. */
void body_check_password(const struct sent_password *password,
                         const struct sent_confirmation *confirmation, const char *username,
                         const char *email, struct faults *faults);

#endif
