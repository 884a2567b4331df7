#include "http/proxies.h"

#include <string.h>

bool proxies_parse(const char *list, struct proxies *out)
{
    struct proxies proxies = { .count = 0 };

    for (const char *at = list;; at++) {
        at += strspn(at, " ");
        const size_t length = strcspn(at, " ,");
        if (proxies.count == PROXIES_MAX ||
            !network_parse(at, length, &proxies.networks[proxies.count++]))
            return false;
        at += length;
        at += strspn(at, " ");
        if (*at == '\0')
            break;
        if (*at != ',')
            return false;
    }
    *out = proxies;
    return true;
}

bool proxies_trust(const struct proxies *proxies, const struct address *address)
{
    for (size_t i = 0; i < proxies->count; i++)
        if (network_holds(&proxies->networks[i], address))
            return true;
    return false;
}
