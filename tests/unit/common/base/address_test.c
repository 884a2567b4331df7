/* Addresses and networks: what is read as one, what a network holds. */
#include "unit/support/tests.h"

#include <string.h>

#include "base/address.h"

static const struct address_case {
    const char *name, *text, *formatted; /* NULL: no address */
} address_cases[] = {
    { "address: IPv4", "192.0.2.1", "192.0.2.1" },
    { "address: IPv6", "2001:db8:0:0::1", "2001:db8::1" },
    { "address: IPv4, mapped", "::ffff:192.0.2.1", "192.0.2.1" },
    { "address: IPv4, mapped, in hex", "::FFFF:C000:0201", "192.0.2.1" },
    { "address: the longest", "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255",
      "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
    { "address: too long", "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.2550", NULL },
    { "address: nothing", "", NULL },
    { "address: a name", "localhost", NULL },
    { "address: a port", "192.0.2.1:80", NULL },
    { "address: brackets", "[::1]", NULL },
    { "address: a zone", "fe80::1%eth0", NULL },
    { "address: short IPv4", "127.1", NULL },
    { "address: a blank", " 192.0.2.1", NULL },
    { "address: 256", "192.0.2.256", NULL },
};

static void an_address_is_read(void **state)
{
    const struct address_case *c = *state;
    const struct address untouched = { { 7 } };
    struct address address = untouched;

    assert_int_equal(address_parse(c->text, strlen(c->text), &address), c->formatted != NULL);
    if (c->formatted)
        assert_string_equal(address_format(&address).text, c->formatted);
    else
        assert_memory_equal(&address, &untouched, sizeof address);
}

static void a_nul_ends_no_address(void **state)
{
    (void)state;
    struct address address;

    assert_false(address_parse("192.0.2.1\0.evil", 15, &address));
    assert_true(address_parse("192.0.2.1, 192.0.2.2", 9, &address));
}

static struct address address_of(const char *text)
{
    struct address address;

    assert_true(address_parse(text, strlen(text), &address));
    return address;
}

static const struct site_case {
    const char *name, *text, *site;
} site_cases[] = {
    { "site: IPv4 is itself", "192.0.2.77", "192.0.2.77" },
    { "site: IPv6 by its first 64 bits", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::" },
    { "site: not by more", "2001:db8:1:2:ffff::", "2001:db8:1:2::" },
    { "site: not by less", "2001:db8:1:3::", "2001:db8:1:3::" },
};

static void a_site_is_counted_as_one(void **state)
{
    const struct site_case *c = *state;
    const struct address address = address_of(c->text), site = address_site(&address);

    assert_string_equal(address_format(&site).text, c->site);
}

static const struct network_case {
    const char *name, *network, *address; /* NULL: no network */
    bool holds;
} network_cases[] = {
    { "network: a lone address", "192.0.2.1", "192.0.2.1", true },
    { "network: another address", "192.0.2.1", "192.0.2.2", false },
    { "network: the first of it", "10.0.0.0/8", "10.0.0.0", true },
    { "network: the last of it", "10.0.0.0/8", "10.255.255.255", true },
    { "network: behind it", "10.0.0.0/8", "11.0.0.0", false },
    { "network: not on a byte", "172.16.0.0/12", "172.31.255.255", true },
    { "network: behind it, not on a byte", "172.16.0.0/12", "172.32.0.0", false },
    { "network: named by an address of it", "10.1.2.3/8", "10.9.9.9", true },
    { "network: all of IPv4", "0.0.0.0/0", "203.0.113.9", true },
    { "network: all of IPv4 is no IPv6", "0.0.0.0/0", "2001:db8::1", false },
    { "network: all of IPv6", "::/0", "2001:db8::1", true },
    { "network: all of IPv6 is no IPv4", "::/0", "192.0.2.1", false },
    { "network: IPv6", "2001:db8::/33", "2001:db8:7fff::", true },
    { "network: behind it, IPv6", "2001:db8::/33", "2001:db8:8000::", false },
    { "network: IPv6, one address", "::1/128", "::1", true },
    { "network: IPv4, one address", "127.0.0.1/32", "::ffff:127.0.0.1", true },
    { "network: IPv4, mapped", "::ffff:10.0.0.0/104", "10.9.9.9", true },
    { "network: IPv4, mapped, wider than IPv4", "::ffff:10.0.0.0/95", NULL, false },
    { "network: 33 bits of IPv4", "10.0.0.0/33", NULL, false },
    { "network: 129 bits", "::/129", NULL, false },
    { "network: no bits", "10.0.0.0/", NULL, false },
    { "network: signed bits", "10.0.0.0/-1", NULL, false },
    { "network: a mask", "10.0.0.0/255.0.0.0", NULL, false },
    { "network: very many bits", "10.0.0.0/4294967304", NULL, false },
    { "network: no address", "/8", NULL, false },
    { "network: a name", "ingress/8", NULL, false },
};

static void a_network_holds_its_addresses(void **state)
{
    const struct network_case *c = *state;
    struct network network;
    const bool read = network_parse(c->network, strlen(c->network), &network);

    assert_int_equal(read, c->address != NULL);
    if (c->address) {
        const struct address address = address_of(c->address);
        assert_int_equal(network_holds(&network, &address), c->holds);
    }
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_ROWS(&tests, an_address_is_read, address_cases);
    ADD_TEST(&tests, a_nul_ends_no_address);
    ADD_ROWS(&tests, a_site_is_counted_as_one, site_cases);
    ADD_ROWS(&tests, a_network_holds_its_addresses, network_cases);
    return tests_run("address", &tests);
}
