/* What the decoding of bodies shares: rows of field tables, and the rules for new passwords. */
#ifndef HTTP_BODY_H
#define HTTP_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include "http/readers.h"
#include "http/request.h"

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

/* Decodes, so that faults can be added: false only when none could help any more. */
bool body_decode(const struct request *request, const struct field fields[], size_t count,
                 void *target, struct problem *problem) MUST_USE;

/* Whether no fault was found; else `problem` says so. */
bool body_judged(struct problem *problem) MUST_USE;

/* A new password and its repetition; an empty username or e-mail is not compared. */
void body_check_password(const struct sent_password *password,
                         const struct sent_confirmation *confirmation, const char *username,
                         const char *email, struct faults *faults);

#endif
