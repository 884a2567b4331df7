/* Addresses of hosts, and networks of them.
 *
 * IPv4 is held as IPv4-mapped IPv6: ::ffff:10.0.0.1 is 10.0.0.1, and one comparison serves both. */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ADDRESS_BYTES = 16,
    ADDRESS_BITS = 128,
    ADDRESS_TEXT_MAX = 45, /* what INET6_ADDRSTRLEN holds */
    /* What one customer of an IPv6 provider has at least, and moves about in freely. */
    ADDRESS_SITE_BITS = 64,
};

struct address {
    uint8_t bytes[ADDRESS_BYTES];
};

struct address_text {
    char text[ADDRESS_TEXT_MAX + 1];
};

/* A literal: no name, no port, no brackets. */
bool address_parse(const char *text, size_t length, struct address *out);

struct address_text address_format(const struct address *address);

/* IPv4 as it is, IPv6 without what follows its first ADDRESS_SITE_BITS: who is counted as one. */
struct address address_site(const struct address *address);

/* All addresses that begin with the same bits. */
struct network {
    struct address address;
    unsigned bits; /* of ADDRESS_BITS, for IPv4 too */
};

/* CIDR: "10.0.0.0/8", "fd00::/8"; a lone address is a network of one. */
bool network_parse(const char *text, size_t length, struct network *out);

/* An IPv6 network holds no IPv4 address, however wide it is. */
bool network_holds(const struct network *network, const struct address *address);

#endif
