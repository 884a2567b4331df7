/* Proxies that are believed when they say where a request comes from. */
#ifndef HTTP_PROXIES_H
#define HTTP_PROXIES_H

#include <stdbool.h>
#include <stddef.h>
#include "base/address.h"

enum { PROXIES_MAX = 64 }; /* networks: a cloud's load balancers are a few dozen */

struct proxies {
    struct network networks[PROXIES_MAX];
    size_t count;
};

/* "10.0.0.0/8, fd00::/8, 192.0.2.1". False, and `out` untouched: one of them is no network, or they
 * are too many. */
bool proxies_parse(const char *list, struct proxies *out);

bool proxies_trust(const struct proxies *proxies, const struct address *address);

#endif
