/* Secrets that are none. */
#ifndef AUTH_WEAK_SECRET_H
#define AUTH_WEAK_SECRET_H

#include <stddef.h>

/* Why this secret must not sign tokens (static text that completes "the secret …"), or NULL. */
const char *weak_secret_reason(const unsigned char *secret, size_t length);

#endif
