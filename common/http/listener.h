/* The listening socket. */
#ifndef HTTP_LISTENER_H
#define HTTP_LISTENER_H

#include <stdint.h>
#include "base/error.h"

/* Listens at a literal IPv4 or IPv6 address; *port 0 becomes the free port that was found. -1:
 * ERR_CONFIG (a bad address), ERR_SYSTEM. */
int listener_open(const char *address, uint16_t *port, struct error *err) MUST_USE;

/* Raises the soft limit of open files to the hard one, and says how many there may be. */
uint64_t listener_raise_files(void);

#endif
