/* What a user and a session are. Times are milliseconds since 1970 by the store's clock. */
#ifndef USER_H
#define USER_H

#include <stdbool.h>
#include <stdint.h>
#include "auth/caller.h"
#include "base/id.h"
#include "password.h"

enum {
    USERNAME_MIN = 3,
    USERNAME_MAX = 64,
    PERSON_NAME_MAX = 64,                    /* code points */
    PERSON_NAME_BYTES = 4 * PERSON_NAME_MAX, /* of UTF-8 */
    EMAIL_MAX = 254,                         /* RFC 5321 section 4.5.3.1.3, less its brackets */
    PHONE_DIGITS_MIN = 7,
    PHONE_DIGITS_MAX = 15, /* E.164 */
    PHOTO_MAX = 255,
};

#define PHOTO_DEFAULT "default.jpg"

/* A user as clients see it, and nothing else. */
struct user {
    struct id id;
    char username[USERNAME_MAX + 1]; /* as it was typed; its key is what is unique */
    char first_name[PERSON_NAME_BYTES + 1];
    char last_name[PERSON_NAME_BYTES + 1];
    char email[EMAIL_MAX + 1];
    char phone[1 + PHONE_DIGITS_MAX + 1];
    char photo[PHOTO_MAX + 1];
    enum role role;
    bool active;
    uint32_t version; /* counts client-visible changes: __v */
};

/* What a username or an e-mail is found and unique by: the same in lower case. Both are ASCII, so
 * this holds in every locale. A username has no '@' and an e-mail has one: keys of the two kinds
 * never meet. */
struct user_key {
    char text[EMAIL_MAX + 1];
};

/* `name` fits: at most EMAIL_MAX bytes. */
struct user_key user_key_of(const char *name);

enum { DIGEST_BYTES = 32 }; /* BLAKE2b-256 */

struct digest {
    uint8_t bytes[DIGEST_BYTES];
};

/* The one link that may set a new password: a newer request replaces it, a use removes it. */
struct password_reset {
    struct digest digest;
    int64_t requested_at; /* of two requests the later one holds */
    int64_t expires_at;   /* 0: none */
};

/* The user and what the service alone knows of it. */
struct account {
    struct user user;
    struct password_hash password;
    uint32_t epoch;    /* sessions of another epoch are over: one write to the user ends them all */
    uint32_t revision; /* raised by every put; what user_store_put_account() compares */
    struct password_reset reset;
    int64_t created_at;
};

/* A refresh token that was given in for its child, and when. */
struct used_token {
    struct digest digest;
    int64_t used_at; /* 0: none */
};

/* So many used tokens a session remembers, for as long as each may be repeated. A client repeats
 * because an answer was lost, and without the answer it goes no further: two generations are what
 * honest ones need, eight leave room for several that share a session. What falls off within its
 * grace counts as reuse, which errs on the safe side; and a session stays one small document. */
enum { USED_TOKENS_KEPT = 8 };

/* One login on one device. A session that is there lives until it expires; ending one deletes it.
 * Of its refresh token only digests are kept. */
struct session {
    struct id id;
    struct id user_id;
    uint32_t epoch; /* the account's when it began */
    struct digest current;
    struct digest parent; /* of the token that was given in for the current one; zero: none yet */
    int64_t rotated_at;   /* when that happened */
    struct used_token older[USED_TOKENS_KEPT - 1]; /* used before the parent, newest first */
    int64_t created_at;
    int64_t expires_at;
};

/* Something that is counted against a limit by time, by whoever makes the key. */
struct counter {
    uint32_t revision; /* 0: not in the store */
    uint32_t count;
    int64_t since;         /* when it began to count */
    int64_t blocked_until; /* 0: not */
    int64_t expires_at;    /* from then on it counts nothing; the sweeper deletes it */
};

/* Somebody asked for a reset link for whatever account has this e-mail, if any has. */
struct recovery {
    struct id id;
    char email[EMAIL_MAX + 1]; /* as it was typed */
    int64_t created_at;
    int64_t due_at; /* when it may be claimed (again) */
    uint32_t attempts;
};

enum {
    SOURCE_MAX = 45, /* an IPv6 address as text */
    AUDIT_WORD_MAX = 31,
};

/* An address that requests come from, as text. */
struct source {
    char text[SOURCE_MAX + 1];
};

struct audit_event {
    struct id id;
    int64_t date;
    bool has_actor, has_target; /* else there is none, or none that we know */
    struct id actor, target;    /* users, who may be gone by now */
    char action[AUDIT_WORD_MAX + 1];
    char outcome[AUDIT_WORD_MAX + 1];
    struct source source;
};

#endif
