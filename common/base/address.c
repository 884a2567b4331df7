#include "base/address.h"

#include <arpa/inet.h>
#include <string.h>

enum { MAPPED_BYTES = 12, MAPPED_BITS = 8 * MAPPED_BYTES };

/* RFC 4291 section 2.5.5.2. */
static const uint8_t mapped[MAPPED_BYTES] = { [10] = 0xff, [11] = 0xff };

static bool is_ipv4(const struct address *address)
{
    return memcmp(address->bytes, mapped, sizeof mapped) == 0;
}

bool address_parse(const char *text, size_t length, struct address *out)
{
    char literal[ADDRESS_TEXT_MAX + 1];
    struct address address;

    if (length >= sizeof literal)
        return false;
    memcpy(literal, text, length);
    literal[length] = '\0';
    if (strlen(literal) != length) /* a NUL inside */
        return false;

    memcpy(address.bytes, mapped, sizeof mapped);
    if (inet_pton(AF_INET, literal, address.bytes + MAPPED_BYTES) != 1 &&
        inet_pton(AF_INET6, literal, address.bytes) != 1)
        return false;
    *out = address;
    return true;
}

struct address_text address_format(const struct address *address)
{
    struct address_text out = { "" };

    if (is_ipv4(address))
        inet_ntop(AF_INET, address->bytes + MAPPED_BYTES, out.text, sizeof out.text);
    else
        inet_ntop(AF_INET6, address->bytes, out.text, sizeof out.text);
    return out;
}

static bool begins_equal(const struct address *a, const struct address *b, unsigned bits)
{
    const size_t whole = bits / 8;
    const unsigned rest = bits % 8;

    return memcmp(a->bytes, b->bytes, whole) == 0 &&
           (rest == 0 || (a->bytes[whole] ^ b->bytes[whole]) >> (8 - rest) == 0);
}

struct address address_site(const struct address *address)
{
    struct address site = *address;

    if (!is_ipv4(address))
        memset(site.bytes + ADDRESS_SITE_BITS / 8, 0, ADDRESS_BYTES - ADDRESS_SITE_BITS / 8);
    return site;
}

/* One to three digits, so that nothing overflows; -1: something else. */
static int read_bits(const char *text, size_t length)
{
    int bits = 0;

    if (length < 1 || length > 3)
        return -1;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        bits = 10 * bits + (text[i] - '0');
    }
    return bits;
}

bool network_parse(const char *text, size_t length, struct network *out)
{
    const char *slash = memchr(text, '/', length);
    const size_t address_length = slash ? (size_t)(slash - text) : length;
    struct address address;

    if (!address_parse(text, address_length, &address))
        return false;
    /* 10.0.0.0/8 counts its bits as IPv4 does, ::ffff:10.0.0.0/104 as IPv6. */
    const int base = memchr(text, ':', address_length) ? 0 : MAPPED_BITS;
    const int given =
        slash ? read_bits(slash + 1, length - address_length - 1) : ADDRESS_BITS - base;
    const int bits = base + given;

    if (given < 0 || bits > ADDRESS_BITS || (is_ipv4(&address) && bits < MAPPED_BITS))
        return false;
    *out = (struct network){ address, (unsigned)bits };
    return true;
}

bool network_holds(const struct network *network, const struct address *address)
{
    return is_ipv4(&network->address) == is_ipv4(address) &&
           begins_equal(&network->address, address, network->bits);
}
