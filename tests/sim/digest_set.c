/* Open addressing: digests are their own hash. */
#include "sim/digest_set.h"

#include <assert.h>
#include <stdlib.h>

enum { ROOM_MIN = 1 << 12 };

static uint64_t *slot_of(const struct digest_set *set, uint64_t digest)
{
    size_t i = digest & (set->room - 1);
    while (set->slots[i] != 0 && set->slots[i] != digest)
        i = (i + 1) & (set->room - 1);
    return &set->slots[i];
}

static void grow(struct digest_set *set)
{
    struct digest_set larger = { .room = set->room ? 2 * set->room : ROOM_MIN,
                                 .count = set->count };
    larger.slots = calloc(larger.room, sizeof *larger.slots);
    assert(larger.slots);
    for (size_t i = 0; i < set->room; i++)
        if (set->slots[i] != 0)
            *slot_of(&larger, set->slots[i]) = set->slots[i];
    free(set->slots);
    *set = larger;
}

bool digest_set_add(struct digest_set *set, uint64_t digest)
{
    if (2 * set->count >= set->room)
        grow(set);
    digest += digest == 0; /* 0 is an empty slot */

    uint64_t *slot = slot_of(set, digest);
    if (*slot == digest)
        return false;
    *slot = digest;
    set->count++;
    return true;
}

void digest_set_done(struct digest_set *set)
{
    free(set->slots);
}
