/* What usernames and e-mails are made of; their lengths are in user.h. */
#ifndef USER_NAMES_H
#define USER_NAMES_H

#include <stdbool.h>

/* Letters, digits and . _ ' - only: so it holds no '@', and no e-mail is a username. */
bool username_is_well_formed(const char *text);

/* One '@', a local part of RFC 5322's atoms, a domain of RFC 1123's labels, dotted or plain. */
bool email_is_well_formed(const char *text);

#endif
