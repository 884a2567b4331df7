/* Passwords: the rules for new ones, and Argon2id, which lives here only.
 *
 * A hash is kept as PHC text, $argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>, with the cost that made
 * it, so that costs can be changed while old hashes still verify. */
#ifndef PASSWORD_H
#define PASSWORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/error.h"
#include "base/random.h"

enum {
    PASSWORD_MIN = 8,     /* code points: NIST SP 800-63B */
    PASSWORD_MAX = 128,   /* code points; long enough for a passphrase */
    PASSWORD_BYTES = 512, /* 128 of four bytes each */

    PASSWORD_MEMORY_KIB_MIN = 8,       /* what Argon2 itself asks for, 8 x lanes */
    PASSWORD_MEMORY_KIB_MAX = 1 << 18, /* 256 MiB: a hash from the store cannot eat the host */
    PASSWORD_PASSES_MAX = 16,          /* nor keep a core for minutes */

    PASSWORD_HASH_MAX = 127,
};

struct password_cost {
    uint32_t memory_kib;
    uint32_t passes;
};

/* PHC text. */
struct password_hash {
    char text[PASSWORD_HASH_MAX + 1];
};

enum password_fault {
    PASSWORD_FINE,
    PASSWORD_TOO_SHORT,
    PASSWORD_TOO_LONG,
    PASSWORD_IS_NAME, /* the username or the e-mail, in whatever case */
    PASSWORD_COMMON,  /* on the shipped list */
};

/* Judges a new password, valid UTF-8; an empty username or e-mail is not compared. */
enum password_fault password_judge(const char *password, const char *username, const char *email);

/* Hashes `length` bytes with a fresh salt. Takes tens of milliseconds and cost->memory_kib of
 * memory. False: ERR_NO_MEMORY. */
bool password_hash(const struct password_cost *cost, const struct random *random,
                   const char *password, size_t length, struct password_hash *out,
                   struct error *err) MUST_USE;

/* Whether it is the hash's password. False: ERR_NO_MEMORY, ERR_BUG (no PHC text of ours); never
 * means "wrong". */
bool password_verify(const struct password_hash *hash, const char *password, size_t length,
                     bool *right, struct error *err) MUST_USE;

/* Whether the hash was made at another cost than this. */
bool password_is_outdated(const struct password_hash *hash, const struct password_cost *cost);

/* A hash that no password has, made without hashing: verifying against it is the work that an
 * account that is not there must cost, too. */
struct password_hash password_dummy(const struct password_cost *cost, const struct random *random);

#endif
