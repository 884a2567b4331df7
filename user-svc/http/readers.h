/* Readers for the fields of a user (see json/decode.h): type, length and form of one text. */
#ifndef HTTP_READERS_H
#define HTTP_READERS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include "json/decode.h"
#include "password.h"

typedef bool field_reader(const json_t *value, void *out, size_t size, struct field_fault *fault);

/* `out` is text of `size` bytes. */
field_reader read_username;
field_reader read_name;
field_reader read_phone;
field_reader read_email;
field_reader read_photo;

/* A token is opaque, so text of any form is one: what is too long to be ours is left empty, and
 * that is no token of ours either. */
field_reader read_token;

field_reader read_role;   /* `out` is an enum role */
field_reader read_active; /* `out` is a bool */

/* A password as it was sent: `out` is a struct sent_password. Which rules it must follow depends on
 * what it is for. */
struct sent_password {
    bool sent; /* text, and not too long for any password; else its fault is told already */
    char text[PASSWORD_BYTES + 1];
};

field_reader read_password;

/* The same password again: `out` is a struct sent_confirmation. Only whether it is equal matters,
 * so its length is no fault of its own. */
struct sent_confirmation {
    bool sent;     /* text; else its fault is told already */
    bool too_long; /* to be equal to any password: not kept */
    char text[PASSWORD_BYTES + 1];
};

field_reader read_confirmation;

#endif
