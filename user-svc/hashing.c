#include "hashing.h"

#include <unistd.h>

enum { MIB = 1024 * 1024, KIB_A_MIB = 1024 };

static uint64_t budget_kib(const struct hashing *hashing)
{
    const uint64_t service = (uint64_t)HASHING_SERVICE_MIB * MIB;

    if (hashing->memory_mib > 0)
        return (uint64_t)hashing->memory_mib * KIB_A_MIB;
    return hashing->limit_bytes > service ? (hashing->limit_bytes - service) / 1024 : 0;
}

static size_t wanted_threads(const struct hashing *hashing)
{
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);

    if (hashing->threads > 0)
        return hashing->threads;
    return cores > 0 ? (size_t)cores : 1;
}

size_t hashing_threads(const struct hashing *hashing)
{
    const uint64_t fit = budget_kib(hashing) / hashing->memory_kib;
    const size_t wanted = wanted_threads(hashing);

    return fit < wanted ? (size_t)fit : wanted;
}
