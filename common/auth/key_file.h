/* One key from one file or setting. For the keys module only. */
#ifndef AUTH_KEY_FILE_H
#define AUTH_KEY_FILE_H

#include "auth/keys.h"

/* Makes an HS256 key of a copy of the secret. False: ERR_CONFIG, ERR_NO_MEMORY. `origin` (a file
 * or setting) is for the message. */
bool key_from_secret(const char *kid, const void *secret, size_t length, const char *origin,
                     struct key *out, struct error *err) MUST_USE;

/* Reads <directory>/<name>, <kid>.secret or <kid>.pem. False: ERR_CONFIG, ERR_NO_MEMORY. */
bool key_from_file(const char *directory, const char *name, struct key *out, struct error *err)
    MUST_USE;

/* Wipes and frees what the key holds. */
void key_done(struct key *key);

/* AUTO(key) struct key key = { 0 }; */
static inline void auto_key(struct key *key)
{
    key_done(key);
}

#endif
