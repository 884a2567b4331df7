/* Documents that a canned MongoDB answers with, for the user store's scripts. */
#ifndef CONTRACT_USER_STORE_REPLIES_H
#define CONTRACT_USER_STORE_REPLIES_H

#include "contract/canned_mongo.h"
#include "contract/user_store_suite.h"

#define INSERTED    "{'ok': 1, 'n': 1}"
#define CHANGED     "{'ok': 1, 'n': 1}"
#define NOT_CHANGED "{'ok': 1, 'n': 0}"
#define NOT_PRIMARY "{'ok': 0, 'code': 10107}"
#define INTERNAL    "{'ok': 0, 'code': 1}"
#define WRITE_ERROR(code)                                                                          \
    "{'ok': 1, 'n': 0, 'writeErrors': [{'index': 0, 'code': " #code ", 'errmsg': 'x'}]}"
#define DUPLICATE "{'ok': 1, 'n': 0, 'writeErrors': [{'index': 0, 'code': 11000}]}"

#define OTHER "{'$oid': '0123456789abcdef01234567'}"
#define OURS  "{'$oid': '" OURS_HEX "'}"

#define OURS_HEX "010000000000000000000001" /* nth_account(1) */

#define NOTHING CANNED_BATCH("")

/* A name's document; that it is this name's goes without saying. */
#define CLAIM(id, revision)                                                                        \
    CANNED_BATCH("{'_id': '-', 'userId': " id ", 'revision': " #revision "}")

#define TOMBSTONE CANNED_BATCH("{'_id': " OTHER ", 'tombstone': true}")

#define NO_TIME "{'$date': {'$numberLong': '0'}}"
#define NO_RESET                                                                                   \
    "{'digest': {'$binary': {'base64': 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',"            \
    " 'subType': '00'}}, 'requestedAt': " NO_TIME ", 'expiresAt': " NO_TIME "}"

/* A user's document. */
#define ACCOUNT(id, username, email, revision)                                                     \
    CANNED_BATCH("{'_id': " id ", 'username': '" username "', 'email': '" email                    \
                 "', 'firstName': 'F', 'lastName': 'L', 'phone': '+1', 'photo': 'p',"              \
                 " 'role': 'admin', 'active': true, '__v': 0, 'password': 'h', 'epoch': 0,"        \
                 " 'revision': " #revision ", 'reset': " NO_RESET ", 'createdAt': " NO_TIME "}")

/* Opens a store to whose calls from then on these are the answers; the script ends with a NULL
 * command. How many there are is in `count`. */
struct user_store *open_to_replies(const struct canned_reply replies[], size_t *count);

#endif
