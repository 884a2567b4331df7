/* The shipped list of common passwords: of 8 and more characters, in lower case, sorted by their
 * bytes. It is made at build time from common_passwords.txt (origin and licence stand beside it).
 */
#ifndef COMMON_PASSWORDS_H
#define COMMON_PASSWORDS_H

#include <stddef.h>

/* The longest entry (a unit test holds the list to it). */
enum { COMMON_PASSWORD_MAX = 20 };

extern const char common_passwords[][COMMON_PASSWORD_MAX + 1];
extern const size_t common_password_count;

#endif
