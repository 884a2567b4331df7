/* How many passwords may be hashed at one time: as many as there are cores, and as memory allows.
 */
#ifndef HASHING_H
#define HASHING_H

#include <stddef.h>
#include <stdint.h>

struct hashing {
    uint32_t memory_kib;  /* of one hash */
    uint32_t threads;     /* wanted; 0: as many as cores, for more only take memory */
    uint32_t memory_mib;  /* for all hashes; 0: what the limit leaves beside the service itself */
    uint64_t limit_bytes; /* of the process: memory_limit() */
};

enum {
    /* What the service needs itself: 15 MiB when idle, and 16 KiB at most for each of some 3,000
     * connections. */
    HASHING_SERVICE_MIB = 64,
};

/* 0: not even one fits. */
size_t hashing_threads(const struct hashing *hashing);

#endif
