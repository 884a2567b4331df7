/* The first admin: made at start when there is none, for nobody becomes one by signing up. */
#ifndef FIRST_ADMIN_H
#define FIRST_ADMIN_H

#include <stdbool.h>
#include "base/error.h"
#include "users.h"

/* ADMIN_USERNAME, ADMIN_EMAIL, ADMIN_PASSWORD: all follow their rules, or all are NULL. */
struct first_admin {
    const char *username, *email, *password;
};

/* Does nothing where there is an active admin; without settings it only warns. Any number of
 * replicas may do so at once: one admin comes of it. False: ERR_CONFIG (a name belongs to a user
 * who is no admin), ERR_UNAVAILABLE (do it again, as after a failure of the store). */
bool make_first_admin(const struct users *users, const struct first_admin *wanted,
                      struct error *err) MUST_USE;

#endif
