/* A growing set of 64-bit digests. */
#ifndef SIM_DIGEST_SET_H
#define SIM_DIGEST_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct digest_set { /* begins zeroed */
    uint64_t *slots;
    size_t room, count;
};

/* True: it was not in there. Asserts that there is memory. */
bool digest_set_add(struct digest_set *set, uint64_t digest);
void digest_set_done(struct digest_set *set);

#endif
